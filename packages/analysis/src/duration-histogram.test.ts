import { bucketOfDuration, bucketStartNanos } from '@spanwise/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithUsual, countOf, describeUsual, quantile, rankOf } from './duration-histogram.ts';

function countsOf(durations: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const nanos of durations) {
    const bucket = bucketOfDuration(nanos);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return counts;
}

const durations = fc.array(fc.integer({ min: 1, max: 3_600_000_000_000 }), { minLength: 1, maxLength: 200 });
/** The width of a bucket. */
const width = 2 ** (1 / 8);

describe('a bucket', () => {
  it('holds what it says, from nothing to a century', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3.2e18 }), (nanos) => {
        const bucket = bucketOfDuration(nanos);
        expect(bucketStartNanos(bucket)).toBeLessThanOrEqual(Math.max(nanos, 1) * (1 + 1e-12));
        expect(bucketStartNanos(bucket + 1)).toBeGreaterThan(Math.max(nanos, 1) * (1 - 1e-12));
      }),
    );
    expect(bucketOfDuration(0)).toBe(0);
  });
});

describe('a quantile', () => {
  it('is within a bucket of the exact one', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1]!;
        const found = quantile(countsOf(all), share)!;
        expect(found / exact).toBeLessThanOrEqual(width * (1 + 1e-9));
        expect(exact / found).toBeLessThanOrEqual(width * (1 + 1e-9));
      }),
    );
  });

  it('is absent where nothing was counted', () => {
    expect(quantile(new Map(), 0.5)).toBeUndefined();
    expect(quantile(new Map([[3, 0]]), 0.5)).toBeUndefined();
  });
});

describe('a rank', () => {
  it('is the share that is shorter, give or take its own bucket', () => {
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 3_600_000_000_000 }), (all, nanos) => {
        const counts = countsOf(all);
        const own = counts.get(bucketOfDuration(nanos)) ?? 0;
        const exact = all.filter((one) => one < nanos).length / all.length;
        expect(Math.abs(rankOf(counts, nanos) - exact)).toBeLessThanOrEqual(own / countOf(counts) + 1e-9);
      }),
    );
  });
});

describe('what is usual', () => {
  const history = countsOf(Array.from({ length: 1_000 }, (_, n) => 1e9 + n * 1e6)); // 1 to 2 s

  it.each([
    [5.7e9, '3.8 × its usual, slower than all 1,000 calls'],
    [1.5e12, /^1,00\d × its usual, slower than all 1,000 calls$/],
    [1e6, '< 0.01 × its usual, faster than all 1,000 calls'],
    [1.95e9, /^1\.3 × its usual, slower than 9\d % of 1,000 calls$/],
    [1.5e9, 'as usual among 1,000 calls'],
    [0.5e9, '0.33 × its usual, faster than all 1,000 calls'],
  ])('%d ns is %s', (nanos, text) => {
    const usual = compareWithUsual(history, nanos)!;
    const described = describeUsual(usual).replaceAll('\u202f', ' ');
    if (typeof text === 'string') expect(described).toBe(text);
    else expect(described).toMatch(text);
  });

  it('is not known from a handful of calls', () =>
    expect(compareWithUsual(countsOf([1e9, 2e9, 3e9]), 1e9)).toBeUndefined());
});
