import type { Engine, QueryParameter } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { SeriesQuery, SeriesRow } from '../store.ts';
import { queryTenant, rowsOf } from './tenant-query.ts';

const minuteMillis = 60_000;
const hourMillis = 60 * minuteMillis;
/** From here on whole hours are exact enough at the ends, and sixty times less to read. */
const longMillis = 2 * 24 * hourMillis;

export async function readSeries(
  engine: Engine,
  tenant: number,
  query: SeriesQuery,
): Promise<readonly SeriesRow[]> {
  const { stepMillis, by } = query;
  const unit = unitOf(query);
  const table = unit === hourMillis ? 'series_hour' : 'series';
  const start = Math.floor(query.startMillis / unit) * unit;
  const parts: string[] = [];
  const parameters: Record<string, QueryParameter> = {
    from: start / 1_000,
    to: (Math.floor(query.endMillis / unit) * unit) / 1_000,
    origin: start / 1_000,
    step: Math.max(1, stepMillis === undefined ? Number.MAX_SAFE_INTEGER : stepMillis / 1_000),
  };
  const add = (sql: string, name: string, value: QueryParameter | undefined) => {
    if (value === undefined) return;
    parts.push(` AND ${sql}`);
    parameters[name] = value;
  };
  add('service = {service:String}', 'service', query.service);
  add('name = {name:String}', 'name', query.name);
  add('kind IN {kinds:Array(UInt8)}', 'kinds', query.kinds);
  const key = (name: SeriesQuery['by'][number], otherwise: string) => (by.includes(name) ? name : otherwise);
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT
        ${key('service', "''")} AS key_service, ${key('name', "''")} AS key_name,
        ${by.includes('kind') ? 'toInt16(kind)' : 'toInt16(-1)'} AS key_kind,
        {origin:Int64} + intDiv(toInt64(toUnixTimestamp(window)) - {origin:Int64}, {step:Int64}) * {step:Int64} AS from_seconds,
        sum(spans), sumIf(spans, is_error), sum(nanos), sumMap(buckets)
      FROM ${rowsOf(table)}
        AND window >= toDateTime({from:Int64}, 'UTC') AND window < toDateTime({to:Int64}, 'UTC')${parts.join('')}
      GROUP BY key_service, key_name, key_kind, from_seconds
      ORDER BY key_service, key_name, key_kind, from_seconds`,
    parameters,
  );
  return readRows(bytes).map(([service, name, kind, seconds, spans, errors, nanos, buckets]) => ({
    service: service as string,
    name: name as string,
    kind: kind as number,
    windowMillis: Number(seconds) * 1_000,
    spanCount: spans as number,
    errorCount: errors as number,
    totalNanos: nanos as number,
    buckets: new Map(buckets as readonly (readonly [number, number])[]),
  }));
}

function unitOf({ startMillis, endMillis, stepMillis }: SeriesQuery): number {
  const isLong =
    stepMillis === undefined ? endMillis - startMillis >= longMillis : stepMillis % hourMillis === 0;
  return isLong ? hourMillis : minuteMillis;
}
