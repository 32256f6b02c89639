import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

export interface RecordedMetric {
  readonly unit: string;
  /** One for each combination of dimensions. */
  readonly dataPoints: readonly DataPoint<Histogram>[];
}

/** A real OpenTelemetry meter provider, registered globally until it is read. For tests. */
export function startMetricRecorder() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
  });
  metrics.disable();
  metrics.setGlobalMeterProvider(provider);
  return {
    /** What was recorded so far, by the metric's name. The end of this recorder. */
    async read(): Promise<ReadonlyMap<string, RecordedMetric>> {
      await provider.forceFlush();
      await provider.shutdown();
      metrics.disable();
      const all = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return new Map(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          { unit: descriptor.unit, dataPoints: dataPoints as DataPoint<Histogram>[] },
        ]),
      );
    },
  };
}
