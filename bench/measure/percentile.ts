/** Nearest rank. Sorts in place; NaN for an empty list. */
export function percentile(values: number[], share: number): number {
  values.sort((left, right) => left - right);
  return values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}

/** `12.3` for what is read by people. */
export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
