import {
  type Attributes,
  type AttributeValue,
  type LogRecord,
  noAttributes,
  type Span,
  spanId,
  traceId,
  unixNanoFromMillis,
} from '@spanwise/model';
import { encodeLogsRequest, encodeTraceRequest } from '@spanwise/otlp';
import type { Price } from '@spanwise/semconv/prices';
import type { ContentMode, DecodedRows } from '../decode-result.ts';
import { RequestDecoder } from '../request-decoder.ts';
import { type Row, readRows } from './read-rows.ts';

/** For tests: noon of a day; decoders here take it for now. */
export const now = Date.UTC(2026, 10, 23, 12);
export const day = 86_400_000;

export function attributes(entries: Readonly<Record<string, AttributeValue>>): Attributes {
  return new Map(Object.entries(entries));
}

export function span(fields: Partial<Span> = {}): Span {
  return {
    traceId: traceId('0af7651916cd43dd8448eb211c80319c'),
    spanId: spanId('b7ad6b7169203331'),
    traceState: '',
    flags: 0,
    name: 'work',
    kind: 1,
    startTimeUnixNano: unixNanoFromMillis(now - 1_000),
    durationNanos: 1_000_000,
    statusCode: 0,
    statusMessage: '',
    resource: resource({ 'service.name': 'shop' }),
    scope: { name: '', version: '', attributes: noAttributes, schemaUrl: '', droppedAttributesCount: 0 },
    attributes: noAttributes,
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    warnings: [],
    ...fields,
  };
}

export function resource(entries: Readonly<Record<string, AttributeValue>>): Span['resource'] {
  return { serviceName: '', attributes: attributes(entries), schemaUrl: '', droppedAttributesCount: 0 };
}

export function logRecord(fields: Partial<LogRecord> = {}): LogRecord {
  const { resource: from, scope } = span();
  return {
    timeUnixNano: unixNanoFromMillis(now - 1_000),
    observedTimeUnixNano: unixNanoFromMillis(now - 999),
    flags: 0,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: '',
    body: 'hello',
    attributes: noAttributes,
    droppedAttributesCount: 0,
    resource: from,
    scope,
    warnings: [],
    ...fields,
  };
}

export function decoderFor(
  contentMode: ContentMode = 'none',
  contentKey?: Uint8Array,
  prices: readonly Price[] = [],
): RequestDecoder {
  return new RequestDecoder({
    contentMode,
    prices,
    retentionMillis: { spans: 14 * day, logs: 7 * day },
    ...(contentKey !== undefined && { contentKey }),
  });
}

export interface Decoded extends DecodedRows {
  readonly read: readonly Row[];
}

export function decodeBytes(
  signal: 'spans' | 'logs',
  body: Uint8Array,
  decoder = decoderFor(),
  encoding: 'protobuf' | 'json' = 'protobuf',
): Decoded {
  const result = decoder.decode({ signal, encoding, body, tenant: 7, receivedAtMillis: now });
  if (result.kind !== 'rows') throw new Error(result.message);
  return { ...result, read: readRows(signal, result.rows) };
}

export function decodeSpans(spans: readonly Span[], decoder?: RequestDecoder): Decoded {
  return decodeBytes('spans', encodeTraceRequest(spans), decoder);
}

export function decodeLogs(records: readonly LogRecord[], decoder?: RequestDecoder): Decoded {
  return decodeBytes('logs', encodeLogsRequest(records), decoder);
}
