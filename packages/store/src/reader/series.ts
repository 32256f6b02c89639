import type { Engine, QueryParameter } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { SeriesQuery, SeriesRow } from '../store.ts';
import { queryTenant, rowsOf } from './tenant-query.ts';

const minute = 60;
const hour = 60 * minute;

export async function readSeries(
  engine: Engine,
  tenant: number,
  query: SeriesQuery,
): Promise<readonly SeriesRow[]> {
  const { by, limit } = query;
  const step = query.stepMillis === undefined ? undefined : query.stepMillis / 1_000;
  // Windows begin at multiples of the step, as everybody's charts have it.
  const from = floor(query.startMillis / 1_000, step ?? minute);
  // The minute under way counts too.
  const to = -floor(-query.endMillis / 1_000, minute);
  const parts: string[] = [];
  const parameters: Record<string, QueryParameter> = { ...hoursWithin(from, to, step), from, to };
  parameters.step = step ?? Number.MAX_SAFE_INTEGER;
  const add = (sql: string, name: string, value: QueryParameter | undefined) => {
    if (value === undefined) return;
    parts.push(` AND ${sql}`);
    parameters[name] = value;
  };
  add('service = {service:String}', 'service', query.service);
  add('name = {name:String}', 'name', query.name);
  add('kind IN {kinds:Array(UInt8)}', 'kinds', query.kinds);
  const rows = (table: 'series' | 'series_hour', window: string) =>
    `SELECT service, name, kind, window, is_error, spans, nanos, buckets FROM ${rowsOf(table)} AND (${window})${parts.join('')}`;
  const key = (name: SeriesQuery['by'][number], otherwise: string) => (by.includes(name) ? name : otherwise);
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT
        ${key('service', "''")} AS key_service, ${key('name', "''")} AS key_name,
        ${by.includes('kind') ? 'toInt16(kind)' : 'toInt16(-1)'} AS key_kind,
        {from:Int64} + intDiv(toInt64(toUnixTimestamp(window)) - {from:Int64}, {step:Int64}) * {step:Int64} AS start,
        sum(spans), sumIf(spans, is_error), sum(nanos), sumMap(buckets)
      FROM (
        ${rows('series', `${between('from', 'hourFrom')} OR ${between('hourTo', 'to')}`)}
        UNION ALL ${rows('series_hour', between('hourFrom', 'hourTo'))}
      )
      GROUP BY key_service, key_name, key_kind, start
      ORDER BY key_service, key_name, key_kind, start
      ${limit === undefined ? '' : `LIMIT ${Math.floor(limit)}`}`,
    parameters,
  );
  return readRows(bytes).map(([service, name, kind, start, spans, errors, nanos, buckets]) => ({
    service: service as string,
    name: name as string,
    kind: kind as number,
    windowMillis: Number(start) * 1_000,
    spanCount: spans as number,
    errorCount: errors as number,
    totalNanos: nanos as number,
    buckets: new Map(buckets as readonly (readonly [number, number])[]),
  }));
}

const between = (from: string, to: string) =>
  `window >= toDateTime({${from}:Int64}, 'UTC') AND window < toDateTime({${to}:Int64}, 'UTC')`;

function floor(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}

/** Whole hours inside the window are read as hours, a sixtieth of the rows; none where windows of minutes are asked for. */
function hoursWithin(from: number, to: number, step: number | undefined) {
  const hourFrom = floor(from + hour - 1, hour);
  const hourTo = floor(to, hour);
  const isWhole = step === undefined || step % hour === 0;
  return isWhole && hourTo > hourFrom ? { hourFrom, hourTo } : { hourFrom: to, hourTo: to };
}
