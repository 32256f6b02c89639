import { attributeRemoved, attributeTypes, type LogCursor } from '@spanwise/model';
import { encodeTypedAttributes, writeDropped, writeTyped } from './attributes.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What stands in a row besides what the cursor shows. Reused: filled anew for every record. */
export interface LogRowDetails {
  tenant: number;
  timeLow: number;
  timeHigh: number;
  observedTimeLow: number;
  observedTimeHigh: number;
  hasTraceId: boolean;
  hasSpanId: boolean;
  severityNumber: number;
  readonly resource: ByteWriter;
  readonly scope: ByteWriter;
}

/** Writes a row of `logColumns` up to its last three columns; `encodeRowEnd` writes these. */
export function encodeLogRow(writer: ByteWriter, record: LogCursor, row: LogRowDetails): void {
  const bytes = record.bytes;
  writer.word64(0, 0);
  writer.uint32(0);
  writer.uint32(row.tenant);
  writer.word64(row.timeLow, row.timeHigh);
  writer.word64(row.observedTimeLow, row.observedTimeHigh);
  if (row.hasTraceId) writer.raw(bytes, record.traceIdStart, record.traceIdEnd);
  else writer.zeros(16);
  if (row.hasSpanId) writer.raw(bytes, record.spanIdStart, record.spanIdEnd);
  else writer.zeros(8);
  writer.uint32(record.flags);
  writer.uint8(row.severityNumber);
  writer.text(bytes, record.severityTextStart, record.severityTextEnd);
  writer.text(bytes, record.eventNameStart, record.eventNameEnd);
  writeBody(writer, record);
  writer.append(row.resource);
  writer.append(row.scope);
  encodeTypedAttributes(writer, record.attributes);
  writeDropped(writer, record.droppedAttributes, record.attributes.leftOut);
}

function writeBody(writer: ByteWriter, record: LogCursor): void {
  const body = record.body;
  if (body.count === 0 || body.types[0] === attributeRemoved) {
    writer.uint8(attributeTypes.empty);
    writer.string('');
  } else writeTyped(writer, body, 0);
}
