import { unixNano } from '@spanwise/model';
import type { LogPlace } from '@spanwise/store';

/** Where a page of log records goes on, and in which direction. */
export interface LogCursor {
  readonly direction: 'older' | 'newer';
  readonly place: LogPlace;
}

/** Opaque to its holder; holds nothing that the page did not show. */
export function formatLogCursor(direction: LogCursor['direction'], place: LogPlace): string {
  const text = `${direction}.${place.timeUnixNano}.${place.ingestSeq}.${place.row}`;
  return Buffer.from(text).toString('base64url');
}

/** Absence: undefined for what `formatLogCursor` did not write. */
export function parseLogCursor(cursor: string): LogCursor | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, direction, time, seq, row] =
    /^(older|newer)\.(\d{1,19})\.(\d{1,20})\.(\d{1,10})$/.exec(text) ?? [];
  if (
    direction === undefined ||
    BigInt(time!) >= 2n ** 63n ||
    BigInt(seq!) >= 2n ** 64n ||
    Number(row) >= 2 ** 32
  ) {
    return undefined;
  }
  return {
    direction: direction as LogCursor['direction'],
    place: { timeUnixNano: unixNano(BigInt(time!)), ingestSeq: BigInt(seq!), row: Number(row) },
  };
}
