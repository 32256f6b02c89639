import type { TraceId } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { spanColumns } from '../schema/columns.ts';
import { fewRowsOf, queryTenant, rowsOf, timeFrom, traceIdFrom, traceIdsFrom } from './tenant-query.ts';

/** When the spans or log records of traces were: nanoseconds, both inclusive. Narrows a read to the parts of then. */
export interface TraceTimes {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Absence: undefined when nobody sent a span, or log record, of any of these traces.
 * Cost: 2 to 3 ms; an id that does not exist needs no more than that.
 */
export async function findTimes(
  engine: Engine,
  tenant: number,
  table: 'trace_times' | 'trace_log_times',
  ids: readonly TraceId[],
): Promise<TraceTimes | undefined> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT count(), toUnixTimestamp64Nano(min(first)), toUnixTimestamp64Nano(max(last))
      FROM ${fewRowsOf(table)} AND ${
        // A set takes a statement of its own to fill.
        ids.length === 1 ? `trace_id = ${traceIdFrom('id')}` : `trace_id IN ${traceIdsFrom('ids')}`
      }`,
    ids.length === 1 ? { id: ids[0]! } : { ids },
  );
  const [[count, from, to] = []] = readRows(bytes);
  return count === 0n ? undefined : { from: from as bigint, to: to as bigint };
}

const within = (column: string) => `${column} >= ${timeFrom('from')} AND ${column} <= ${timeFrom('to')}`;

/** Of `spans` and `span_payload`. Parameters: `id`, and the trace's times. */
export const spansOfTrace = `trace_id = ${traceIdFrom('id')} AND ${within('start_time')}`;
/** Of `archived_spans` and `archived_payload`: few enough to do without times. Parameter: `id`. */
export const rowsOfArchived = `trace_id = ${traceIdFrom('id')}`;
/** Of `logs` and `log_payload`. Parameters: `id`, and the times of the trace's log records. */
export const logsOfTrace = `trace_id = ${traceIdFrom('id')} AND ${within('time')}`;
/** Of `spans`. Parameters: `ids`, and the traces' times. */
export const spansOfTraces = `trace_id IN ${traceIdsFrom('ids')} AND ${within('start_time')}`;

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
