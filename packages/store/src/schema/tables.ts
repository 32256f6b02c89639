import { bucketsPerOctave, statusCodes } from '@spanwise/model';
import { databasePlace } from '../sql/bind.ts';
import { type Signal, storedColumns } from './columns.ts';

/** ClickHouse database of all tables, as SQL names it: each engine puts its own name there. */
export const database = databasePlace;

/** How long parts that a merge or mutation has replaced stay on disk: see schema step 9. */
export const replacedPartsSeconds = 60;

export type BaseTable = 'spans' | 'span_search' | 'span_payload' | 'logs' | 'log_payload';

/** Tables whose rows are counted before a segment is deleted. */
export const baseTables: Readonly<Record<Signal, readonly BaseTable[]>> = {
  spans: ['spans', 'span_search', 'span_payload'],
  logs: ['logs', 'log_payload'],
};

/** Which spans or records have a row in a base table, as a condition on `spans` or `logs`. Absent: all. */
export const sparseTables: Readonly<Partial<Record<BaseTable, string>>> = {
  span_payload: 'payload_count > 0',
  log_payload: 'payload_count > 0',
};

/** Tables without identity of rows: what is inserted twice collapses. */
export type DerivedTable = 'operations' | 'services' | 'trace_times' | 'trace_log_times';

export const derivedTables: Readonly<Record<Signal, readonly DerivedTable[]>> = {
  spans: ['operations', 'services', 'trace_times'],
  logs: ['trace_log_times'],
};

/** Copies of whole traces, which retention leaves alone. */
export type ArchiveTable = 'archived_spans' | 'archived_payload';

/**
 * Tables that add up rows of one segment with those of others: what is inserted twice counts twice, so after
 * anything but a clean first insert the windows that a segment touched are counted anew from `span_search`.
 */
export type SummedTable = 'series' | 'series_hour';

export const summedTables: Readonly<Record<Signal, readonly SummedTable[]>> = {
  spans: ['series', 'series_hour'],
  logs: [],
};

/** The window that a row belongs to, out of a span's start. */
export const windowStart: Readonly<Record<SummedTable, string>> = {
  series: 'toStartOfMinute(start_time)',
  series_hour: 'toStartOfHour(start_time)',
};

/** What is told of spans and log records beside them: it collapses, and needs no proof. */
export type ToldTable = 'attribute_catalogue' | 'instrumentation_notes';

/** Rows of whole traces, which the settle job replaces: one each, however often it is made. */
export type SettledTable = 'trace_summary';

/**
 * Tables that retention empties, with the signal whose age counts; payload has an age of its own besides.
 * `services` stays: a row per service ever seen.
 */
export const retainedTables = [
  { table: 'spans', signal: 'spans' },
  { table: 'span_search', signal: 'spans' },
  { table: 'operations', signal: 'spans' },
  { table: 'trace_times', signal: 'spans' },
  { table: 'trace_summary', signal: 'spans' },
  { table: 'attribute_catalogue', signal: 'spans' },
  { table: 'instrumentation_notes', signal: 'spans' },
  { table: 'series', signal: 'spans' },
  { table: 'series_hour', signal: 'spans' },
  { table: 'span_payload', signal: 'spans', isPayload: true },
  { table: 'logs', signal: 'logs' },
  { table: 'trace_log_times', signal: 'logs' },
  { table: 'log_payload', signal: 'logs', isPayload: true },
] as const satisfies readonly {
  table: BaseTable | DerivedTable | SummedTable | SettledTable | ToldTable;
  signal: Signal;
  isPayload?: true;
}[];

/** Rows of `table` out of rows as ingest writes them: for the views, and to repair one table alone. */
export function selectFor(table: BaseTable | DerivedTable | SummedTable, source: string): string {
  switch (table) {
    case 'spans':
    case 'logs':
      return `SELECT ${storedColumns(table).map(columnOrCount).join(', ')} FROM ${source}`;
    case 'span_payload':
      return `SELECT ingest_seq, row, tenant, trace_id, span_id, start_time, payload FROM ${havingPayload(source)}`;
    case 'log_payload':
      return `SELECT ingest_seq, row, tenant, trace_id, time, payload FROM ${havingPayload(source)}`;
    case 'span_search':
      return `SELECT ${searchColumns.join(', ')}, parent_span_id = toFixedString('', 8) AS is_root FROM ${source}`;
    case 'operations':
      return `SELECT DISTINCT tenant, toDate(start_time) AS day, service, name, kind FROM ${source}`;
    case 'series':
    case 'series_hour':
      // Buckets as `bucketOfDuration` of @spanwise/model; spans of sampled services count for those left out.
      return `SELECT tenant, ${windowStart[table]} AS window, service, name, kind,
        status_code = ${statusCodes.error} AS is_error,
        sum(adjusted_count) AS spans, sum(duration * adjusted_count) AS nanos,
        sumMap(map(toUInt16(floor(log2(greatest(duration, 1)) * ${bucketsPerOctave})), adjusted_count)) AS buckets
        FROM ${source} GROUP BY tenant, window, service, name, kind, is_error`;
    case 'trace_times':
      return timesOf('start_time', source, ', max(ingest_seq) AS last_seq');
    case 'trace_log_times':
      return timesOf('time', `(SELECT * FROM ${source} WHERE trace_id != toFixedString('', 16))`);
    case 'services':
      return `SELECT tenant, service, min(ingest_seq) AS first_seq FROM ${source} GROUP BY tenant, service`;
  }
}

function timesOf(time: string, source: string, more = ''): string {
  return `SELECT tenant, trace_id, toStartOfMonth(${time}) AS month, min(${time}) AS first, max(${time}) AS last${more}
        FROM ${source} GROUP BY tenant, trace_id, month`;
}

const searchColumns = [
  ...['ingest_seq', 'row', 'tenant', 'trace_id', 'span_id', 'name', 'kind', 'start_time', 'duration'],
  ...['status_code', 'service', 'operation', 'request_model', 'response_model', 'input_tokens'],
  ...['output_tokens', 'adjusted_count'],
] as const;

function columnOrCount([name]: readonly [string, string]): string {
  return name === 'payload_count' ? 'toUInt32(length(payload)) AS payload_count' : name;
}

/** A subquery: whoever uses the text may add a condition. */
function havingPayload(source: string): string {
  return `(SELECT * FROM ${source} WHERE notEmpty(payload))`;
}
