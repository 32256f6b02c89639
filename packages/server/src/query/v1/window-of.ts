import { invalidParameter } from '../query-error.ts';

/** Unix milliseconds, both inclusive. */
export interface Window {
  readonly startMillis: number;
  readonly endMillis: number;
}

/** From `start` and `end`, or `lookback` before the end. @throws QueryError for windows that are none. */
export function windowOf(
  given: {
    readonly start?: number | undefined;
    readonly end?: number | undefined;
    readonly lookback?: number | undefined;
  },
  now: number,
  defaultLookbackMillis: number,
): Window {
  if (given.start !== undefined && given.lookback !== undefined) {
    throw invalidParameter('lookback', 'give either start or lookback');
  }
  const endMillis = given.end ?? now;
  const startMillis = given.start ?? Math.max(0, endMillis - (given.lookback ?? defaultLookbackMillis));
  if (startMillis > endMillis) throw invalidParameter('start', 'lies after end');
  return { startMillis, endMillis };
}
