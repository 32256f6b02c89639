import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { resolveBatchLimits } from './configuration/batch-limits.ts';
import { resolveExporterTarget } from './configuration/exporter-target.ts';
import { createSpanPipeline } from './export/export-pipeline.ts';
import { createTraceExporter } from './export/otlp-exporters.ts';
import { DEFAULT_SHUTDOWN_TIMEOUT_MILLIS, type TracingOptions } from './tracing-options.ts';

/**
 * The export half of `setupTracing` alone, gate included, for an application with a tracer provider of its
 * own: `new TracerProvider({ spanProcessors: [yours, createSpanProcessor()] })`.
 */
export function createSpanProcessor(
  options: Pick<TracingOptions, 'endpoint' | 'protocol' | 'batch'> = {},
): SpanProcessor {
  const exporter = createTraceExporter(
    resolveExporterTarget(options, 'TRACES'),
    DEFAULT_SHUTDOWN_TIMEOUT_MILLIS,
  );
  return createSpanPipeline(exporter, resolveBatchLimits(options.batch ?? {}, 'OTEL_BSP')).processor;
}
