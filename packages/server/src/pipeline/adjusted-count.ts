const maxThreshold = 2 ** 56;

/**
 * How many spans one sampled span stands for, from `ot=…th:…` of a W3C trace state: the rejection threshold, hex
 * digits with trailing zeros left out. 1 when it says nothing.
 * (OpenTelemetry, "TraceState: Probability Sampling", rejection threshold.)
 */
export function adjustedCountOf(traceState: string): number {
  const vendor = /(?:^|,)\s*ot=([^,]*)/.exec(traceState)?.[1];
  if (vendor === undefined) return 1;
  const threshold = /(?:^|;)th:([0-9a-f]{1,14})(?:;|\s*$)/.exec(vendor)?.[1];
  if (threshold === undefined) return 1;
  return maxThreshold / (maxThreshold - Number.parseInt(threshold.padEnd(14, '0'), 16));
}
