import { statusCodes, type TraceId, unixNano } from '@spanwise/model';
import { modelOperations } from '@spanwise/semconv';
import type { Engine } from '../engine.ts';
import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readHeader } from '../row-binary/reader.ts';
import { quote } from '../sql/bind.ts';
import type { TraceSummary } from '../store.ts';
import { readSettledSummaries } from './settled.ts';
import { fewRowsOf, noSpanId, queryTenant } from './tenant-query.ts';
import { findTimes, onlyOnce, spansOfTraces, type TraceTimes } from './trace-rows.ts';

/** A parent of model calls often repeats their tokens, so only these are summed. */
export const isModelCall = `operation IN (${[...modelOperations].map(quote).join(', ')})`;
const tokens = (column: string) =>
  `if(countIf(${isModelCall} AND ${column} >= 0) = 0, -1, sumIf(${column}, ${isModelCall} AND ${column} >= 0))`;
const isPriced = `${isModelCall} AND cost_state != 0`;
const isRoot = `parent_span_id = ${noSpanId}`;
const isError = `status_code = ${statusCodes.error}`;

/** One row per trace and service: what the parts of a summary are made of. */
const perService = `SELECT
    trace_id,
    service,
    count() AS spans,
    uniqExact(span_id) AS distinct,
    countIf(${isError}) AS errors,
    toUnixTimestamp64Nano(min(start_time)) AS first_start,
    max(toUnixTimestamp64Nano(start_time) + toInt64(duration)) AS last_end,
    countIf(${isRoot}) AS roots,
    toUnixTimestamp64Nano(minIf(start_time, ${isRoot})) AS root_start,
    argMinIf(name, (start_time, span_id), ${isRoot}) AS root_name,
    ${tokens('input_tokens')} AS input,
    ${tokens('output_tokens')} AS output,
    if(countIf(${isPriced}) = 0, -1., sumIf(cost, ${isPriced})) AS known_cost,
    countIf(${isModelCall} AND cost_state = 0) AS unpriced,
    groupUniqArrayIf(if(response_model = '', request_model, response_model),
      ${isModelCall} AND (response_model != '' OR request_model != '')) AS models
  FROM ${fewRowsOf('spans')} AND ${spansOfTraces}`;
const byService = ' GROUP BY trace_id, service ORDER BY trace_id, service';

const orphans = `SELECT trace_id, count()
  FROM ${fewRowsOf('spans')} AND ${spansOfTraces} AND NOT ${isRoot}
    AND (trace_id, parent_span_id) NOT IN (
      SELECT trace_id, span_id FROM ${fewRowsOf('spans')} AND ${spansOfTraces}
    )`;
const byTrace = ' GROUP BY trace_id';

interface Draft {
  readonly services: { name: string; spanCount: number; errorCount: number }[];
  readonly models: Set<string>;
  start: bigint;
  end: bigint;
  root: { readonly service: string; readonly name: string; readonly start: bigint } | undefined;
  inputTokens: number;
  outputTokens: number;
  cost: number;
  unpricedCalls: number;
  isRepeating: boolean;
}

/** In the order of `ids`; ids without spans are left out. */
export async function readSummaries(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
): Promise<readonly TraceSummary[]> {
  if (ids.length === 0) return [];
  const settled = await readSettledSummaries(engine, tenant, ids);
  const unsettled = await readUnsettled(
    engine,
    tenant,
    ids.filter((id) => !settled.has(id)),
  );
  return ids.flatMap((id) => settled.get(id) ?? unsettled.get(id) ?? []);
}

/** Out of their spans. */
async function readUnsettled(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
): Promise<ReadonlyMap<TraceId, TraceSummary>> {
  const times = ids.length === 0 ? undefined : await findTimes(engine, tenant, 'trace_times', ids);
  if (times === undefined) return new Map();
  const { drafts, orphanCounts, repeating } = await readParts(engine, tenant, { ids, ...times }, '');
  if (repeating.length > 0) {
    const once = await readParts(engine, tenant, { ids: repeating, ...times }, onlyOnce(spansOfTraces));
    for (const id of repeating) {
      drafts.set(id, once.drafts.get(id)!);
      orphanCounts.set(id, once.orphanCounts.get(id) ?? 0);
    }
  }
  return new Map(
    [...drafts].map(([id, draft]) => [id, summaryOf(id, draft, orphanCounts.get(id) ?? 0)] as const),
  );
}

/** `condition`: on the spans that count; empty for all. `repeating`: traces in which a span id comes twice. */
async function readParts(
  engine: Engine,
  tenant: number,
  traces: TraceTimes & { readonly ids: readonly TraceId[] },
  condition: string,
) {
  const narrowed = condition === '' ? '' : ` AND ${condition}`;
  const [rows, orphanRows] = await Promise.all([
    queryTenant(engine, tenant, `${perService}${narrowed}${byService}`, { ...traces }),
    queryTenant(engine, tenant, `${orphans}${narrowed}${byTrace}`, { ...traces }),
  ]);
  const drafts = readDrafts(rows);
  return {
    drafts,
    orphanCounts: readOrphans(orphanRows),
    repeating: traces.ids.filter((id) => drafts.get(id)?.isRepeating === true),
  };
}

function readDrafts(bytes: Uint8Array): Map<TraceId, Draft> {
  const cursor = new RowBinaryCursor(bytes);
  readHeader(cursor);
  const drafts = new Map<TraceId, Draft>();
  while (!cursor.atEnd) {
    const id = cursor.hex(16) as TraceId;
    const service = cursor.string();
    const spanCount = cursor.uint64Number();
    const distinctCount = cursor.uint64Number();
    const errorCount = cursor.uint64Number();
    const start = cursor.int64();
    const end = cursor.int64();
    const roots = cursor.uint64Number();
    const root = { start: cursor.int64(), service, name: cursor.string() };
    const input = cursor.int64Number();
    const output = cursor.int64Number();
    const cost = cursor.float64();
    const unpriced = cursor.uint64Number();
    const models: string[] = [];
    for (let left = cursor.varint(); left > 0; left -= 1) models.push(cursor.string());

    let draft = drafts.get(id);
    if (draft === undefined) {
      draft = {
        services: [],
        models: new Set(),
        start,
        end,
        root: undefined,
        inputTokens: -1,
        outputTokens: -1,
        cost: -1,
        unpricedCalls: 0,
        isRepeating: false,
      };
      drafts.set(id, draft);
    }
    if (distinctCount < spanCount) draft.isRepeating = true;
    draft.services.push({ name: service, spanCount, errorCount });
    for (const model of models) draft.models.add(model);
    if (start < draft.start) draft.start = start;
    if (end > draft.end) draft.end = end;
    if (roots > 0 && (draft.root === undefined || root.start < draft.root.start)) draft.root = root;
    draft.inputTokens = addKnown(draft.inputTokens, input);
    draft.outputTokens = addKnown(draft.outputTokens, output);
    draft.cost = addKnown(draft.cost, cost);
    draft.unpricedCalls += unpriced;
  }
  return drafts;
}

/** -1 is unknown. */
function addKnown(sum: number, more: number): number {
  if (more < 0) return sum;
  return sum < 0 ? more : sum + more;
}

function readOrphans(bytes: Uint8Array): Map<TraceId, number> {
  const cursor = new RowBinaryCursor(bytes);
  readHeader(cursor);
  const counts = new Map<TraceId, number>();
  while (!cursor.atEnd) counts.set(cursor.hex(16) as TraceId, cursor.uint64Number());
  return counts;
}

function summaryOf(traceId: TraceId, draft: Draft, orphanCount: number): TraceSummary {
  return {
    traceId,
    ...(draft.root === undefined ? {} : { rootService: draft.root.service, rootName: draft.root.name }),
    startTimeUnixNano: unixNano(draft.start),
    durationNanos: Number(draft.end - draft.start),
    spanCount: draft.services.reduce((sum, { spanCount }) => sum + spanCount, 0),
    errorCount: draft.services.reduce((sum, { errorCount }) => sum + errorCount, 0),
    orphanCount,
    services: draft.services,
    inputTokens: draft.inputTokens,
    outputTokens: draft.outputTokens,
    cost: draft.cost,
    unpricedCalls: draft.unpricedCalls,
    models: [...draft.models].sort(),
  };
}
