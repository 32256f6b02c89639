import { bucketOfDuration, bucketStartNanos, type Nanos } from '@spanwise/model';

/** How often durations of each bucket occurred (`bucketOfDuration`); counts may be fractions (sampling). */
export type DurationCounts = ReadonlyMap<number, number>;

export function countOf(counts: DurationCounts): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/**
 * The duration that a share (0 to 1) of all stay at or below, interpolated inside its bucket.
 * Absence: undefined when nothing was counted.
 */
export function quantile(counts: DurationCounts, share: number): Nanos | undefined {
  const total = countOf(counts);
  if (total <= 0) return undefined;
  const wanted = share * total;
  let below = 0;
  const buckets = Array.from(counts).sort(([a], [b]) => a - b);
  for (const [bucket, count] of buckets) {
    if (count > 0 && below + count >= wanted) {
      return bucketStartNanos(bucket + Math.max(0, (wanted - below) / count));
    }
    below += count;
  }
  return bucketStartNanos(buckets.at(-1)![0] + 1); // there is one, for the total is more than zero
}

/** Which share of all is shorter, 0 to 1: of the duration's own bucket, the part below it. NaN when none was counted. */
export function rankOf(counts: DurationCounts, nanos: Nanos): number {
  const own = bucketOfDuration(nanos);
  const [from, to] = [bucketStartNanos(own), bucketStartNanos(own + 1)];
  let below = 0;
  for (const [bucket, count] of counts) {
    if (bucket < own) below += count;
    else if (bucket === own) below += (count * (Math.max(nanos, 1) - from)) / (to - from);
  }
  return below / countOf(counts);
}

/** How a duration compares with the stored ones of its operation. */
export interface Usual {
  readonly medianNanos: Nanos;
  /** The duration, in medians. */
  readonly ratio: number;
  /** Share of the stored ones that are shorter, 0 to 1. */
  readonly rank: number;
  /** How many there are. */
  readonly sampleCount: number;
}

/** Fewer say little about what is usual. */
export const usualSamplesMin = 20;

/** Absence: undefined where there is no history to speak of. */
export function compareWithUsual(counts: DurationCounts, nanos: Nanos): Usual | undefined {
  const sampleCount = countOf(counts);
  const medianNanos = quantile(counts, 0.5);
  if (medianNanos === undefined || sampleCount < usualSamplesMin) return undefined;
  return { medianNanos, ratio: nanos / medianNanos, rank: rankOf(counts, nanos), sampleCount };
}

/** From this ratio on, and this rank, a step is worth a remark in numbers. */
const unusual = { ratio: 1.5, rank: 0.9 } as const;

/** `3.8 × its usual, slower than 98 % of 1,204`; `as usual (median 1.10 s of 1,204)` where it is not unusual. */
export function describeUsual({ ratio, rank, sampleCount }: Usual): string {
  const samples = Math.round(sampleCount).toLocaleString('en');
  const times = `${formatRatio(ratio)}\u202f×\u202fits usual`;
  if (ratio >= unusual.ratio || rank >= unusual.rank) {
    return `${times}, slower than ${formatRank(rank)} ${samples} calls`;
  }
  if (ratio <= 1 / unusual.ratio) return `${times}, faster than ${formatRank(1 - rank)} ${samples} calls`;
  return `as usual among ${samples} calls`;
}

function formatRatio(ratio: number): string {
  if (ratio >= 10) return Math.round(ratio).toLocaleString('en');
  return ratio < 0.01 ? '<\u202f0.01' : ratio.toPrecision(2);
}

/** Never rounded up to all of them. */
function formatRank(rank: number): string {
  if (rank >= 1) return 'all';
  const percent = Math.floor(rank * 1_000) / 10;
  return `${percent >= 99 ? percent.toFixed(1) : Math.floor(percent)}\u202f% of`;
}
