import { databasePlace } from '../sql/bind.ts';
import { columnsOf, type Signal } from './columns.ts';

/** ClickHouse database of all tables, as SQL names it: each engine puts its own name there. */
export const database = databasePlace;

export type BaseTable = 'spans' | 'span_search' | 'logs';

/** Tables that hold one row per span or log record; all are counted before a segment is deleted. */
export const baseTables: Readonly<Record<Signal, readonly BaseTable[]>> = {
  spans: ['spans', 'span_search'],
  logs: ['logs'],
};

/** Tables without identity of rows: what is inserted twice collapses. */
export type DerivedTable = 'operations' | 'services';

export const derivedTables: Readonly<Record<Signal, readonly DerivedTable[]>> = {
  spans: ['operations', 'services'],
  logs: [],
};

/** Tables that retention empties, with the signal whose age counts. `services` stays: a row per service ever seen. */
export const retainedTables = [
  { table: 'spans', signal: 'spans' },
  { table: 'span_search', signal: 'spans' },
  { table: 'operations', signal: 'spans' },
  { table: 'logs', signal: 'logs' },
] as const satisfies readonly { table: BaseTable | DerivedTable; signal: Signal }[];

/** Rows of `table` out of rows as ingest writes them: for the views, and to repair one table alone. */
export function selectFor(table: BaseTable | DerivedTable, source: string): string {
  switch (table) {
    case 'spans':
    case 'logs':
      return `SELECT ${columnsOf[table].map(([name]) => name).join(', ')} FROM ${source}`;
    case 'span_search':
      return `SELECT ${searchColumns.join(', ')}, parent_span_id = toFixedString('', 8) AS is_root FROM ${source}`;
    case 'operations':
      return `SELECT DISTINCT tenant, toDate(start_time) AS day, service, name, kind FROM ${source}`;
    case 'services':
      return `SELECT tenant, service, min(ingest_seq) AS first_seq FROM ${source} GROUP BY tenant, service`;
  }
}

const searchColumns = [
  ...['ingest_seq', 'row', 'tenant', 'trace_id', 'span_id', 'name', 'kind', 'start_time', 'duration'],
  ...['status_code', 'service', 'operation', 'request_model', 'response_model', 'input_tokens'],
  ...['output_tokens', 'adjusted_count'],
] as const;
