import {
  type AttributeList,
  type AttributeValue,
  attributeRemoved,
  KeyTable,
  AttributeList as List,
  type ProducerCursor,
} from '@spanwise/model';
import { NestedDecoder } from '../any-value.ts';
import { LogsRequestCursor } from '../logs-request-cursor.ts';
import type { CursorLists } from '../producer-reader.ts';
import { TraceRequestCursor } from '../trace-request-cursor.ts';

/** For tests: everything that a cursor shows, as plain objects. */
export function readTraceRequest(bytes: Uint8Array) {
  const cursor = new TraceRequestCursor(bytes, lists(), { eventsPerSpan: 1_000, linksPerSpan: 1_000 });
  const spans = [];
  while (cursor.next()) {
    spans.push({
      traceId: hex(bytes, cursor.traceIdStart, cursor.traceIdEnd),
      spanId: hex(bytes, cursor.spanIdStart, cursor.spanIdEnd),
      parentSpanId: hex(bytes, cursor.parentSpanIdStart, cursor.parentSpanIdEnd),
      traceState: text(bytes, cursor.traceStateStart, cursor.traceStateEnd),
      flags: cursor.flags,
      name: text(bytes, cursor.nameStart, cursor.nameEnd),
      kind: cursor.kind,
      start: word(cursor.startTimeLow, cursor.startTimeHigh),
      end: word(cursor.endTimeLow, cursor.endTimeHigh),
      attributes: attributes(cursor.attributes),
      droppedAttributes: cursor.droppedAttributes,
      events: Array.from({ length: cursor.eventCount }, (_, index) => {
        cursor.moveToEvent(index);
        const { event } = cursor;
        return {
          time: word(event.timeLow, event.timeHigh),
          name: text(bytes, event.nameStart, event.nameEnd),
          attributes: attributes(event.attributes),
          droppedAttributes: event.droppedAttributes,
        };
      }),
      droppedEvents: cursor.droppedEvents,
      links: Array.from({ length: cursor.linkCount }, (_, index) => {
        cursor.moveToLink(index);
        const { link } = cursor;
        return {
          traceId: hex(bytes, link.traceIdStart, link.traceIdEnd),
          spanId: hex(bytes, link.spanIdStart, link.spanIdEnd),
          traceState: text(bytes, link.traceStateStart, link.traceStateEnd),
          flags: link.flags,
          attributes: attributes(link.attributes),
          droppedAttributes: link.droppedAttributes,
        };
      }),
      droppedLinks: cursor.droppedLinks,
      statusCode: cursor.statusCode,
      statusMessage: text(bytes, cursor.statusMessageStart, cursor.statusMessageEnd),
      ...producer(bytes, cursor),
    });
  }
  return spans;
}

export function readLogsRequest(bytes: Uint8Array) {
  const cursor = new LogsRequestCursor(bytes, lists());
  const records = [];
  while (cursor.next()) {
    records.push({
      time: word(cursor.timeLow, cursor.timeHigh),
      observedTime: word(cursor.observedTimeLow, cursor.observedTimeHigh),
      traceId: hex(bytes, cursor.traceIdStart, cursor.traceIdEnd),
      spanId: hex(bytes, cursor.spanIdStart, cursor.spanIdEnd),
      flags: cursor.flags,
      severityNumber: cursor.severityNumber,
      severityText: text(bytes, cursor.severityTextStart, cursor.severityTextEnd),
      eventName: text(bytes, cursor.eventNameStart, cursor.eventNameEnd),
      body: cursor.body.value(0),
      attributes: attributes(cursor.attributes),
      droppedAttributes: cursor.droppedAttributes,
      ...producer(bytes, cursor),
    });
  }
  return records;
}

function producer(bytes: Uint8Array, cursor: ProducerCursor) {
  return {
    resource: {
      attributes: attributes(cursor.resourceAttributes),
      droppedAttributes: cursor.resourceDroppedAttributes,
      schemaUrl: text(bytes, cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd),
    },
    scope: {
      name: text(bytes, cursor.scopeNameStart, cursor.scopeNameEnd),
      version: text(bytes, cursor.scopeVersionStart, cursor.scopeVersionEnd),
      attributes: attributes(cursor.scopeAttributes),
      droppedAttributes: cursor.scopeDroppedAttributes,
      schemaUrl: text(bytes, cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd),
    },
  };
}

export function lists(): CursorLists {
  const keys = new KeyTable(4_096, 1_024, () => 0);
  const nested = new NestedDecoder(64);
  const list = () =>
    new List({
      keys,
      maxCount: 1_000,
      maxValueBytes: 1_000_000,
      decodeNested: (bytes, start, end, type) => nested.decode(bytes, start, end, type),
    });
  return { resource: list(), scope: list(), record: list(), inner: list() };
}

function attributes(list: AttributeList): Map<string, AttributeValue> {
  const map = new Map<string, AttributeValue>();
  for (let index = 0; index < list.count; index += 1) {
    if (list.types[index] !== attributeRemoved) map.set(list.key(index), list.value(index));
  }
  return map;
}

function hex(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('hex');
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('utf8');
}

function word(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
