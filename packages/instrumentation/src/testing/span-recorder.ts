import { context, DiagLogLevel, diag, propagation, type SpanContext, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';

/** A real OpenTelemetry SDK that keeps what ended. For tests; one for each test file, since it registers globally. */
export function startSpanRecorder() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const diagnostics: unknown[][] = [];
  const keep = (...message: unknown[]) => diagnostics.push(message);
  diag.setLogger(
    { error: keep, warn: keep, info: keep, debug: keep, verbose: keep },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  );
  return {
    /** Ended spans, in the order of their ends. */
    spans: (): ReadableSpan[] => exporter.getFinishedSpans(),
    /** The one ended span of this name. */
    getSpan(name: string): ReadableSpan {
      const [span, another] = exporter.getFinishedSpans().filter((candidate) => candidate.name === name);
      if (span === undefined) throw new Error(`no ended span is called ${name}`);
      if (another !== undefined) throw new Error(`several ended spans are called ${name}`);
      return span;
    },
    /** Everything that OpenTelemetry and we had to say, of every level. */
    diagnostics: (): readonly (readonly unknown[])[] => diagnostics,
    clear: () => {
      exporter.reset();
      diagnostics.length = 0;
    },
  };
}

export type SpanRecorder = ReturnType<typeof startSpanRecorder>;

/** Each span as `name < parent's name`, in the order of their ends. */
export function drawTree(spans: readonly ReadableSpan[]): string[] {
  const nameOf = (parent: SpanContext | undefined) =>
    spans.find((span) => span.spanContext().spanId === parent?.spanId)?.name;
  return spans.map((span) => {
    const parentName = nameOf(span.parentSpanContext);
    return parentName === undefined ? span.name : `${span.name} < ${parentName}`;
  });
}
