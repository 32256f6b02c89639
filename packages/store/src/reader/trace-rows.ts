import { spanColumns } from '../schema/columns.ts';
import { rowsOf, traceIdFrom, traceIdsFrom } from './tenant-query.ts';

/*
 * Rows of traces that are asked for by id. Each condition looks the traces' times up first, in the same statement,
 * so that only parts of that time are read, and none for an id that nobody sent.
 */

const one = `trace_id = ${traceIdFrom('id')}`;
const many = `trace_id IN ${traceIdsFrom('ids')}`;

const within = (column: string, table: 'trace_times' | 'trace_log_times', traces: string) =>
  `${traces}
    AND ${column} >= (SELECT min(first) FROM ${rowsOf(table)} AND ${traces})
    AND ${column} <= (SELECT max(last) FROM ${rowsOf(table)} AND ${traces})`;

/** Of `spans` and `span_payload`; the trace is `{id}`. */
export const spansOfTrace = within('start_time', 'trace_times', one);
/** Of `logs` and `log_payload`; the trace is `{id}`. */
export const logsOfTrace = within('time', 'trace_log_times', one);
/** Of `spans`; the traces are `{ids}`. */
export const spansOfTraces = within('start_time', 'trace_times', many);

/** Where a row came from, and where its payload is, is not what a span is. */
const place = new Set(['ingest_seq', 'row', 'tenant', 'trace_id', 'span_id', 'payload']);
const content = spanColumns.map(([name]) => name).filter((name) => !place.has(name));

/**
 * What spans must differ in, to count as two: a sender that was not answered sends again, in other company, so that
 * the request is not recognised. Spans under one id with other content are all kept; those with payload too, for
 * that is not compared.
 */
const identity = `trace_id, span_id, cityHash64(${content.join(', ')}),
    if(payload_count = 0, (toUInt64(0), toUInt32(0)), (ingest_seq, row))`;

/** Ends a statement over `spans`. */
export const eachSpanOnce = `LIMIT 1 BY ${identity}`;

/** A condition for statements that don't read all that spans may differ in. `traces`: a condition of this file. */
export const onlyOnce = (traces: string) => `(ingest_seq, row) IN (
    SELECT ingest_seq, row FROM ${rowsOf('spans')} AND ${traces} ORDER BY ingest_seq, row ${eachSpanOnce})`;
