/** How far back pages look, with words for it. */
export const lookbacks = [
  ['5m', 'Last 5 minutes'],
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['6h', 'Last 6 hours'],
  ['24h', 'Last 24 hours'],
  ['2d', 'Last 2 days'],
  ['7d', 'Last 7 days'],
  ['14d', 'Last 14 days'],
] as const;

/** A look-back from a link that the list does not offer stays visible. */
export function lookbacksWith(lookback: string | undefined): readonly (readonly [string, string])[] {
  if (lookback === undefined || lookbacks.some(([value]) => value === lookback)) return lookbacks;
  return [...lookbacks, [lookback, `Last ${lookback}`]];
}

/** The next longer look-back, for "widen". Absence: undefined when there is none. */
export function widerLookback(lookback: string): string | undefined {
  const at = lookbacks.findIndex(([value]) => value === lookback);
  return at === -1 ? lookbacks.at(-1)![0] : lookbacks[at + 1]?.[0];
}

const unitMillis: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Of a look-back such as `15m`, as URLs hold it. */
export function lookbackMillis(lookback: string): number {
  return Number(lookback.slice(0, -1)) * (unitMillis[lookback.slice(-1)] ?? 0);
}
