import { toJaegerTrace } from '@spanwise/jaeger';
import {
  type Attributes,
  type AttributeValue,
  type Span,
  spanKinds,
  statusCodes,
  type Trace,
  type UnixNano,
} from '@spanwise/model';
import { encodeTraceRequest, jsonOfTraceRequest } from '@spanwise/otlp';

export const exportFormats = ['otlp-json', 'otlp', 'jaeger', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface TraceFile {
  readonly contentType: string;
  /** Ending of a file name. */
  readonly ending: string;
  readonly body: string | Uint8Array;
}

/**
 * A whole trace as a file that other programs read: OTLP (which any backend takes back, ours on 4318), Jaeger's
 * JSON (which Jaeger's UI opens), or a table.
 */
export function exportTrace(trace: Trace, format: ExportFormat): TraceFile {
  switch (format) {
    case 'otlp-json':
      return {
        contentType: json,
        ending: 'otlp.json',
        body: JSON.stringify(jsonOfTraceRequest(trace.spans)),
      };
    case 'otlp':
      return {
        contentType: 'application/x-protobuf',
        ending: 'otlp.pb',
        body: encodeTraceRequest(trace.spans),
      };
    case 'jaeger':
      return {
        contentType: json,
        ending: 'jaeger.json',
        body: JSON.stringify({ data: [toJaegerTrace(trace)] }),
      };
    case 'csv':
      return { contentType: 'text/csv; charset=utf-8', ending: 'csv', body: csvOf(trace.spans) };
  }
}

const json = 'application/json';

const columns = [
  'trace_id',
  'span_id',
  'parent_span_id',
  'service',
  'name',
  'kind',
  'start_time',
  'duration_ms',
  'status',
  'attributes',
] as const;

const kindNames = Object.keys(spanKinds); // in the order of their codes
const statusNames = Object.keys(statusCodes); // in the order of their codes

/** (RFC 4180.) Attributes are one cell of JSON: spans differ in which they have. */
function csvOf(spans: readonly Span[]): string {
  const rows = spans.map((span) => [
    span.traceId,
    span.spanId,
    span.parentSpanId ?? '',
    span.resource.serviceName,
    span.name,
    kindNames[span.kind] ?? '',
    formatTime(span.startTimeUnixNano),
    String(span.durationNanos / 1e6),
    statusNames[span.statusCode] ?? '',
    JSON.stringify(plainOf(span.attributes)),
  ]);
  return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** RFC 3339, to the nanosecond. */
function formatTime(nano: UnixNano): string {
  const seconds = new Date(Number(nano / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nano % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** A cell that begins like a formula would be run by a spreadsheet (OWASP, CSV injection). */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function plainOf(value: AttributeValue | Attributes): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value === 'object') {
    return Object.fromEntries(Array.from(value as Attributes, ([key, inner]) => [key, plainOf(inner)]));
  }
  return value ?? null;
}
