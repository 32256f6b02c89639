import {
  type Context,
  isValidSpanId,
  isValidTraceId,
  type TextMapGetter,
  type TextMapPropagator,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { headerValue } from './header-value.ts';

const HEADER = 'uber-trace-id';

/** `{trace id}:{span id}:{parent span id}:{flags}`, all hex, leading zeros may be missing, colons may be percent-encoded. */
const UBER_TRACE_ID = /^([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:([0-9a-f]{1,2})$/i;

/**
 * Reads the header of Jaeger's retired client libraries, so that a service still on them can call one of ours
 * (jaegertracing.io/sdk-migration, "Propagation format"). Never writes it. OpenTelemetry 3 has no propagator for it any more.
 */
export class UberTraceIdPropagator implements TextMapPropagator {
  inject(): void {}

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = headerValue(getter, carrier, HEADER);
    if (header === undefined) return context;
    const parts = UBER_TRACE_ID.exec(header.replaceAll(/%3a/gi, ':'));
    if (!parts) return context;
    const [, shortTraceId = '', shortSpanId = '', flags = '0'] = parts;
    const traceId = shortTraceId.toLowerCase().padStart(32, '0');
    const spanId = shortSpanId.toLowerCase().padStart(16, '0');
    if (!isValidTraceId(traceId) || !isValidSpanId(spanId)) return context;
    // Bit 0 means sampled; bit 1, debug, is only valid together with it.
    const traceFlags = Number.parseInt(flags, 16) & 1 ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return trace.setSpanContext(context, { traceId, spanId, traceFlags, isRemote: true });
  }

  fields(): string[] {
    return [HEADER];
  }
}
