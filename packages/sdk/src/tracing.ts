import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import type { ExportCounts } from './export/export-pipeline.ts';

/** An OpenTelemetry tracer for spans of your own, and the two calls that a service needs at its end. */
export interface Tracing extends Tracer {
  /** Name given to the first `setupTracing`. */
  readonly serviceName: string;
  /** Sends what waits. Never rejects; gives up at the deadline (`shutdownTimeoutMillis`). Not for request handlers: it waits for the network. */
  forceFlush(): Promise<void>;
  /** Sends what waits and stops. Never rejects, ends by the deadline. Spans that end later are not sent. */
  shutdown(): Promise<void>;
  /** What became of spans and log records so far; a health check may show it. */
  exportCounts(): { readonly spans: ExportCounts; readonly logRecords: ExportCounts };
}

/** The parts behind a {@link Tracing}. */
export interface TracingParts {
  readonly serviceName: string;
  readonly tracer: Tracer;
  /** Both settle when the work is done, however long it takes. */
  readonly forceFlush: () => Promise<unknown>;
  readonly shutdown: () => Promise<unknown>;
  readonly exportCounts: Tracing['exportCounts'];
  readonly shutdownTimeoutMillis: number;
}

export function createTracing(parts: TracingParts): Tracing {
  const { tracer, shutdownTimeoutMillis } = parts;
  let shutdown: Promise<void> | undefined;
  return {
    serviceName: parts.serviceName,
    startSpan: (name: string, options?: SpanOptions, context?: Context): Span =>
      tracer.startSpan(name, options, context),
    startActiveSpan: tracer.startActiveSpan.bind(tracer) as Tracer['startActiveSpan'],
    forceFlush: () => settleWithin(parts.forceFlush, shutdownTimeoutMillis),
    shutdown: () => {
      shutdown ??= settleWithin(parts.shutdown, shutdownTimeoutMillis);
      return shutdown;
    },
    exportCounts: parts.exportCounts,
  };
}

/** Resolves when `work` settles, either way, or when the time is over. The timer holds the process until then. */
async function settleWithin(work: () => Promise<unknown>, millis: number): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, millis);
  // What failed has been counted and reported by the exporter; a caller at its end can do nothing about it.
  await Promise.race([work().catch(() => {}), over.promise]);
  clearTimeout(timer);
}
