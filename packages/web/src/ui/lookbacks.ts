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
