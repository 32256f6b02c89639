import { activeSpanContext } from './trace-ids.ts';

/** Fields that join a log line to its span. The names are those of OpenTelemetry's own log instrumentations. */
export interface TraceLogFields {
  /** 32 hex digits. */
  trace_id?: string;
  /** 16 hex digits. */
  span_id?: string;
  /** Two hex digits; `01` means sampled. */
  trace_flags?: string;
  'service.name'?: string;
}

/** Of the span active now; outside of a trace only the service's name, if it is given. */
export function traceLogFields(serviceName?: string): TraceLogFields {
  const fields: TraceLogFields = {};
  const spanContext = activeSpanContext();
  if (spanContext !== undefined) {
    fields.trace_id = spanContext.traceId;
    fields.span_id = spanContext.spanId;
    fields.trace_flags = spanContext.traceFlags.toString(16).padStart(2, '0');
  }
  if (serviceName !== undefined) fields['service.name'] = serviceName;
  return fields;
}
