import {
  type AttributeList,
  type Attributes,
  type AttributeValue,
  attributeRemoved,
  type InstrumentationScope,
  isSpanId,
  isTraceId,
  KeyTable,
  AttributeList as List,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  spanKinds,
  statusCodes,
  type TraceId,
  unixNano,
} from '@spanwise/model';
import { NestedDecoder } from './any-value.ts';
import { OtlpError } from './otlp-error.ts';
import type { CursorLists } from './producer-reader.ts';
import { TraceRequestCursor, type TraceRequestLimits } from './trace-request-cursor.ts';

/** Bounds of what `spansOfRequest` reads; of attributes and values beyond them it leaves out. */
export interface SpansOfRequestLimits extends TraceRequestLimits {
  readonly attributesPerElement: number;
  readonly distinctKeys: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly nestingDepth: number;
}

/**
 * An ExportTraceServiceRequest as model objects, in its order: for what is looked at and not stored, as it is, with
 * no gate between. Ingest walks the cursor itself.
 * Errors: `OtlpError`, also for a span whose ids are none.
 */
export function spansOfRequest(bytes: Uint8Array, limits: SpansOfRequestLimits): readonly Span[] {
  const cursor = new TraceRequestCursor(bytes, createLists(limits), limits);
  const spans: Span[] = [];
  let resource: Resource | undefined;
  let scope: InstrumentationScope | undefined;
  let [resourceSequence, scopeSequence] = [-1, -1];
  while (cursor.next()) {
    if (resource === undefined || cursor.resourceSequence !== resourceSequence) resource = resourceOf(cursor);
    if (scope === undefined || cursor.scopeSequence !== scopeSequence) scope = scopeOf(cursor);
    ({ resourceSequence, scopeSequence } = cursor);
    spans.push(spanOf(cursor, resource, scope));
  }
  return spans;
}

function createLists(limits: SpansOfRequestLimits): CursorLists {
  const keys = new KeyTable(limits.distinctKeys, limits.keyBytes, () => 0);
  const nested = new NestedDecoder(limits.nestingDepth);
  const list = () =>
    new List({
      keys,
      maxCount: limits.attributesPerElement,
      maxValueBytes: limits.valueBytes,
      decodeNested: (bytes, start, end, type) => nested.decode(bytes, start, end, type),
    });
  return { resource: list(), scope: list(), record: list(), inner: list() };
}

function spanOf(cursor: TraceRequestCursor, resource: Resource, scope: InstrumentationScope): Span {
  const { bytes } = cursor;
  const start = nanosOf(cursor.startTimeLow, cursor.startTimeHigh);
  const end = nanosOf(cursor.endTimeLow, cursor.endTimeHigh);
  const parent = hexOf(bytes, cursor.parentSpanIdStart, cursor.parentSpanIdEnd);
  // A list is overwritten by the next element: what stands in it is read first.
  const attributes = attributesOf(cursor.attributes);
  return {
    traceId: traceIdOf(bytes, cursor.traceIdStart, cursor.traceIdEnd),
    spanId: spanIdOf(bytes, cursor.spanIdStart, cursor.spanIdEnd),
    ...(isSpanId(parent) ? { parentSpanId: parent } : {}),
    traceState: textOf(bytes, cursor.traceStateStart, cursor.traceStateEnd),
    flags: cursor.flags,
    name: textOf(bytes, cursor.nameStart, cursor.nameEnd),
    kind: kinds.has(cursor.kind) ? (cursor.kind as SpanKind) : spanKinds.unspecified,
    startTimeUnixNano: unixNano(start),
    durationNanos: end > start ? Number(end - start) : 1,
    statusCode: codes.has(cursor.statusCode) ? (cursor.statusCode as StatusCode) : statusCodes.unset,
    statusMessage: textOf(bytes, cursor.statusMessageStart, cursor.statusMessageEnd),
    resource,
    scope,
    attributes,
    droppedAttributesCount: cursor.droppedAttributes,
    events: Array.from({ length: cursor.eventCount }, (_, index) => eventOf(cursor, index)),
    droppedEventsCount: cursor.droppedEvents + cursor.eventsLeftOut,
    links: Array.from({ length: cursor.linkCount }, (_, index) => linkOf(cursor, index)),
    droppedLinksCount: cursor.droppedLinks + cursor.linksLeftOut,
    warnings: [],
  };
}

const kinds: ReadonlySet<number> = new Set(Object.values(spanKinds));
const codes: ReadonlySet<number> = new Set(Object.values(statusCodes));

function eventOf(cursor: TraceRequestCursor, index: number): SpanEvent {
  cursor.moveToEvent(index);
  const { event, bytes } = cursor;
  return {
    timeUnixNano: unixNano(nanosOf(event.timeLow, event.timeHigh)),
    name: textOf(bytes, event.nameStart, event.nameEnd),
    attributes: attributesOf(event.attributes),
    droppedAttributesCount: event.droppedAttributes,
  };
}

function linkOf(cursor: TraceRequestCursor, index: number): SpanLink {
  cursor.moveToLink(index);
  const { link, bytes } = cursor;
  return {
    traceId: traceIdOf(bytes, link.traceIdStart, link.traceIdEnd),
    spanId: spanIdOf(bytes, link.spanIdStart, link.spanIdEnd),
    traceState: textOf(bytes, link.traceStateStart, link.traceStateEnd),
    flags: link.flags,
    attributes: attributesOf(link.attributes),
    droppedAttributesCount: link.droppedAttributes,
  };
}

function resourceOf(cursor: TraceRequestCursor): Resource {
  const attributes = attributesOf(cursor.resourceAttributes);
  const name = attributes.get('service.name');
  return {
    serviceName: typeof name === 'string' && name !== '' ? name : 'unknown_service',
    attributes,
    schemaUrl: textOf(cursor.bytes, cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd),
    droppedAttributesCount: cursor.resourceDroppedAttributes,
  };
}

function scopeOf(cursor: TraceRequestCursor): InstrumentationScope {
  const { bytes } = cursor;
  return {
    name: textOf(bytes, cursor.scopeNameStart, cursor.scopeNameEnd),
    version: textOf(bytes, cursor.scopeVersionStart, cursor.scopeVersionEnd),
    attributes: attributesOf(cursor.scopeAttributes),
    schemaUrl: textOf(bytes, cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd),
    droppedAttributesCount: cursor.scopeDroppedAttributes,
  };
}

function attributesOf(list: AttributeList): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (let index = 0; index < list.count; index += 1) {
    if (list.types[index] !== attributeRemoved) attributes.set(list.key(index), list.value(index));
  }
  return attributes;
}

function traceIdOf(bytes: Uint8Array, start: number, end: number): TraceId {
  const id = hexOf(bytes, start, end);
  if (!isTraceId(id)) throw new OtlpError('a trace id is not 16 bytes, or all zeros');
  return id;
}

function spanIdOf(bytes: Uint8Array, start: number, end: number): SpanId {
  const id = hexOf(bytes, start, end);
  if (!isSpanId(id)) throw new OtlpError('a span id is not 8 bytes, or all zeros');
  return id;
}

function hexOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

function nanosOf(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
