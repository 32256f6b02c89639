import type { Nanos } from '@spanwise/model';

const unitNanos: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  // U+00B5, micro sign, and U+03BC, Greek mu: Go takes both.
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const pattern = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Go keeps durations as int64 nanoseconds: about 292 years. */
const nanosMax = 2 ** 63;

/**
 * Parses a duration as Go writes it: `1.2s`, `100ms`, `500us`, `1h30m`, `-5s`, `0`.
 * Gives: whole nanoseconds, what is below is cut.
 * Absence: undefined when it is not one, and beyond int64. (Go, time.ParseDuration.)
 */
export function parseGoDuration(text: string): Nanos | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const [, sign, parts] = pattern.exec(text) ?? [];
  if (parts === undefined) return undefined;
  let nanos = 0;
  for (const [, number, unit] of parts.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    nanos += Number(number) * (unitNanos[unit as string] as number); // the pattern lets no other unit in
  }
  // 1.2 × 1e9 is not always whole in a double: round to a thousandth of a nanosecond before cutting.
  const whole = Math.floor(Math.round(nanos * 1_000) / 1_000);
  if (whole >= nanosMax) return undefined;
  return sign === '-' ? -whole : whole;
}
