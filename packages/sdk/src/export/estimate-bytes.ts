import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Ids, times and tags of a span or log record. */
const ITEM_BYTES = 120;
/** Tags and lengths around one value. */
const VALUE_BYTES = 8;
/** Deeper values count as flat; the gate has cut them before. */
const MAX_DEPTH = 8;

/** About how large a span is when encoded. A loop over its attributes, no encoding. */
export function estimateSpanBytes(span: ReadableSpan): number {
  let bytes = ITEM_BYTES + span.name.length + (span.status.message?.length ?? 0) + sizeOf(span.attributes, 0);
  for (const event of span.events) bytes += ITEM_BYTES + event.name.length + sizeOf(event.attributes, 0);
  for (const link of span.links) bytes += ITEM_BYTES + sizeOf(link.attributes, 0);
  return bytes;
}

/** As {@link estimateSpanBytes}. */
export function estimateLogRecordBytes(record: ReadableLogRecord): number {
  return ITEM_BYTES + sizeOf(record.body, 0) + sizeOf(record.attributes, 0);
}

/** Called for each attribute of each span that ends: texts and numbers, nearly all there are, cost no call. */
function sizeOf(value: unknown, depth: number): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length;
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return VALUE_BYTES;
  if (ArrayBuffer.isView(value)) return VALUE_BYTES + value.byteLength;
  let bytes = VALUE_BYTES;
  if (Array.isArray(value)) {
    for (const item of value) bytes += sizeOf(item, depth + 1);
    return bytes;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key in fields) {
    const field = fields[key];
    bytes += VALUE_BYTES + key.length;
    if (typeof field === 'string') bytes += field.length;
    else if (typeof field === 'object') bytes += sizeOf(field, depth + 1);
  }
  return bytes;
}
