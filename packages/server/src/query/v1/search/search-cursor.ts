import { createHash } from 'node:crypto';
import { isSpanId, isTraceId, type SpanId, type TraceId, type UnixNano, unixNano } from '@spanwise/model';
import type { SpanPlace } from '@spanwise/store';

/** What the pages of one answer have in common. */
export interface Pages {
  readonly from: UnixNano;
  readonly to: UnixNano;
  readonly ingestSeq: bigint;
  /** Unix milliseconds: histories are those of then. */
  readonly asOfMillis: number;
}

export type SearchCursor =
  | { readonly type: 'place'; readonly pages: Pages; readonly place: SpanPlace }
  | { readonly type: 'frozen'; readonly list: string; readonly offset: number };

/** A short mark of all that must be the same on each page. */
export function questionMark(question: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12);
}

/** Opaque to its holder; holds nothing that the page did not show, apart from the number of a segment. */
export function formatSearchCursor(mark: string, cursor: SearchCursor): string {
  const parts =
    cursor.type === 'frozen'
      ? ['f', mark, cursor.list, cursor.offset]
      : [
          ...['p', mark, cursor.pages.from, cursor.pages.to, cursor.pages.ingestSeq, cursor.pages.asOfMillis],
          ...[cursor.place.value, cursor.place.startTimeUnixNano, cursor.place.traceId, cursor.place.spanId],
        ];
  return Buffer.from(parts.join(' ')).toString('base64url');
}

const place =
  /^p (\S{12}) (\d{1,19}) (\d{1,19}) (\d{1,20}) (\d{1,16}) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?) (\d{1,19}) ([0-9a-f]{32}) ([0-9a-f]{16})$/;
const frozen = /^f (\S{12}) ([\w-]{16}) (\d{1,6})$/;

/** Absence: undefined for what `formatSearchCursor` did not write, or wrote for another question. */
export function parseSearchCursor(mark: string, cursor: string): SearchCursor | undefined {
  if (cursor.length > 512) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const [, frozenMark, list, offset] = frozen.exec(text) ?? [];
  if (frozenMark === mark) return { type: 'frozen', list: list!, offset: Number(offset) };
  const [, placeMark, from, to, seq, asOf, value, start, traceId, spanId] = place.exec(text) ?? [];
  if (placeMark !== mark) return undefined;
  const times = [from!, to!, start!].map(BigInt);
  if (times.some((time) => time >= 2n ** 63n) || BigInt(seq!) >= 2n ** 64n || Number(asOf) > 8.64e15) {
    return undefined;
  }
  if (!Number.isFinite(Number(value)) || !isTraceId(traceId!) || !isSpanId(spanId!)) return undefined;
  return {
    type: 'place',
    pages: {
      from: unixNano(from!),
      to: unixNano(to!),
      ingestSeq: BigInt(seq!),
      asOfMillis: Number(asOf),
    },
    place: { value: Number(value), startTimeUnixNano: unixNano(start!), traceId, spanId },
  };
}

/** Behind all that began at this moment. */
export function endOfMoment(startTimeUnixNano: UnixNano): SpanPlace {
  return {
    value: 0,
    startTimeUnixNano,
    traceId: 'f'.repeat(32) as TraceId,
    spanId: 'f'.repeat(16) as SpanId,
  };
}
