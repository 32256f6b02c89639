/** Answer of `/api/metrics/*`, without the envelope. (OpenMetrics' protobuf, as Go's jsonpb writes it.) */
export interface JaegerMetricFamily {
  readonly name: string;
  readonly type: 'GAUGE';
  readonly help: string;
  readonly metrics: readonly JaegerMetric[];
}

export interface JaegerMetric {
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly metricPoints: readonly {
    readonly gaugeValue: { readonly doubleValue: number };
    /** RFC 3339. */
    readonly timestamp: string;
  }[];
}

export type JaegerMetricKind = 'calls' | 'errors' | { readonly quantile: number };

export interface MetricSeries {
  readonly service: string;
  /** Absent where operations are not told apart. */
  readonly operation?: string;
  readonly points: readonly { readonly millis: number; readonly value: number }[];
}

/** Calls are per second, errors a share of calls, latencies milliseconds. */
export function toJaegerMetricFamily(
  kind: JaegerMetricKind,
  groupByOperation: boolean,
  series: readonly MetricSeries[],
): JaegerMetricFamily {
  const prefix = groupByOperation ? 'service_operation' : 'service';
  const grouped = `grouped by service${groupByOperation ? ' & operation' : ''}`;
  const [name, help] =
    kind === 'calls'
      ? ['call_rate', `calls/sec, ${grouped}`]
      : kind === 'errors'
        ? ['error_rate', `error rate, computed as a fraction of errors/sec over calls/sec, ${grouped}`]
        : ['latencies', `${kind.quantile.toFixed(2)}th quantile latency, ${grouped}`];
  return {
    name: `${prefix}_${name}`,
    type: 'GAUGE',
    help,
    metrics: series.map(({ service, operation, points }) => ({
      labels: [
        ...(operation === undefined ? [] : [{ name: 'operation', value: operation }]),
        { name: 'service_name', value: service },
      ],
      metricPoints: points.map(({ millis, value }) => ({
        gaugeValue: { doubleValue: value },
        timestamp: new Date(millis).toISOString(),
      })),
    })),
  };
}
