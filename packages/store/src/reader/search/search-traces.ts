import type { TraceId, UnixNano } from '@spanwise/model';
import type { Engine } from '../../engine.ts';
import { isModelCall } from '../summaries.ts';
import { rowsOf, traceIdsFrom, unsettledTraces } from '../tenant-query.ts';
import { findTimes } from '../trace-rows.ts';
import { columnOf } from './field-conditions.ts';
import type { Found, FoundTrace, TopTraceSearch, TraceListSearch, TraceOrder } from './search.ts';
import { latest, SearchStatements, type Window, walkWindows } from './search-statement.ts';

/** Traces looked at in one step, at least: a page of 1 should not take many steps. */
const smallestStep = 50;

/**
 * Walks over windows and stops as soon as the page is certain. A trace whose matching spans lie in several windows may
 * be met in a later one than its earliest span belongs to; so the earliest match of every trace met is looked up over
 * the whole range, and a trace counts only when everything before it in the order has been seen.
 */
export async function searchTraceIds(
  engine: Engine,
  tenant: number,
  search: TraceListSearch,
): Promise<Found<FoundTrace>> {
  const statements = new SearchStatements(engine, tenant, search);
  const { after, limit } = search;
  const isDescending = search.direction === 'descending';
  const range: { from: UnixNano; to: UnixNano } = { from: search.from, to: search.to };
  if (after !== undefined) {
    if (isDescending) range.to = after.startTimeUnixNano;
    else range.from = after.startTimeUnixNano;
  }
  const wanted = limit + 1;
  const step = Math.max(wanted, smallestStep);
  /** Start of the earliest match of every trace met so far. */
  const met = new Map<TraceId, UnixNano>();
  /** In order, without what stands on earlier pages; up to what has been seen of time. */
  const listed = (seen: (start: UnixNano) => boolean): readonly FoundTrace[] =>
    [...met]
      .map(([traceId, startTimeUnixNano]) => ({ traceId, startTimeUnixNano }))
      .filter((trace) => seen(trace.startTimeUnixNano))
      .filter((trace) => after === undefined || compareTraces(after, trace, isDescending) < 0)
      .sort((a, b) => compareTraces(a, b, isDescending));
  let certain: readonly FoundTrace[] | undefined;
  const completeTo = await walkWindows(
    range,
    statements.compiled.table,
    isDescending ? 'oldest' : 'newest',
    async (window) => {
      const found = await tracesIn(statements, search, window, [...met.keys()], step);
      const isFull = found.length === step;
      const last = found.at(-1)?.startTimeUnixNano;
      for (const { traceId, startTimeUnixNano } of found) met.set(traceId, startTimeUnixNano);
      await addEarliest(engine, tenant, statements, { from: search.from, to: window.from }, found, met);
      // All traces on this side of it have been met.
      const edge = isFull ? last! : isDescending ? window.from - 1n : window.to + 1n;
      const page = listed((start) => (isDescending ? start > edge : start < edge));
      if (page.length >= wanted) {
        certain = page;
        return 'stop';
      }
      return isFull ? (edge as UnixNano) : undefined;
    },
  );
  const page =
    certain ??
    listed((start) => completeTo === undefined || (isDescending ? start >= completeTo : start <= completeTo));
  return {
    items: page.slice(0, limit),
    hasMore: page.length > limit || completeTo !== undefined,
    ...(completeTo === undefined ? {} : { completeTo }),
  };
}

function compareTraces(a: FoundTrace, b: FoundTrace, isDescending: boolean): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) {
    return a.startTimeUnixNano > b.startTimeUnixNano === isDescending ? -1 : 1;
  }
  if (a.traceId === b.traceId) return 0;
  return a.traceId < b.traceId ? -1 : 1;
}

/** Traces with a match in the window, except those already met, by their earliest match in it. */
async function tracesIn(
  statements: SearchStatements,
  { direction }: TraceListSearch,
  window: Window,
  except: readonly TraceId[],
  limit: number,
): Promise<readonly FoundTrace[]> {
  const unmet = except.length === 0 ? '' : ` AND trace_id NOT IN ${traceIdsFrom('met')}`;
  return readFound(
    await statements.rows(
      `SELECT lower(hex(trace_id)), toUnixTimestamp64Nano(min(start_time)) AS start
        FROM ${statements.matches}${unmet}
        GROUP BY trace_id ORDER BY start ${direction === 'descending' ? 'DESC' : 'ASC'}, trace_id LIMIT {limit:UInt32}`,
      window,
      { limit, met: except },
    ),
  );
}

/** Their matches before the window, in `spans`, where a trace lies together. */
async function addEarliest(
  engine: Engine,
  tenant: number,
  statements: SearchStatements,
  before: Window,
  found: readonly FoundTrace[],
  met: Map<TraceId, UnixNano>,
): Promise<void> {
  if (found.length === 0 || before.from >= before.to) return;
  const ids = found.map(({ traceId }) => traceId);
  const times = await findTimes(engine, tenant, 'trace_times', ids);
  const from = latest(before.from, times?.from ?? before.from) as UnixNano;
  if (from > before.to) return;
  const earlier = await statements.rows(
    `SELECT lower(hex(trace_id)), toUnixTimestamp64Nano(min(start_time))
      FROM ${statements.matchingSpans} AND trace_id IN ${traceIdsFrom('ids')} GROUP BY trace_id`,
    { from, to: before.to },
    { ids },
  );
  for (const { traceId, startTimeUnixNano } of readFound(earlier)) {
    if (startTimeUnixNano < met.get(traceId)!) met.set(traceId, startTimeUnixNano);
  }
}

function readFound(rows: readonly (readonly unknown[])[]): readonly FoundTrace[] {
  return rows.map(([traceId, start]) => ({
    traceId: traceId as TraceId,
    startTimeUnixNano: start as UnixNano,
  }));
}

const known = (sum: string, how: string) => `if(${how} = 0, -1., toFloat64(${sum}))`;
const ofCalls = (of: 'tokens' | 'cost') => {
  const column = columnOf(of, 'spans');
  const isKnown = `${isModelCall} AND ${column.known}`;
  return known(`sumIf(${column.value}, ${isKnown})`, `countIf(${isKnown})`);
};

/** What settled traces are ordered by. */
const summaryValues: Readonly<Record<TraceOrder, string>> = {
  duration: 'duration',
  spans: 'span_count',
  errors: 'error_count',
  tokens:
    'if(input_tokens < 0 AND output_tokens < 0, -1, greatest(input_tokens, 0) + greatest(output_tokens, 0))',
  cost: 'cost',
};

const traceValues: Readonly<Record<TraceOrder, string>> = {
  duration: `toFloat64(${columnOf('trace_duration', 'spans').value})`,
  spans: 'toFloat64(count())',
  errors: `toFloat64(${columnOf('error_count', 'spans').value})`,
  tokens: ofCalls('tokens'),
  cost: ofCalls('cost'),
};

/** Ties: the newest first, then by id. Unknown comes last. */
export async function topTraceIds(
  engine: Engine,
  tenant: number,
  search: TopTraceSearch,
): Promise<Found<TraceId>> {
  const statements = new SearchStatements(engine, tenant, search);
  const { limit } = search;
  const isDescending = search.direction === 'descending';
  const met = new Map<TraceId, { readonly value: number; readonly start: bigint }>();
  let isCut = false;
  const completeTo = await walkWindows(search, statements.compiled.table, 'oldest', async (window) => {
    const ids = `SELECT trace_id FROM ${statements.matches}`;
    const rows = await statements.rows(
      `SELECT lower(hex(trace_id)), value, begin FROM (
          SELECT trace_id, toFloat64(${summaryValues[search.order]}) AS value, toUnixTimestamp64Nano(start) AS begin
            FROM ${rowsOf('trace_summary')} AND trace_id IN (${ids}) AND trace_id NOT IN ${unsettledTraces}
          UNION ALL
          SELECT trace_id, ${traceValues[search.order]} AS value, toUnixTimestamp64Nano(min(start_time)) AS begin
            FROM (SELECT DISTINCT trace_id, span_id, start_time, duration, status_code, operation, input_tokens,
                output_tokens, cost, cost_state
              FROM ${rowsOf('spans')} AND trace_id IN (${ids}) AND trace_id IN ${unsettledTraces})
            GROUP BY trace_id
        ) ORDER BY value < 0, value ${isDescending ? 'DESC' : 'ASC'}, begin DESC, trace_id
        LIMIT {limit:UInt32}`,
      window,
      { limit: limit + 1 },
    );
    for (const [id, value, start] of rows) {
      met.set(id as TraceId, { value: value as number, start: start as bigint });
    }
    const kept = inOrder(met, isDescending);
    isCut ||= kept.length > limit;
    for (const [id] of kept.slice(limit)) met.delete(id);
    return undefined;
  });
  return {
    items: inOrder(met, isDescending).map(([id]) => id),
    hasMore: isCut,
    ...(completeTo === undefined ? {} : { completeTo }),
  };
}

function inOrder(
  traces: ReadonlyMap<TraceId, { readonly value: number; readonly start: bigint }>,
  isDescending: boolean,
): readonly (readonly [TraceId, { readonly value: number; readonly start: bigint }])[] {
  return [...traces].sort(([idA, a], [idB, b]) => {
    if (a.value < 0 !== b.value < 0) return a.value < 0 ? 1 : -1;
    if (a.value !== b.value) return a.value > b.value === isDescending ? -1 : 1;
    if (a.start !== b.start) return a.start > b.start ? -1 : 1;
    return idA < idB ? -1 : 1;
  });
}
