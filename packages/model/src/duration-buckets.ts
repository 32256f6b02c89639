import type { Nanos } from './time.ts';

/**
 * Durations are counted in buckets whose bounds are powers of two, each octave cut into eight: a bucket is 9 %
 * wide from 1 ns to centuries, so counts of any two times, services or machines may be added, and a percentile is
 * off by less than 5 %. The store's SQL uses the same formula.
 */
export const bucketsPerOctave = 8;

/** Of what took no time, too: 0 is counted as 1 ns. */
export function bucketOfDuration(nanos: Nanos): number {
  return Math.floor(Math.log2(Math.max(nanos, 1)) * bucketsPerOctave);
}

/** Inclusive. The bucket ends where the next one begins. */
export function bucketStartNanos(bucket: number): Nanos {
  return 2 ** (bucket / bucketsPerOctave);
}
