import type { Attributes } from './attributes.ts';
import type { SpanId, TraceId } from './ids.ts';
import type { UnixNano } from './time.ts';

/** Codes as in OTLP. (trace.proto, Span.SpanKind.) */
export const spanKinds = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const;
export type SpanKind = (typeof spanKinds)[keyof typeof spanKinds];

/** Codes as in OTLP. (trace.proto, Status.StatusCode.) */
export const statusCodes = { unset: 0, ok: 1, error: 2 } as const;
export type StatusCode = (typeof statusCodes)[keyof typeof statusCodes];

/** Who produced the telemetry. */
export interface Resource {
  /** `service.name`, or `unknown_service` where the sender named none. */
  readonly serviceName: string;
  /** All attributes, `service.name` included. */
  readonly attributes: Attributes;
  readonly schemaUrl: string;
  readonly droppedAttributesCount: number;
}

/** The library that made a span or log record. */
export interface InstrumentationScope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  readonly schemaUrl: string;
  readonly droppedAttributesCount: number;
}

export interface SpanEvent {
  readonly timeUnixNano: UnixNano;
  readonly name: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

export interface Span {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** Absent on a root. */
  readonly parentSpanId?: SpanId;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeUnixNano: UnixNano;
  /** At least 1 ns: an end at or before the start is corrected at ingest, with a warning. */
  readonly durationNanos: number;
  readonly statusCode: StatusCode;
  readonly statusMessage: string;
  readonly resource: Resource;
  readonly scope: InstrumentationScope;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  /** What ingest corrected or left out, for people. */
  readonly warnings: readonly string[];
}

/** All spans known so far with one id, by start time. Never assume that it is complete: late spans are normal. */
export interface Trace {
  readonly traceId: TraceId;
  readonly spans: readonly Span[];
}
