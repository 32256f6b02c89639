import {
  type Context,
  isValidSpanId,
  isValidTraceId,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { B3InjectEncoding, B3Propagator as OpenTelemetryB3Propagator } from '@opentelemetry/propagator-b3';
import { headerValue } from './header-value.ts';

/** `{trace id}-{span id}[-{sampling state}[-{parent span id}]]`. */
const B3_SINGLE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d]))?(?:-[0-9a-f]{16})?$/i;
const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i;

/**
 * B3 in both forms on the way in, the chosen form on the way out (openzipkin/b3-propagation). Writing is
 * OpenTelemetry's; reading is our own, because theirs (3.1) takes a header without a sampling state, which
 * means "you decide", for "do not sample", and finds ids in the middle of malformed text.
 */
export class B3Propagator implements TextMapPropagator {
  readonly #writer: OpenTelemetryB3Propagator;

  constructor(encoding: 'single' | 'multi') {
    const injectEncoding =
      encoding === 'single' ? B3InjectEncoding.SINGLE_HEADER : B3InjectEncoding.MULTI_HEADER;
    this.#writer = new OpenTelemetryB3Propagator({ injectEncoding });
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#writer.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = (name: string) => headerValue(getter, carrier, name);
    const single = header('b3');
    const parts = single === undefined ? undefined : B3_SINGLE.exec(single);
    if (parts) return withRemoteParent(context, parts[1], parts[2], parts[3]);
    const flags = header('x-b3-flags') === '1' ? 'd' : undefined;
    return withRemoteParent(
      context,
      header('x-b3-traceid'),
      header('x-b3-spanid'),
      flags ?? header('x-b3-sampled'),
    );
  }

  fields(): string[] {
    return this.#writer.fields();
  }
}

/** No sampling state leaves the decision to us, and we keep what somebody cared to trace. */
function withRemoteParent(
  context: Context,
  traceId: string | undefined,
  spanId: string | undefined,
  samplingState: string | undefined,
): Context {
  if (traceId === undefined || spanId === undefined || !TRACE_ID.test(traceId)) return context;
  const fullTraceId = traceId.toLowerCase().padStart(32, '0');
  if (!isValidTraceId(fullTraceId) || !isValidSpanId(spanId)) return context;
  const isRefused = samplingState === '0' || samplingState?.toLowerCase() === 'false';
  return trace.setSpanContext(context, {
    traceId: fullTraceId,
    spanId: spanId.toLowerCase(),
    traceFlags: isRefused ? TraceFlags.NONE : TraceFlags.SAMPLED,
    isRemote: true,
  });
}
