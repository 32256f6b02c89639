import { type SpanId, statusCodes, type TraceId, type UnixNano } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { Exemplar, ExemplarQuery } from '../store.ts';
import { queryTenant, rowsOf } from './tenant-query.ts';

/** Both kinds in one statement, out of the narrow table. */
export async function readExemplars(
  engine: Engine,
  tenant: number,
  query: ExemplarQuery,
): Promise<readonly Exemplar[]> {
  const { service, name, kinds, startMillis, endMillis, limit } = query;
  const spans = `${rowsOf('span_search')}
      AND start_time >= fromUnixTimestamp64Milli({startMillis:Int64}, 'UTC')
      AND start_time < fromUnixTimestamp64Milli({endMillis:Int64}, 'UTC') AND service = {service:String}
      ${name === undefined ? '' : 'AND name = {name:String}'} ${kinds === undefined ? '' : 'AND kind IN {kinds:Array(UInt8)}'}`;
  // A trace once, by its slowest or its newest failed span.
  const top = (what: string, condition: string, order: string) =>
    `SELECT '${what}' AS what, trace_id, argMax((span_id, name, kind, start_time, duration, status_code), ${order}) AS span,
        max(${order}) AS place FROM ${spans} ${condition} GROUP BY trace_id ORDER BY place DESC, trace_id LIMIT {limit:UInt32}`;
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT what, lower(hex(trace_id)), lower(hex(span.1)), span.2, span.3, toUnixTimestamp64Nano(span.4), span.5, span.6
      FROM (
        SELECT what, trace_id, span, place FROM (${top('slow', '', 'toInt64(duration)')})
        UNION ALL SELECT what, trace_id, span, place
          FROM (${top('failed', `AND status_code = ${statusCodes.error}`, 'toUnixTimestamp64Nano(start_time)')})
      ) ORDER BY what DESC, place DESC, trace_id`,
    {
      startMillis,
      endMillis,
      service,
      limit,
      ...(name === undefined ? {} : { name }),
      ...(kinds === undefined ? {} : { kinds }),
    },
  );
  return readRows(bytes).map(([what, traceId, spanId, spanName, kind, start, duration, status]) => ({
    what: what as Exemplar['what'],
    traceId: traceId as TraceId,
    spanId: spanId as SpanId,
    name: spanName as string,
    kind: kind as number,
    startTimeUnixNano: start as UnixNano,
    durationNanos: Number(duration),
    hasError: status === statusCodes.error,
  }));
}
