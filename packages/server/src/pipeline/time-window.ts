import { limits } from '../limits.ts';

/** The starts that are accepted, in Unix milliseconds: what retention would drop at once is not stored. */
export interface TimeWindow {
  readonly fromMillis: number;
  readonly toMillis: number;
}

export function timeWindow(nowMillis: number, retentionMillis: number): TimeWindow {
  return { fromMillis: nowMillis - retentionMillis, toMillis: nowMillis + limits.startAheadMillis.value };
}

export function isInside(window: TimeWindow, low: number, high: number): boolean {
  const millis = ((high >>> 0) * 0x1_0000_0000 + (low >>> 0)) / 1e6;
  return millis >= window.fromMillis && millis <= window.toMillis;
}

/** True when the bytes are an id of `length` bytes and not all zeros. */
export function isId(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  if (end - start !== length) return false;
  for (let position = start; position < end; position += 1) if (bytes[position] !== 0) return true;
  return false;
}
