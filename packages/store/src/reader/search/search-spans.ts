import type { SpanId, SpanKind, StatusCode, TraceId, UnixNano } from '@spanwise/model';
import type { Engine } from '../../engine.ts';
import { rowsOf, spanIdsFrom, timeFrom, traceIdFrom, traceIdsFrom } from '../tenant-query.ts';
import { inWindow } from '../trace-conditions.ts';
import { columnOf } from './field-conditions.ts';
import type { Direction, Found, FoundSpan, SpanListSearch, SpanOrder, SpanPlace } from './search.ts';
import { earliest, latest, SearchStatements, type Window, walkWindows } from './search-statement.ts';

export async function searchSpans(
  engine: Engine,
  tenant: number,
  search: SpanListSearch,
): Promise<Found<FoundSpan>> {
  const statements = new SearchStatements(engine, tenant, search);
  const { order, direction, after, limit } = search;
  const isByTime = order === 'time';
  const isNewestFirst = !isByTime || direction === 'descending';
  const range: { from: UnixNano; to: UnixNano } = { from: search.from, to: search.to };
  if (isByTime && after !== undefined) {
    if (isNewestFirst) range.to = after.startTimeUnixNano;
    else range.from = after.startTimeUnixNano;
  }
  let places: readonly SpanPlace[] = [];
  // One more tells whether there is more.
  const wanted = limit + 1;
  const table = isByTime ? statements.compiled.table : tableOf(order, statements.compiled.table);
  const completeTo = await walkWindows(range, table, isNewestFirst ? 'oldest' : 'newest', async (window) => {
    const found = await placesIn(statements, search, window, isByTime ? wanted - places.length : wanted);
    places = isByTime ? [...places, ...found] : inOrder([...places, ...found], direction, wanted);
    return isByTime && places.length >= wanted ? 'stop' : undefined;
  });
  const page = places.slice(0, limit);
  return {
    items: await describe(statements, page),
    // What time and budget left out is older; by any other order it is left out of all pages.
    hasMore: places.length > limit || (isByTime && completeTo !== undefined),
    ...(completeTo === undefined ? {} : { completeTo }),
  };
}

/** Cost stands in `spans` only. */
function tableOf(order: SpanOrder, table: 'span_search' | 'spans'): 'span_search' | 'spans' {
  return order === 'cost' ? 'spans' : table;
}

/** What the list is ordered by, as a double; unknown is behind all others. */
function orderSql(order: SpanOrder, direction: Direction): string {
  if (order === 'time') return '0.0';
  const { known, value } = columnOf(order, 'spans');
  const double = `toFloat64(${value})`;
  return known === undefined ? double : `if(${known}, ${double}, ${unknownValue(direction)})`;
}

const unknownValue = (direction: Direction) => (direction === 'descending' ? '-1.0' : '1e300');

async function placesIn(
  statements: SearchStatements,
  { order, direction, after }: SpanListSearch,
  window: Window,
  limit: number,
): Promise<readonly SpanPlace[]> {
  const isDescending = direction === 'descending';
  const beyond = isDescending ? '<' : '>';
  const rows =
    tableOf(order, statements.compiled.table) === 'spans' ? statements.matchingSpans : statements.matches;
  // By time its own direction counts, else the newest of equals are first.
  const startOrder = order === 'time' && !isDescending ? 'ASC' : 'DESC';
  const startBeyond = startOrder === 'ASC' ? '>' : '<';
  const afterSql =
    after === undefined
      ? ''
      : ` AND (value ${beyond} {afterValue:Float64} OR (value = {afterValue:Float64} AND (
          start_time ${startBeyond} ${timeFrom('afterStart')} OR (start_time = ${timeFrom('afterStart')}
            AND (trace_id, span_id) > (${traceIdFrom('afterTrace')}, toFixedString(unhex({afterSpan:String}), 8))))))`;
  const found = await statements.rows(
    `SELECT ${orderSql(order, direction)} AS value, toUnixTimestamp64Nano(start_time), lower(hex(trace_id)), lower(hex(span_id))
      FROM ${rows}${afterSql}
      ORDER BY value ${isDescending ? 'DESC' : 'ASC'}, start_time ${startOrder}, trace_id, span_id
      LIMIT 1 BY trace_id, span_id, start_time
      LIMIT {limit:UInt32}`,
    window,
    {
      limit,
      ...(after === undefined
        ? {}
        : {
            afterValue: after.value,
            afterStart: after.startTimeUnixNano,
            afterTrace: after.traceId,
            afterSpan: after.spanId,
          }),
    },
  );
  return found.map(([value, start, traceId, spanId]) => ({
    value: value as number,
    startTimeUnixNano: start as UnixNano,
    traceId: traceId as TraceId,
    spanId: spanId as SpanId,
  }));
}

/** By value; windows come newest first, so equals stay in their order. */
function inOrder(places: readonly SpanPlace[], direction: Direction, limit: number): readonly SpanPlace[] {
  const sign = direction === 'descending' ? -1 : 1;
  return places.toSorted((a, b) => sign * (a.value - b.value)).slice(0, limit);
}

/** What was found within the budget is shown, even where finding it took all. */
const describeMillis = 2_000;

/** Everything a list shows of its spans, in the order of the places. */
async function describe(
  statements: SearchStatements,
  places: readonly SpanPlace[],
): Promise<readonly FoundSpan[]> {
  if (places.length === 0) return [];
  const starts = places.map(({ startTimeUnixNano }) => startTimeUnixNano);
  const rows = await statements.rows(
    `SELECT toUnixTimestamp64Nano(start_time), lower(hex(trace_id)), lower(hex(span_id)),
        lower(hex(parent_span_id)), service, name, kind, duration, status_code, operation,
        ${columnOf('model', 'spans').value}, agent, tool, input_tokens, output_tokens, if(cost_state = 0, -1, cost)
      FROM ${rowsOf('spans')}${inWindow} AND trace_id IN ${traceIdsFrom('ids')} AND span_id IN ${spanIdsFrom('spanIds')}
      LIMIT 1 BY trace_id, span_id, start_time`,
    {
      from: starts.reduce((a, b) => earliest(a, b) as UnixNano),
      to: starts.reduce((a, b) => latest(a, b) as UnixNano),
    },
    {
      ids: [...new Set(places.map(({ traceId }) => traceId))],
      spanIds: [...new Set(places.map(({ spanId }) => spanId))],
    },
    describeMillis,
  );
  const byPlace = new Map(rows.map((row) => [`${row[0]}/${row[1]}/${row[2]}`, row]));
  return places.flatMap((place): readonly FoundSpan[] => {
    const row = byPlace.get(`${place.startTimeUnixNano}/${place.traceId}/${place.spanId}`);
    if (row === undefined) return []; // retention has dropped it since
    const [, , , parent, service, name, kind, duration, status, ...agentRow] = row;
    const [operation, model, agent, tool, input, output, cost] = agentRow;
    return [
      {
        place,
        ...(/[^0]/.test(parent as string) ? { parentSpanId: parent as SpanId } : {}),
        service: service as string,
        name: name as string,
        kind: kind as SpanKind,
        durationNanos: Number(duration),
        statusCode: status as StatusCode,
        operation: operation as string,
        model: model as string,
        agent: agent as string,
        tool: tool as string,
        inputTokens: Number(input),
        outputTokens: Number(output),
        cost: cost as number,
      },
    ];
  });
}
