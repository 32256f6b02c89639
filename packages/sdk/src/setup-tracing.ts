import { context, diag, logs, ProxyTracerProvider, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { getBooleanFromEnv } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { resolveLogRecordLimits, resolveSpanLimits } from './configuration/attribute-limits.ts';
import { resolveBatchLimits } from './configuration/batch-limits.ts';
import { resolveDiskBuffer } from './configuration/disk-buffer.ts';
import { resolveExporterTarget } from './configuration/exporter-target.ts';
import { createResource } from './configuration/resource.ts';
import { createSampler } from './configuration/sampler.ts';
import { isExportWanted } from './configuration/signal-exporter.ts';
import { ensureDiagLogger } from './diag-logger.ts';
import { createLogPipeline, createSpanPipeline, type ExportCounts } from './export/export-pipeline.ts';
import { LossReport } from './export/loss-report.ts';
import { logEncoding, spanEncoding } from './export/otlp-encoding.ts';
import { createTransport } from './export/otlp-transports.ts';
import { SelfReport } from './export/self-report.ts';
import { nameSpansByFastifyRoutes } from './instrumentations/fastify-routes.ts';
import { createHttpInstrumentation, HEALTH_PATHS } from './instrumentations/http-instrumentation.ts';
import { createInstalledInstrumentations } from './instrumentations/installed-instrumentations.ts';
import { createPropagator } from './propagation/create-propagator.ts';
import { createTracing, type Tracing } from './tracing.ts';
import { DEFAULT_SHUTDOWN_TIMEOUT_MILLIS, type TracingOptions } from './tracing-options.ts';
import { SDK_NAME, SDK_VERSION } from './version.ts';

const NOTHING_EXPORTED: ExportCounts = { exported: 0, queued: 0, dropped: 0, failed: 0, lost: {} };

let current: Tracing | undefined;

/**
 * Traces this process: resource, context, propagation, export, HTTP in and out. Call it once, first thing;
 * a second call says so and returns what the first one returned. It adds to OpenTelemetry's globals and
 * replaces nothing: where another tracer provider is registered it does nothing but say how to add ours
 * to it. Never throws; without a backend the service runs as before and counts what it could not send.
 *
 * @param serviceName `service.name`: the same for all instances of a service.
 */
export function setupTracing(serviceName: string, options: TracingOptions = {}): Tracing {
  if (current !== undefined) {
    diag.warn(
      `Spanwise: setupTracing('${serviceName}') was called again and is ignored; tracing runs as '${current.serviceName}'.`,
    );
    return current;
  }
  ensureDiagLogger();
  if (getBooleanFromEnv('OTEL_SDK_DISABLED')) {
    current = createIdleTracing(serviceName);
  } else if (hasTracerProvider()) {
    diag.warn(
      "Spanwise: an OpenTelemetry tracer provider is already registered, so setupTracing changes nothing. To send its spans to Spanwise, give it createSpanProcessor() of '@spanwise/sdk' as a further span processor.",
    );
    current = createIdleTracing(serviceName);
  } else {
    current = startTracing(serviceName, options);
  }
  return current;
}

/** The tracing of this process, if `setupTracing` has run. */
export function currentTracing(): Tracing | undefined {
  return current;
}

function startTracing(serviceName: string, options: TracingOptions): Tracing {
  const resource = createResource(serviceName, options);
  const batch = options.batch ?? {};
  const shutdownTimeoutMillis = options.shutdownTimeoutMillis ?? DEFAULT_SHUTDOWN_TIMEOUT_MILLIS;
  const losses = new LossReport();
  const shared = { losses, shutdownTimeoutMillis, onDelivered: () => selfReport.tell() };
  const spanTarget = resolveExporterTarget(options, 'TRACES');
  const spans = isExportWanted('TRACES')
    ? createSpanPipeline({
        ...shared,
        encoding: spanEncoding(spanTarget.protocol),
        transport: createTransport(spanTarget, 'TRACES', shutdownTimeoutMillis),
        limits: resolveBatchLimits(batch, 'OTEL_BSP'),
        diskBuffer: resolveDiskBuffer(options, 'spans', spanTarget.protocol),
      })
    : undefined;
  const logTarget = resolveExporterTarget(options, 'LOGS');
  const logRecords = isExportWanted('LOGS')
    ? createLogPipeline({
        ...shared,
        encoding: logEncoding(logTarget.protocol),
        transport: createTransport(logTarget, 'LOGS', shutdownTimeoutMillis),
        limits: resolveBatchLimits(batch, 'OTEL_BLRP'),
        diskBuffer: resolveDiskBuffer(options, 'log records', logTarget.protocol),
      })
    : undefined;

  const tracerProvider = new TracerProvider({
    resource,
    sampler: createSampler(serviceName),
    spanLimits: resolveSpanLimits(),
    spanProcessors: [...(options.spanProcessors ?? []), ...(spans ? [spans.processor] : [])],
  });
  const loggerProvider = new LoggerProvider({
    resource,
    logRecordLimits: resolveLogRecordLimits(),
    processors: logRecords ? [logRecords.processor] : [],
  });

  const selfReport = new SelfReport(losses, loggerProvider.getLogger(SDK_NAME, SDK_VERSION));

  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(createPropagator());
  trace.setGlobalTracerProvider(tracerProvider);
  logs.setGlobalLoggerProvider(loggerProvider);

  registerInstrumentations({
    instrumentations: [
      createHttpInstrumentation(options.ignoredPaths ?? HEALTH_PATHS),
      new UndiciInstrumentation(),
      ...createInstalledInstrumentations(),
      ...(options.instrumentations ?? []),
    ],
  });
  nameSpansByFastifyRoutes();

  const tracing = createTracing({
    serviceName,
    tracer: tracerProvider.getTracer(SDK_NAME, SDK_VERSION),
    forceFlush: () => Promise.allSettled([tracerProvider.forceFlush(), loggerProvider.forceFlush()]),
    shutdown: async () => {
      spans?.beginClosing();
      logRecords?.beginClosing();
      await Promise.allSettled([tracerProvider.shutdown(), loggerProvider.forceFlush()]);
      selfReport.tellNow();
      await loggerProvider.shutdown();
    },
    exportCounts: () => ({
      spans: spans?.counts() ?? NOTHING_EXPORTED,
      logRecords: logRecords?.counts() ?? NOTHING_EXPORTED,
    }),
    shutdownTimeoutMillis,
  });
  // A script that just ends would lose its last batch, since the batch timer does not hold the process.
  process.once('beforeExit', () => tracing.shutdown());
  // `process.exit()` and errors that nobody caught come straight here.
  process.once('exit', () => {
    spans?.keepNow();
    logRecords?.keepNow();
  });
  return tracing;
}

/** Spans go wherever the registered provider sends them, or nowhere; nothing here has to be flushed. */
function createIdleTracing(serviceName: string): Tracing {
  return createTracing({
    serviceName,
    tracer: trace.getTracer(SDK_NAME, SDK_VERSION),
    forceFlush: async () => {},
    shutdown: async () => {},
    exportCounts: () => ({ spans: NOTHING_EXPORTED, logRecords: NOTHING_EXPORTED }),
    shutdownTimeoutMillis: DEFAULT_SHUTDOWN_TIMEOUT_MILLIS,
  });
}

function hasTracerProvider(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SDK_NAME) !== undefined;
}
