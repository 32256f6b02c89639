import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { resolveBatchLimits } from './configuration/batch-limits.ts';
import { resolveDiskBuffer } from './configuration/disk-buffer.ts';
import { resolveExporterTarget } from './configuration/exporter-target.ts';
import { createSpanPipeline } from './export/export-pipeline.ts';
import { LossReport } from './export/loss-report.ts';
import { spanEncoding } from './export/otlp-encoding.ts';
import { createTransport } from './export/otlp-transports.ts';
import { DEFAULT_SHUTDOWN_TIMEOUT_MILLIS, type TracingOptions } from './tracing-options.ts';

/**
 * The export half of `setupTracing` alone, gate included, for an application with a tracer provider of its
 * own: `new TracerProvider({ spanProcessors: [yours, createSpanProcessor()] })`.
 */
export function createSpanProcessor(
  options: Pick<TracingOptions, 'endpoint' | 'protocol' | 'batch' | 'diskBuffer'> = {},
): SpanProcessor {
  const target = resolveExporterTarget(options, 'TRACES');
  return createSpanPipeline({
    encoding: spanEncoding(target.protocol),
    transport: createTransport(target, 'TRACES', DEFAULT_SHUTDOWN_TIMEOUT_MILLIS),
    limits: resolveBatchLimits(options.batch ?? {}, 'OTEL_BSP'),
    diskBuffer: resolveDiskBuffer(options, 'spans', target.protocol),
    losses: new LossReport(),
    shutdownTimeoutMillis: DEFAULT_SHUTDOWN_TIMEOUT_MILLIS,
  }).processor;
}
