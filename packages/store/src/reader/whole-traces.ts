import type { Span, Trace, TraceId } from '@spanwise/model';
import { readArchivedTrace } from '../archive/archive-trace.ts';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { TraceGroup } from '../store.ts';
import { wholeSpans } from './payload.ts';
import { readSpans, wholeSpan } from './spans.ts';
import { fewRowsOf, queryTenant, rowsOf, traceIdsFrom } from './tenant-query.ts';
import { eachSpanOnce, findTimes, spansOfTrace, spansOfTraces, type TraceTimes } from './trace-rows.ts';

const dayNanos = 86_400_000_000_000n;

/** Of one group. A page of ordinary traces has a few hundred. */
const spansAtOnce = 5_000;

/** Absence: undefined when no span has this id, in the archive neither. */
export async function readWholeTrace(
  engine: Engine,
  tenant: number,
  id: TraceId,
): Promise<Trace | undefined> {
  const times = await findTimes(engine, tenant, 'trace_times', [id]);
  if (times === undefined) return readArchivedTrace(engine, tenant, id);
  const read = async (once: string) => {
    const bytes = await queryTenant(
      engine,
      tenant,
      `SELECT ${wholeSpan} FROM ${fewRowsOf('spans')} AND ${spansOfTrace} ORDER BY start_time, span_id ${once}`,
      { id, ...times },
    );
    return wholeSpans(engine, tenant, readSpans(bytes), spansOfTrace, { id, ...times });
  };
  const all = await read('');
  const spans = isRepeating(all) ? await read(eachSpanOnce) : all;
  // Times go by months, spans by days.
  return spans.length === 0 ? readArchivedTrace(engine, tenant, id) : { traceId: id, spans };
}

/** Groups whose traces lie in the same days: one statement reads them for the price of one trace. */
export async function groupTraces(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
): Promise<readonly TraceGroup[]> {
  if (ids.length === 0) return [];
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT lower(hex(trace_id)), toUnixTimestamp64Nano(min(first)), toUnixTimestamp64Nano(max(last))
      FROM ${rowsOf('trace_times')} AND trace_id IN ${traceIdsFrom('ids')} GROUP BY trace_id`,
    { ids },
  );
  const rows = readRows(bytes) as readonly (readonly [TraceId, bigint, bigint])[];
  const times = new Map(rows.map(([id, from, to]) => [id, { from, to }]));
  const groups = new Map<string, TraceId[]>();
  for (const id of ids) {
    const at = times.get(id);
    // Only the archive may have it.
    const key = at === undefined ? id : `${at.from / dayNanos}-${at.to / dayNanos}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [id]);
    else group.push(id);
  }
  return Array.from(groups.values(), (group) => ({
    ids: group,
    async read() {
      if (group.length === 1) {
        const trace = await readWholeTrace(engine, tenant, group[0]!);
        return new Map(trace === undefined ? [] : [[trace.traceId, trace]]);
      }
      let { from, to } = times.get(group[0]!)!;
      for (const id of group) {
        const own = times.get(id)!;
        if (own.from < from) from = own.from;
        if (own.to > to) to = own.to;
      }
      return readTogether(engine, tenant, group, { from, to });
    },
  }));
}

async function readTogether(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
  times: TraceTimes,
): Promise<ReadonlyMap<TraceId, Trace> | undefined> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT ${wholeSpan} FROM ${fewRowsOf('spans')} AND ${spansOfTraces}
      ORDER BY trace_id, start_time, span_id LIMIT ${spansAtOnce + 1}`,
    { ids, ...times },
  );
  const stored = readSpans(bytes);
  if (stored.length > spansAtOnce) return undefined;
  const spans = await wholeSpans(engine, tenant, stored, spansOfTraces, { ids, ...times });
  const traces = new Map<TraceId, Trace>();
  for (const [traceId, own] of Map.groupBy(spans, (span) => span.traceId)) {
    const trace = isRepeating(own) ? await readWholeTrace(engine, tenant, traceId) : { traceId, spans: own };
    if (trace !== undefined) traces.set(traceId, trace);
  }
  for (const id of ids) {
    if (traces.has(id)) continue;
    const archived = await readArchivedTrace(engine, tenant, id);
    if (archived !== undefined) traces.set(id, archived);
  }
  return traces;
}

/** Ids that come twice are rare, and telling equal spans from different ones means comparing all of them. */
function isRepeating(spans: readonly Span[]): boolean {
  return new Set(spans.map(({ spanId }) => spanId)).size < spans.length;
}
