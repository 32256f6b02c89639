import { type AttributeType, type LogRecord, type SpanId, type TraceId, unixNano } from '@spanwise/model';
import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readHeader } from '../row-binary/reader.ts';
import { parseAttributeText } from '../rows/attributes.ts';
import { readRowPlace, rowPlace, type Stored } from './payload.ts';
import { attributeColumns, ProducerReader, producerColumns, readAttributes } from './producers.ts';

/** What `readLogs` reads, in its order. */
export const wholeLogRecord = `time, observed_time, trace_id, span_id, flags, severity_number, severity_text,
  event_name, body_type, body, ${producerColumns}, ${attributeColumns}, warnings, ${rowPlace}`;

const noTraceId = '0'.repeat(32);
const noSpanId = '0'.repeat(16);

export function readLogs(bytes: Uint8Array): readonly Stored<LogRecord>[] {
  const cursor = new RowBinaryCursor(bytes);
  readHeader(cursor);
  const producers = new ProducerReader();
  const records: Stored<LogRecord>[] = [];
  while (!cursor.atEnd) {
    const record = readLogRecord(cursor, producers);
    records.push(readRowPlace(cursor, record));
  }
  return records;
}

function readLogRecord(cursor: RowBinaryCursor, producers: ProducerReader): LogRecord {
  const timeUnixNano = unixNano(cursor.int64());
  const observedTimeUnixNano = unixNano(cursor.int64());
  const traceId = cursor.hex(16);
  const spanId = cursor.hex(8);
  return {
    timeUnixNano,
    observedTimeUnixNano,
    ...(traceId === noTraceId ? {} : { traceId: traceId as TraceId }),
    ...(spanId === noSpanId ? {} : { spanId: spanId as SpanId }),
    flags: cursor.uint32(),
    severityNumber: cursor.uint8(),
    severityText: cursor.string(),
    eventName: cursor.string(),
    body: parseAttributeText(cursor.uint8() as AttributeType, cursor.string()),
    resource: producers.resource(cursor),
    scope: producers.scope(cursor),
    attributes: readAttributes(cursor),
    droppedAttributesCount: cursor.uint32(),
    warnings: readWarnings(cursor),
  };
}

function readWarnings(cursor: RowBinaryCursor): readonly string[] {
  const warnings: string[] = [];
  for (let left = cursor.varint(); left > 0; left -= 1) warnings.push(cursor.string());
  return warnings;
}
