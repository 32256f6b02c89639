import { type Column, columnsOf, storedColumns } from '../schema/columns.ts';
import type { ArchiveTable } from '../schema/tables.ts';

const ofPayload = new Set(['ingest_seq', 'row', 'tenant', 'trace_id', 'span_id', 'start_time', 'payload']);

/** Those of `spans` and `span_payload`. */
export const archivedColumns: Readonly<Record<ArchiveTable, readonly Column[]>> = {
  archived_spans: storedColumns('spans'),
  archived_payload: columnsOf.spans.filter(([name]) => ofPayload.has(name)),
};
