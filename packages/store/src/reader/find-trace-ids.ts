import type { Filter } from '@spanwise/filter';
import type { TraceId } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readHeader, readRows } from '../row-binary/reader.ts';
import type { TraceQuery } from '../store.ts';
import { compileFilter } from './search/compile-filter.ts';
import { fewRowsOf, queryTenant, rowsOf, traceIdsFrom } from './tenant-query.ts';
import { type Conditions, conditionsOf, inWindow } from './trace-conditions.ts';
import { findTimes, spansOfTraces } from './trace-rows.ts';

/** Nanoseconds. The newest hour usually fills a page; each further window is six times as long. */
const firstWindow = 3_600n * 1_000_000_000n;
const windowGrowth = 6n;
const day = 86_400n * 1_000_000_000n;

/** What 64 bits hold; callers may ask for later ends. */
const latestTime = 2n ** 63n - 1n;

/** As `span_search` is sorted. */
const searchBucket = 'toStartOfFiveMinutes(start_time)';
const bucketNanos = 300n * 1_000_000_000n;

/** Traces looked at in one step, at least: a page of 1 should not take many steps. */
const smallestStep = 50;

interface Window {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Newest first by the earliest matching span of each trace, ties by trace id.
 *
 * Walks backwards over windows of time and stops as soon as the page is certain. A trace whose matching spans lie
 * in several windows is met in a newer one than its earliest span belongs to; so the earliest match of every trace
 * met is looked up over the whole range, and a trace counts only when everything newer than it has been seen.
 */
export async function findTraceIds(
  engine: Engine,
  tenant: number,
  query: TraceQuery,
): Promise<readonly TraceId[]> {
  const conditions = withFilter(conditionsOf(query), query.filter);
  if (query.limit <= 0) return [];
  const near = await rangeNear(engine, tenant, query);
  let range = near ?? (await searchRange(engine, tenant, query));
  if (range === undefined) return [];
  const step = Math.max(query.limit, smallestStep);
  /** Start of the earliest match of every trace met so far. */
  const met = new Map<TraceId, bigint>();
  let to = range.to;
  let length = conditions.table === 'spans' ? day : firstWindow;
  while (to >= range.from) {
    const from = latest(to - length, range.from);
    const found = await newestIn(engine, tenant, conditions, { from, to }, [...met.keys()], step);
    await addEarliest(engine, tenant, conditions, range, from, found, met);
    // Every trace that matches at or after `seenFrom` has been met.
    const full = found.length === step;
    const seenFrom = full ? found.at(-1)!.start + 1n : from;
    const certain = [...met].filter(([, start]) => start >= seenFrom);
    if (certain.length >= query.limit) return inOrder(certain, query.limit);
    to = seenFrom - 1n;
    if (!full) length *= windowGrowth;
    // Only a search that goes on has to know where the data begin: that asks every day.
    if (range === near) {
      const data = await dataRange(engine, tenant);
      if (data === undefined) break;
      range = { from: latest(range.from, data.from), to: range.to };
    }
  }
  return inOrder([...met], query.limit);
}

interface SearchConditions extends Conditions {
  /** The same, of a row of `spans`. */
  readonly ofSpans: Pick<Conditions, 'sql' | 'parameters'>;
}

function withFilter(conditions: Conditions, filter: Filter | undefined): SearchConditions {
  if (filter === undefined) return { ...conditions, ofSpans: conditions };
  const compiled = compileFilter(filter, []);
  const and = (filterSql: string) => ({
    sql: `${conditions.sql} AND ${filterSql}`,
    parameters: {
      ...conditions.parameters,
      ...Object.fromEntries(
        Object.entries(compiled.parameters).filter(([name]) => filterSql.includes(`{${name}:`)),
      ),
    },
  });
  const ofSpans = and(compiled.spansSql);
  return conditions.table === 'spans' || compiled.table === 'spans'
    ? { table: 'spans', ...ofSpans, ofSpans }
    : { table: 'span_search', ...and(compiled.sql), ofSpans };
}

function inOrder(traces: readonly (readonly [TraceId, bigint])[], limit: number): readonly TraceId[] {
  return [...traces]
    .sort(([idA, startA], [idB, startB]) => {
      if (startA !== startB) return startA > startB ? -1 : 1;
      return idA < idB ? -1 : 1;
    })
    .slice(0, limit)
    .map(([id]) => id);
}

/**
 * Most searches end about now. Absence: undefined when nothing began in the two days before the end asked for, or
 * none is asked for. Where the data begin is not looked at.
 */
async function rangeNear(engine: Engine, tenant: number, query: TraceQuery): Promise<Window | undefined> {
  const { startTimeMin = 0n, startTimeMax: to } = query;
  if (to === undefined || to > latestTime) return undefined;
  const [newest] = readRows(
    await queryTenant(
      engine,
      tenant,
      // In the order of the table, so that it reads one granule of each part.
      `SELECT toUnixTimestamp64Nano(start_time) FROM ${fewRowsOf('span_search')}${inWindow}
        ORDER BY ${searchBucket} DESC LIMIT 1`,
      { from: latest(startTimeMin, to - 2n * day), to },
    ),
  );
  if (newest === undefined) return undefined;
  const start = newest[0] as bigint;
  return { from: startTimeMin, to: earliest(start - (start % bucketNanos) + bucketNanos - 1n, to) };
}

/** Whole days. Absence: undefined when the tenant has nothing. */
async function dataRange(engine: Engine, tenant: number): Promise<Window | undefined> {
  const [days] = readRows(
    await queryTenant(engine, tenant, `SELECT min(day), max(day), count() FROM ${fewRowsOf('operations')}`),
  );
  const [first, last, count] = days as readonly [bigint, bigint, bigint];
  return count === 0n ? undefined : { from: first * day, to: (last + 1n) * day - 1n };
}

/** Absence: undefined when the tenant has nothing in the range asked for. */
async function searchRange(engine: Engine, tenant: number, query: TraceQuery): Promise<Window | undefined> {
  const data = await dataRange(engine, tenant);
  if (data === undefined) return undefined;
  const from = latest(query.startTimeMin ?? data.from, data.from);
  const to = earliest(query.startTimeMax ?? data.to, data.to);
  if (from > to) return undefined;
  // The last day is usually not over: start where its data end.
  const lastDay = to - (to % day);
  const [newest] = readRows(
    await queryTenant(
      engine,
      tenant,
      `SELECT max(toUnixTimestamp64Nano(start_time)) FROM ${fewRowsOf('span_search')}${inWindow}`,
      { from: latest(lastDay, from), to },
    ),
  );
  const newestStart = newest![0] as bigint;
  if (newestStart >= from && newestStart <= to) return { from, to: newestStart };
  // Nothing on the last day of the range.
  return lastDay > from ? { from, to: lastDay - 1n } : undefined;
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function earliest(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

interface Found {
  readonly id: TraceId;
  readonly start: bigint;
}

/** Traces with a match in the window, except those already met: newest first by their earliest match in it. */
async function newestIn(
  engine: Engine,
  tenant: number,
  { table, sql, parameters }: Conditions,
  window: Window,
  except: readonly TraceId[],
  limit: number,
): Promise<readonly Found[]> {
  const unmet = except.length === 0 ? '' : ` AND trace_id NOT IN ${traceIdsFrom('met')}`;
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT trace_id, toUnixTimestamp64Nano(min(start_time)) AS start
      FROM ${rowsOf(table)}${inWindow}${sql}${unmet}
      GROUP BY trace_id ORDER BY start DESC, trace_id LIMIT {limit:UInt32}`,
    { ...parameters, ...window, limit, ...(except.length === 0 ? {} : { met: except }) },
  );
  return readFound(bytes);
}

async function addEarliest(
  engine: Engine,
  tenant: number,
  { ofSpans: { sql, parameters } }: SearchConditions,
  range: Window,
  from: bigint,
  found: readonly Found[],
  met: Map<TraceId, bigint>,
): Promise<void> {
  for (const { id, start } of found) met.set(id, start);
  if (found.length === 0 || from === range.from) return;
  const ids = found.map(({ id }) => id);
  const times = await findTimes(engine, tenant, 'trace_times', ids);
  const earlier = { from: latest(range.from, times?.from ?? range.from), to: from };
  if (earlier.from > earlier.to) return;
  // In `spans`, where a trace lies together.
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT trace_id, toUnixTimestamp64Nano(min(start_time)) AS start
      FROM ${rowsOf('spans')} AND ${spansOfTraces}${sql}
      GROUP BY trace_id`,
    { ...parameters, ...earlier, ids },
  );
  for (const { id, start } of readFound(bytes)) {
    if (start < met.get(id)!) met.set(id, start);
  }
}

function readFound(bytes: Uint8Array): readonly Found[] {
  const cursor = new RowBinaryCursor(bytes);
  readHeader(cursor);
  const found: Found[] = [];
  while (!cursor.atEnd) found.push({ id: cursor.hex(16) as TraceId, start: cursor.int64() });
  return found;
}
