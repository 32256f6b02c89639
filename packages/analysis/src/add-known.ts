/** A sum of counts of which some are unknown (negative): -1 until one is known. */
export function addKnown(sum: number, value: number): number {
  return value < 0 ? sum : Math.max(sum, 0) + value;
}
