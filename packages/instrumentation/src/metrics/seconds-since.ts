/**
 * Seconds from `startedAt`, on the clock of `performance.now()`, to `endTime`, in epoch milliseconds, or to now.
 * Never below 0.
 */
export function secondsSince(startedAt: number, endTime?: number): number {
  const endedAt = endTime === undefined ? performance.now() : endTime - performance.timeOrigin;
  return Math.max(0, (endedAt - startedAt) / 1000);
}
