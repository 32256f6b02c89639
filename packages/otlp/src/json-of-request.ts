import type {
  Attributes,
  AttributeValue,
  InstrumentationScope,
  LogRecord,
  Resource,
  Span,
} from '@spanwise/model';
import { groupByProducer } from './group-by-producer.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * OTLP JSON objects, for `JSON.stringify`: ids in hex, 64-bit integers as strings, enums as numbers.
 * (opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding".)
 */
export function jsonOfTraceRequest(spans: readonly Span[]): Json {
  return { resourceSpans: groups(spans, 'scopeSpans', 'spans', jsonOfSpan) };
}

export function jsonOfLogsRequest(records: readonly LogRecord[]): Json {
  return { resourceLogs: groups(records, 'scopeLogs', 'logRecords', jsonOfLogRecord) };
}

function groups<T extends { readonly resource: Resource; readonly scope: InstrumentationScope }>(
  items: readonly T[],
  scopesName: string,
  itemsName: string,
  json: (item: T) => Json,
): Json {
  return groupByProducer(items).map(({ resource, scopes }) => ({
    resource: {
      attributes: jsonOfAttributes(resource.attributes),
      droppedAttributesCount: count(resource.droppedAttributesCount),
    },
    [scopesName]: scopes.map(({ scope, items: inScope }) => ({
      scope: {
        name: text(scope.name),
        version: text(scope.version),
        attributes: jsonOfAttributes(scope.attributes),
        droppedAttributesCount: count(scope.droppedAttributesCount),
      },
      [itemsName]: inScope.map(json),
      schemaUrl: text(scope.schemaUrl),
    })),
    schemaUrl: text(resource.schemaUrl),
  }));
}

function jsonOfSpan(span: Span): Json {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: text(span.traceState),
    parentSpanId: span.parentSpanId,
    flags: count(span.flags),
    name: text(span.name),
    kind: count(span.kind),
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.startTimeUnixNano + BigInt(span.durationNanos)),
    attributes: jsonOfAttributes(span.attributes),
    droppedAttributesCount: count(span.droppedAttributesCount),
    events: list(
      span.events.map((event) => ({
        timeUnixNano: String(event.timeUnixNano),
        name: text(event.name),
        attributes: jsonOfAttributes(event.attributes),
        droppedAttributesCount: count(event.droppedAttributesCount),
      })),
    ),
    droppedEventsCount: count(span.droppedEventsCount),
    links: list(
      span.links.map((link) => ({
        traceId: link.traceId,
        spanId: link.spanId,
        traceState: text(link.traceState),
        flags: count(link.flags),
        attributes: jsonOfAttributes(link.attributes),
        droppedAttributesCount: count(link.droppedAttributesCount),
      })),
    ),
    droppedLinksCount: count(span.droppedLinksCount),
    status: { message: text(span.statusMessage), code: count(span.statusCode) },
  };
}

function jsonOfLogRecord(record: LogRecord): Json {
  return {
    timeUnixNano: String(record.timeUnixNano),
    observedTimeUnixNano: String(record.observedTimeUnixNano),
    severityNumber: count(record.severityNumber),
    severityText: text(record.severityText),
    eventName: text(record.eventName),
    body: record.body === undefined ? undefined : jsonOfValue(record.body),
    attributes: jsonOfAttributes(record.attributes),
    droppedAttributesCount: count(record.droppedAttributesCount),
    flags: count(record.flags),
    traceId: record.traceId,
    spanId: record.spanId,
  };
}

function jsonOfAttributes(attributes: Attributes): readonly Json[] | undefined {
  return list(Array.from(attributes, ([key, value]) => ({ key, value: jsonOfValue(value) })));
}

/** One AnyValue. */
function jsonOfValue(value: AttributeValue): Json {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'bigint':
      return { intValue: String(value) };
    case 'number':
      // proto3 JSON: what JSON has no number for goes as a string.
      return { doubleValue: Number.isFinite(value) && !Object.is(value, -0) ? value : doubleText(value) };
    case 'undefined':
      return {};
    default:
      if (value instanceof Uint8Array) return { bytesValue: base64(value) };
      if (value instanceof Map) {
        return { kvlistValue: { values: jsonOfAttributes(value as Attributes) } };
      }
      return { arrayValue: { values: (value as readonly AttributeValue[]).map(jsonOfValue) } };
  }
}

function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

function count(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

function list<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}
