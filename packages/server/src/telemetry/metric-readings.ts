import type { CountsByReason, DurationSummary } from '@spanwise/api';
import type { Registry } from 'prom-client';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** What the metrics say now, for who shows them to people. */
export class MetricReadings {
  readonly #samples: ReadonlyMap<string, readonly Sample[]>;

  private constructor(samples: ReadonlyMap<string, readonly Sample[]>) {
    this.#samples = samples;
  }

  static async read(registry: Registry): Promise<MetricReadings> {
    const metrics = await registry.getMetricsAsJSON();
    return new MetricReadings(
      new Map(
        metrics.map(({ name, values }) => [
          name,
          values.map((value) => ({
            name: (value as { metricName?: string }).metricName ?? name,
            labels: value.labels as Sample['labels'],
            value: value.value,
          })),
        ]),
      ),
    );
  }

  /** Of all series with these labels. */
  sum(metric: string, labels: Sample['labels'] = {}): number {
    return this.#of(metric, labels).reduce((total, { value }) => total + value, 0);
  }

  /** Sums by the value of one label. */
  by(metric: string, label: string, labels: Sample['labels'] = {}): CountsByReason {
    const sums: Record<string, number> = {};
    for (const sample of this.#of(metric, labels)) {
      const key = String(sample.labels[label] ?? '');
      sums[key] = (sums[key] ?? 0) + sample.value;
    }
    return sums;
  }

  /** Of a histogram of seconds. */
  durations(metric: string, labels: Sample['labels'] = {}): DurationSummary {
    const samples = this.#of(metric, labels);
    const total = (suffix: string) =>
      samples.filter(({ name }) => name === `${metric}${suffix}`).reduce((sum, { value }) => sum + value, 0);
    const count = total('_count');
    const buckets = new Map<number, number>();
    for (const { name, labels: of, value } of samples) {
      if (name !== `${metric}_bucket`) continue;
      const bound = of.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(of.le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
    return {
      count,
      meanMillis: count === 0 ? 0 : (1_000 * total('_sum')) / count,
      p50Millis: 1_000 * percentile(buckets, count, 0.5),
      p99Millis: 1_000 * percentile(buckets, count, 0.99),
    };
  }

  #of(metric: string, labels: Sample['labels']): readonly Sample[] {
    const wanted = Object.entries(labels);
    return (this.#samples.get(metric) ?? []).filter((sample) =>
      wanted.every(([label, value]) => sample.labels[label] === value),
    );
  }
}

/**
 * Even within a bucket, as Prometheus' `histogram_quantile` reads one; above the last bound, that bound.
 * `buckets`: upper bound to count of all values up to it.
 */
function percentile(buckets: ReadonlyMap<number, number>, count: number, share: number): number {
  const wanted = count * share;
  let lower = 0;
  let below = 0;
  for (const [bound, upTo] of [...buckets].sort(([a], [b]) => a - b)) {
    if (bound === Number.POSITIVE_INFINITY) return lower;
    if (upTo >= wanted && upTo > below) return lower + ((bound - lower) * (wanted - below)) / (upTo - below);
    lower = bound;
    below = upTo;
  }
  return lower;
}
