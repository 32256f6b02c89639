import {
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  type TraceId,
  unixNano,
} from '@spanwise/model';
import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readHeader } from '../row-binary/reader.ts';
import { readRowPlace, rowPlace, type Stored } from './payload.ts';
import {
  attributeColumns,
  ProducerReader,
  producerColumns,
  readAttributeList,
  readAttributes,
} from './producers.ts';

/** What `readSpans` reads, in its order. */
export const wholeSpan = `trace_id, span_id, parent_span_id, trace_state, flags, name, kind, start_time, duration,
  status_code, status_message, ${producerColumns}, ${attributeColumns},
  events, dropped_events, links, dropped_links, warnings, ${rowPlace}`;

const noParent = '0'.repeat(16);

export function readSpans(bytes: Uint8Array): readonly Stored<Span>[] {
  const cursor = new RowBinaryCursor(bytes);
  readHeader(cursor);
  const producers = new ProducerReader();
  const spans: Stored<Span>[] = [];
  while (!cursor.atEnd) {
    const span = readSpan(cursor, producers);
    spans.push(readRowPlace(cursor, span));
  }
  return spans;
}

function readSpan(cursor: RowBinaryCursor, producers: ProducerReader): Span {
  const traceId = cursor.hex(16) as TraceId;
  const spanId = cursor.hex(8) as SpanId;
  const parent = cursor.hex(8);
  return {
    traceId,
    spanId,
    ...(parent === noParent ? {} : { parentSpanId: parent as SpanId }),
    traceState: cursor.string(),
    flags: cursor.uint32(),
    name: cursor.string(),
    kind: cursor.uint8() as SpanKind,
    startTimeUnixNano: unixNano(cursor.int64()),
    durationNanos: cursor.uint64Number(),
    statusCode: cursor.uint8() as StatusCode,
    statusMessage: cursor.string(),
    resource: producers.resource(cursor),
    scope: producers.scope(cursor),
    attributes: readAttributes(cursor),
    droppedAttributesCount: cursor.uint32(),
    events: readMany(cursor, readEvent),
    droppedEventsCount: cursor.uint32(),
    links: readMany(cursor, readLink),
    droppedLinksCount: cursor.uint32(),
    warnings: readMany(cursor, readText),
  };
}

function readEvent(cursor: RowBinaryCursor): SpanEvent {
  return {
    timeUnixNano: unixNano(cursor.int64()),
    name: cursor.string(),
    attributes: readAttributeList(cursor),
    droppedAttributesCount: cursor.uint32(),
  };
}

function readLink(cursor: RowBinaryCursor): SpanLink {
  return {
    traceId: cursor.hex(16) as TraceId,
    spanId: cursor.hex(8) as SpanId,
    traceState: cursor.string(),
    flags: cursor.uint32(),
    attributes: readAttributeList(cursor),
    droppedAttributesCount: cursor.uint32(),
  };
}

function readText(cursor: RowBinaryCursor): string {
  return cursor.string();
}

function readMany<T>(cursor: RowBinaryCursor, read: (cursor: RowBinaryCursor) => T): readonly T[] {
  const items: T[] = [];
  for (let left = cursor.varint(); left > 0; left -= 1) items.push(read(cursor));
  return items;
}
