import type {
  Attributes,
  AttributeValue,
  InstrumentationScope,
  LogRecord,
  Resource,
  Span,
} from '@spanwise/model';
import { groupByProducer } from './group-by-producer.ts';
import { ProtoWriter } from './proto-writer.ts';

/** An ExportTraceServiceRequest (and TracesData, which is the same on the wire). Field tables: see the cursors. */
export function encodeTraceRequest(spans: readonly Span[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  writeGroups(writer, spans, (span) => writeSpan(writer, span));
  return writer.finish();
}

/** An ExportLogsServiceRequest. */
export function encodeLogsRequest(records: readonly LogRecord[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  writeGroups(writer, records, (record) => writeLogRecord(writer, record));
  return writer.finish();
}

function writeGroups<T extends { readonly resource: Resource; readonly scope: InstrumentationScope }>(
  writer: ProtoWriter,
  items: readonly T[],
  write: (item: T) => void,
): void {
  for (const { resource, scopes } of groupByProducer(items)) {
    writer.message(1, () => {
      writer.message(1, () => {
        writeAttributes(writer, 1, resource.attributes);
        writeCount(writer, 2, resource.droppedAttributesCount);
      });
      for (const { scope, items: inScope } of scopes) {
        writer.message(2, () => {
          writer.message(1, () => {
            writeText(writer, 1, scope.name);
            writeText(writer, 2, scope.version);
            writeAttributes(writer, 3, scope.attributes);
            writeCount(writer, 4, scope.droppedAttributesCount);
          });
          for (const item of inScope) writer.message(2, () => write(item));
          writeText(writer, 3, scope.schemaUrl);
        });
      }
      writeText(writer, 3, resource.schemaUrl);
    });
  }
}

function writeSpan(writer: ProtoWriter, span: Span): void {
  writer.bytes(1, bytesOfHex(span.traceId));
  writer.bytes(2, bytesOfHex(span.spanId));
  writeText(writer, 3, span.traceState);
  if (span.parentSpanId !== undefined) writer.bytes(4, bytesOfHex(span.parentSpanId));
  writeText(writer, 5, span.name);
  writeCount(writer, 6, span.kind);
  writer.fixed64(7, span.startTimeUnixNano);
  writer.fixed64(8, span.startTimeUnixNano + BigInt(span.durationNanos));
  writeAttributes(writer, 9, span.attributes);
  writeCount(writer, 10, span.droppedAttributesCount);
  for (const event of span.events) {
    writer.message(11, () => {
      writer.fixed64(1, event.timeUnixNano);
      writeText(writer, 2, event.name);
      writeAttributes(writer, 3, event.attributes);
      writeCount(writer, 4, event.droppedAttributesCount);
    });
  }
  writeCount(writer, 12, span.droppedEventsCount);
  for (const link of span.links) {
    writer.message(13, () => {
      writer.bytes(1, bytesOfHex(link.traceId));
      writer.bytes(2, bytesOfHex(link.spanId));
      writeText(writer, 3, link.traceState);
      writeAttributes(writer, 4, link.attributes);
      writeCount(writer, 5, link.droppedAttributesCount);
      if (link.flags !== 0) writer.fixed32(6, link.flags);
    });
  }
  writeCount(writer, 14, span.droppedLinksCount);
  if (span.statusCode !== 0 || span.statusMessage !== '') {
    writer.message(15, () => {
      writeText(writer, 2, span.statusMessage);
      writeCount(writer, 3, span.statusCode);
    });
  }
  if (span.flags !== 0) writer.fixed32(16, span.flags);
}

function writeLogRecord(writer: ProtoWriter, record: LogRecord): void {
  writer.fixed64(1, record.timeUnixNano);
  writeCount(writer, 2, record.severityNumber);
  writeText(writer, 3, record.severityText);
  if (record.body !== undefined) writer.message(5, () => writeAnyValue(writer, record.body));
  writeAttributes(writer, 6, record.attributes);
  writeCount(writer, 7, record.droppedAttributesCount);
  if (record.flags !== 0) writer.fixed32(8, record.flags);
  if (record.traceId !== undefined) writer.bytes(9, bytesOfHex(record.traceId));
  if (record.spanId !== undefined) writer.bytes(10, bytesOfHex(record.spanId));
  writer.fixed64(11, record.observedTimeUnixNano);
  writeText(writer, 12, record.eventName);
}

function writeAttributes(writer: ProtoWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of attributes) writer.message(field, () => writeKeyValue(writer, key, value));
}

function writeKeyValue(writer: ProtoWriter, key: string, value: AttributeValue): void {
  writer.string(1, key);
  writer.message(2, () => writeAnyValue(writer, value));
}

/** One AnyValue without its own tag. Oneof members are written even when they are defaults. */
function writeAnyValue(writer: ProtoWriter, value: AttributeValue): void {
  switch (typeof value) {
    case 'string':
      writer.string(1, value);
      return;
    case 'boolean':
      writer.varint(2, value ? 1 : 0);
      return;
    case 'bigint':
      writer.int64(3, value);
      return;
    case 'number':
      writer.double(4, value);
      return;
    case 'undefined':
      return;
    default:
      if (value instanceof Uint8Array) writer.bytes(7, value);
      else if (value instanceof Map) {
        const entries = value as Attributes;
        writer.message(6, () => writeAttributes(writer, 1, entries));
      } else {
        const items = value as readonly AttributeValue[];
        writer.message(5, () => {
          for (const item of items) writer.message(1, () => writeAnyValue(writer, item));
        });
      }
  }
}

function writeText(writer: ProtoWriter, field: number, text: string): void {
  if (text !== '') writer.string(field, text);
}

function writeCount(writer: ProtoWriter, field: number, count: number): void {
  if (count !== 0) writer.varint(field, count);
}

function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}
