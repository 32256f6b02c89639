import { type TraceId, unixNano } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { type RowValue, readRows } from '../row-binary/reader.ts';
import type { AgentUse, ModelUsage, ServiceCall, TimeRange, TraceSummary } from '../store.ts';
import { queryTenant, rowsOf, traceIdsFrom } from './tenant-query.ts';

/** Traces that began in the window. */
const inRange = ` AND start >= fromUnixTimestamp64Milli({startMillis:Int64}, 'UTC')
    AND start < fromUnixTimestamp64Milli({endMillis:Int64}, 'UTC')`;

/** What sampled traces say counts for those left out. */
const weighed = (what: string) => `sum(${what} * adjusted_count)`;

export async function readServiceCalls(
  engine: Engine,
  tenant: number,
  range: TimeRange,
): Promise<readonly ServiceCall[]> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT call.1 AS caller, call.2 AS callee, call.3 AS is_message,
        ${weighed('call.4')}, ${weighed('call.5')}, ${weighed('call.6')},
        sumMap(mapApply((bucket, count) -> (bucket, count * adjusted_count), call.7))
      FROM (SELECT adjusted_count, arrayJoin(calls) AS call FROM ${rowsOf('trace_summary')}${inRange})
      GROUP BY caller, callee, is_message ORDER BY caller, callee, is_message`,
    { ...range },
  );
  return readRows(bytes).map(([caller, callee, isMessage, calls, errors, nanos, buckets]) => ({
    caller: caller as string,
    callee: callee as string,
    isMessage: Boolean(isMessage),
    callCount: calls as number,
    errorCount: errors as number,
    totalNanos: nanos as number,
    buckets: new Map(buckets as readonly (readonly [number, number])[]),
  }));
}

export async function readAgentUses(
  engine: Engine,
  tenant: number,
  range: TimeRange,
): Promise<readonly AgentUse[]> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT use.1 AS agent, use.2 AS used, ${weighed('use.3')}, ${weighed('use.4')}, ${weighed('use.5')}
      FROM (SELECT adjusted_count, arrayJoin(agent_uses) AS use FROM ${rowsOf('trace_summary')}${inRange})
      GROUP BY agent, used ORDER BY agent, used`,
    { ...range },
  );
  return readRows(bytes).map(([agent, used, calls, errors, nanos]) => ({
    agent: agent as string,
    used: used as string,
    callCount: calls as number,
    errorCount: errors as number,
    totalNanos: nanos as number,
  }));
}

export async function readModelUsage(
  engine: Engine,
  tenant: number,
  range: TimeRange,
): Promise<readonly ModelUsage[]> {
  const tokens = (place: number) =>
    `if(countIf(used.${place} >= 0) = 0, -1, sumIf(used.${place} * adjusted_count, used.${place} >= 0))`;
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT used.1 AS service, used.2 AS model, ${weighed('used.3')}, ${weighed('used.4')},
        toFloat64(${tokens(5)}), toFloat64(${tokens(6)}), ${weighed('used.7')},
        if(countIf(costs.1 >= 0) = 0, -1., sumIf(costs.1 * adjusted_count, costs.1 >= 0)), ${weighed('costs.2')}
      FROM (SELECT adjusted_count, model_usage AS used, model_costs AS costs FROM ${rowsOf('trace_summary')}${inRange})
      ARRAY JOIN used, costs GROUP BY service, model ORDER BY service, model`,
    { ...range },
  );
  return readRows(bytes).map(([service, model, calls, errors, input, output, nanos, cost, unpriced]) => ({
    service: service as string,
    model: model as string,
    callCount: calls as number,
    errorCount: errors as number,
    inputTokens: input as number,
    outputTokens: output as number,
    cost: cost as number,
    unpricedCalls: unpriced as number,
    totalNanos: nanos as number,
  }));
}

/**
 * Summaries of those traces that had no span since they were settled. Each is found by its own time: the table
 * stands by when traces began.
 */
export async function readSettledSummaries(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
): Promise<ReadonlyMap<TraceId, TraceSummary>> {
  const times = readRows(
    await queryTenant(
      engine,
      tenant,
      `SELECT lower(hex(trace_id)), toUnixTimestamp64Nano(min(first)), toUInt64(max(last_seq))
        FROM ${rowsOf('trace_times')} AND trace_id IN ${traceIdsFrom('ids')} GROUP BY trace_id`,
      { ids },
    ),
  ) as readonly (readonly [TraceId, bigint, bigint])[];
  if (times.length === 0) return new Map();
  const lastSeqs = new Map(times.map(([id, , lastSeq]) => [id, lastSeq]));
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT settled_seq, lower(hex(trace_id)), toUnixTimestamp64Nano(start), duration, span_count, error_count,
        orphan_count, has_root, root_service, root_name, services, models, input_tokens, output_tokens, cost, unpriced_calls
      FROM ${rowsOf('trace_summary')} AND (start, trace_id) IN (
        SELECT arrayJoin(arrayMap((nanos, id) -> (fromUnixTimestamp64Nano(nanos, 'UTC'), toFixedString(unhex(id), 16)),
          {starts:Array(Int64)}, {ids:Array(String)})))`,
    { starts: times.map(([, first]) => first), ids: times.map(([id]) => id) },
  );
  const summaries = new Map<TraceId, TraceSummary>();
  for (const [settledSeq, ...row] of readRows(bytes)) {
    const summary = summaryOf(row);
    if ((settledSeq as bigint) >= lastSeqs.get(summary.traceId)!) summaries.set(summary.traceId, summary);
  }
  return summaries;
}

function summaryOf(row: readonly RowValue[]): TraceSummary {
  const [id, start, duration, spans, errors, orphans, hasRoot, rootService, rootName, ...more] = row;
  const [services, models, input, output, cost, unpriced] = more;
  return {
    traceId: id as TraceId,
    ...(hasRoot ? { rootService: rootService as string, rootName: rootName as string } : {}),
    startTimeUnixNano: unixNano(start as bigint),
    durationNanos: Number(duration),
    spanCount: spans as number,
    errorCount: errors as number,
    orphanCount: orphans as number,
    services: (services as readonly (readonly [string, number, number])[]).map(
      ([name, spanCount, errorCount]) => ({ name, spanCount, errorCount }),
    ),
    inputTokens: Number(input),
    outputTokens: Number(output),
    cost: cost as number,
    unpricedCalls: unpriced as number,
    models: models as readonly string[],
  };
}
