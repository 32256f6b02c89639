import { percentile } from './percentile.ts';

const RESAMPLES = 2_000;

export interface PairedRatio {
  readonly median: number;
  /** 95 % confidence interval of the median, by bootstrap. */
  readonly low: number;
  readonly high: number;
}

/**
 * How `ours` compares with `theirs`, from rounds that took turns: the median of the ratios of neighbours. What
 * else the machine does slows both of a pair, so a ratio stays true where the two figures do not.
 */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): PairedRatio {
  const ratios = ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
  return medianWithInterval(ratios);
}

/** The median of a sample and its 95 % confidence interval: percentile bootstrap (Efron 1979). */
export function medianWithInterval(values: readonly number[]): PairedRatio {
  const medians = Array.from({ length: RESAMPLES }, () =>
    percentile(
      values.map(() => values[Math.floor(Math.random() * values.length)] ?? Number.NaN),
      0.5,
    ),
  );
  return {
    median: percentile([...values], 0.5),
    low: percentile(medians, 0.025),
    high: percentile(medians, 0.975),
  };
}

/** `1.12 (1.09–1.15)` */
export function withInterval({ median, low, high }: PairedRatio, digits = 2): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}
