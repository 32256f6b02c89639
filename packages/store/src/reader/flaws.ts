import type { TraceId } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { InstrumentationFlaw } from '../rows/instrumentation-note.ts';
import type { FoundFlaw, TimeRange } from '../store.ts';
import { queryTenant, rowsOf } from './tenant-query.ts';

/** Out of what ingest noted in these hours, and of traces that began in the range and are settled. */
export async function readFlaws(
  engine: Engine,
  tenant: number,
  { startMillis, endMillis }: TimeRange,
  limit: number,
): Promise<readonly FoundFlaw[]> {
  const millis = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT service, what, detail, toUInt64(sum(count)) AS total, toUnixTimestamp64Milli(min(first)) AS since,
        toUnixTimestamp64Milli(max(last)), lower(hex(argMax(trace_id, last)))
      FROM (
        SELECT service, what, detail, count, first, last, trace_id FROM ${rowsOf('instrumentation_notes')}
          AND hour >= toStartOfHour(${millis('startMillis')}) AND hour < ${millis('endMillis')}
        UNION ALL
        SELECT flaw.1, flaw.2, '', toUInt64(flaw.3), toDateTime64(start, 3, 'UTC'), toDateTime64(start, 3, 'UTC'), trace_id
          FROM (SELECT start, trace_id, arrayJoin(flaws) AS flaw FROM ${rowsOf('trace_summary')}
            AND start >= ${millis('startMillis')} AND start < ${millis('endMillis')} AND notEmpty(flaws))
      )
      GROUP BY service, what, detail ORDER BY service, what, total DESC, detail LIMIT {limit:UInt32}`,
    { startMillis, endMillis, limit },
  );
  return readRows(bytes).map(([service, what, detail, count, first, last, traceId]) => ({
    service: service as string,
    what: what as InstrumentationFlaw,
    detail: detail as string,
    count: Number(count),
    firstMillis: Number(first),
    lastMillis: Number(last),
    ...(/^0*$/.test(traceId as string) ? {} : { traceId: traceId as TraceId }),
  }));
}
