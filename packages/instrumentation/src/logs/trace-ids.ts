import { isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';

/** Span context of the active span, if there is a valid one. */
export function activeSpanContext(): SpanContext | undefined {
  const spanContext = trace.getActiveSpan()?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}

/** Trace id of the active span, 32 hex digits; absent outside a trace. For a link to the trace in an answer or a page. */
export function currentTraceId(): string | undefined {
  return activeSpanContext()?.traceId;
}
