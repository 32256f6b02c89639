import {
  type AttributeValue,
  nanosPerSecond,
  type Resource,
  type Span,
  type SpanId,
  type TraceId,
} from '@spanwise/model';
import {
  eventFieldEntries,
  linkRefType,
  processTagEntries,
  spanTagEntries,
  type TagEntry,
} from './span-tags.ts';
import { formatJson } from './tags.ts';

/**
 * `jaeger.api_v2.Span` as protobuf libraries take it: camelCase names, 64-bit integers as decimal strings.
 *
 * | message  | fields                                                                                             |
 * | -------- | -------------------------------------------------------------------------------------------------- |
 * | Span     | trace_id 1, span_id 2, operation_name 3, references 4, flags 5, start_time 6, duration 7, tags 8,   |
 * |          | logs 9, process 10, process_id 11 (never sent: the process itself is), warnings 12                  |
 * | SpanRef  | trace_id 1, span_id 2, ref_type 3                                                                   |
 * | KeyValue | key 1, v_type 2, v_str 3, v_bool 4, v_int64 5, v_float64 6, v_binary 7                              |
 * | Log      | timestamp 1, fields 2                                                                               |
 * | Process  | service_name 1, tags 2                                                                              |
 *
 * (jaegertracing/jaeger-idl, proto/api_v2/model.proto.)
 */
export interface ApiV2Span {
  /** 16 bytes. */
  readonly traceId: Uint8Array;
  /** 8 bytes. */
  readonly spanId: Uint8Array;
  readonly operationName: string;
  /** The parent stands first. */
  readonly references: readonly ApiV2SpanRef[];
  readonly flags: number;
  readonly startTime: ApiV2Time;
  readonly duration: ApiV2Time;
  readonly tags: readonly ApiV2KeyValue[];
  readonly logs: readonly { readonly timestamp: ApiV2Time; readonly fields: readonly ApiV2KeyValue[] }[];
  readonly process: ApiV2Process;
  readonly warnings: readonly string[];
}

export interface ApiV2SpanRef {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly refType: 'CHILD_OF' | 'FOLLOWS_FROM';
}

/** `google.protobuf.Timestamp` and `Duration`. */
export interface ApiV2Time {
  readonly seconds: string;
  readonly nanos: number;
}

export interface ApiV2Process {
  readonly serviceName: string;
  readonly tags: readonly ApiV2KeyValue[];
}

export type ApiV2KeyValue =
  | { readonly key: string; readonly vType: 'STRING'; readonly vStr: string }
  | { readonly key: string; readonly vType: 'BOOL'; readonly vBool: boolean }
  | { readonly key: string; readonly vType: 'INT64'; readonly vInt64: string }
  | { readonly key: string; readonly vType: 'FLOAT64'; readonly vFloat64: number }
  | { readonly key: string; readonly vType: 'BINARY'; readonly vBinary: Uint8Array };

/**
 * The same view as `toJaegerTrace`, in nanoseconds.
 * Gives: a span per span, in order. Spans of one `Resource` object share one process object.
 */
export function toApiV2Spans(spans: readonly Span[]): readonly ApiV2Span[] {
  const processes = new Map<Resource, ApiV2Process>();
  const processOf = (resource: Resource) => {
    let process = processes.get(resource);
    if (process === undefined) {
      process = { serviceName: resource.serviceName, tags: toKeyValues(processTagEntries(resource)) };
      processes.set(resource, process);
    }
    return process;
  };
  return spans.map((span) => toApiV2Span(span, processOf(span.resource)));
}

function toApiV2Span(span: Span, process: ApiV2Process): ApiV2Span {
  return {
    traceId: bytesOfHex(span.traceId),
    spanId: bytesOfHex(span.spanId),
    operationName: span.name,
    references: references(span),
    flags: span.flags,
    startTime: toTime(span.startTimeUnixNano),
    duration: toTime(BigInt(span.durationNanos)),
    tags: toKeyValues(spanTagEntries(span)),
    logs: span.events.map((event) => ({
      timestamp: toTime(event.timeUnixNano),
      fields: toKeyValues(eventFieldEntries(event)),
    })),
    process,
    warnings: span.warnings,
  };
}

function references({ traceId, parentSpanId, links }: Span): readonly ApiV2SpanRef[] {
  const refs = links.map((link) => reference(link.traceId, link.spanId, linkRefType(link)));
  return parentSpanId === undefined ? refs : [reference(traceId, parentSpanId, 'CHILD_OF'), ...refs];
}

function reference(traceId: TraceId, spanId: SpanId, refType: ApiV2SpanRef['refType']): ApiV2SpanRef {
  return { traceId: bytesOfHex(traceId), spanId: bytesOfHex(spanId), refType };
}

function toTime(nanos: bigint): ApiV2Time {
  const perSecond = BigInt(nanosPerSecond);
  return { seconds: String(nanos / perSecond), nanos: Number(nanos % perSecond) };
}

function toKeyValues(entries: readonly TagEntry[]): ApiV2KeyValue[] {
  return entries.map(([key, value]) => toKeyValue(key, value));
}

/** Arrays and maps as JSON text; an empty value as empty text. */
function toKeyValue(key: string, value: AttributeValue): ApiV2KeyValue {
  switch (typeof value) {
    case 'string':
      return { key, vType: 'STRING', vStr: value };
    case 'boolean':
      return { key, vType: 'BOOL', vBool: value };
    case 'bigint':
      return { key, vType: 'INT64', vInt64: String(value) };
    case 'number':
      return { key, vType: 'FLOAT64', vFloat64: value };
    case 'undefined':
      return { key, vType: 'STRING', vStr: '' };
    case 'object':
      return value instanceof Uint8Array
        ? { key, vType: 'BINARY', vBinary: value }
        : { key, vType: 'STRING', vStr: formatJson(value) };
  }
}

function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}
