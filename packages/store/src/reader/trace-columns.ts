import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  parentMissing,
  parentNone,
  type SpanId,
  type TraceColumns,
  type TraceId,
  unixNano,
} from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readHeader, readRows } from '../row-binary/reader.ts';
import { StringTable } from './string-table.ts';
import { fewRowsOf, queryTenant, rowsOf } from './tenant-query.ts';
import {
  findTimes,
  logsOfTrace,
  onlyOnce,
  spansOfTrace,
  spansOfTraces,
  type TraceTimes,
} from './trace-rows.ts';

/** The columns of a waterfall's rows: no attributes, no event bodies. */
const skeletonColumns = `toUnixTimestamp64Nano(start_time) AS start, span_id, parent_span_id, duration, service, name, kind, status_code,
    toUInt32(length(events) + length(links)) AS marks, operation,
    if(response_model = '', request_model, response_model) AS model, agent, tool,
    input_tokens, output_tokens, if(cost_state = 0, -1, cost) AS known_cost, first_chunk_nanos`;
const skeleton = `SELECT ${skeletonColumns} FROM ${fewRowsOf('spans')} AND ${spansOfTrace}`;
const skeletons = `SELECT trace_id, ${skeletonColumns} FROM ${fewRowsOf('spans')} AND ${spansOfTraces}
  ORDER BY trace_id, start, span_id`;
const inOrder = ' ORDER BY start, span_id';

const spanCount = `SELECT count(), uniqExact(span_id) FROM ${fewRowsOf('spans')} AND ${spansOfTrace}`;

const logCounts = `SELECT span_id, toUInt32(count()) FROM ${rowsOf('logs')} AND ${logsOfTrace}
  GROUP BY span_id`;

/** Absence: undefined when no span has this id. */
export async function readTraceColumns(
  engine: Engine,
  tenant: number,
  id: TraceId,
): Promise<TraceColumns | undefined> {
  const [times, logTimes] = await Promise.all([
    findTimes(engine, tenant, 'trace_times', [id]),
    findTimes(engine, tenant, 'trace_log_times', [id]),
  ]);
  if (times === undefined) return undefined;
  const spansOfIt = { id, ...times };
  const [rows, counts, logs] = await Promise.all([
    queryTenant(engine, tenant, skeleton + inOrder, spansOfIt),
    queryTenant(engine, tenant, spanCount, spansOfIt),
    logTimes === undefined ? undefined : queryTenant(engine, tenant, logCounts, { id, ...logTimes }),
  ]);
  // Spans may have come in between the two: the rows decide, this is how much room they get.
  const [[spans, distinct] = []] = readRows(counts);
  // Ids that repeat are rare, and telling equal spans from different ones means reading all of them.
  const once =
    spans === distinct
      ? rows
      : await queryTenant(engine, tenant, `${skeleton} AND ${onlyOnce(spansOfTrace)}${inOrder}`, spansOfIt);
  return decodeTraceColumns(id, once, Number(spans), logs);
}

/** A few milliseconds: whoever waits on this thread gets a turn then. */
const tracesInOneTurn = 100;

/**
 * Many traces in one statement, without the marks of events, links and log records. Their dictionaries are shared:
 * they hold strings that a trace does not have. Traces without spans are left out.
 */
export async function readManyTraceColumns(
  engine: Engine,
  tenant: number,
  ids: readonly TraceId[],
  times: TraceTimes,
): Promise<readonly TraceColumns[]> {
  const traces: TraceColumns[] = [];
  for (const trace of decodeTraces(await queryTenant(engine, tenant, skeletons, { ids, ...times }))) {
    const isRepeating = new Set(trace.spanIds).size < trace.spanCount;
    const once = isRepeating ? await readTraceColumns(engine, tenant, trace.traceId) : trace;
    if (once !== undefined) traces.push(once);
    if (traces.length % tracesInOneTurn === 0) await nextTurn();
  }
  return traces;
}

/** Rows of `skeletons`. */
function* decodeTraces(rows: Uint8Array): Generator<TraceColumns> {
  const cursor = new RowBinaryCursor(rows);
  readHeader(cursor);
  const strings = { services: new StringTable(), names: new StringTable(), labels: new StringTable() };
  const space = createSpace(rowsInOneSpace);
  let next = cursor.atEnd ? '' : cursor.hex(16);
  while (next !== '') {
    const traceId = next as TraceId;
    const goesOn = () => {
      next = cursor.atEnd ? '' : cursor.hex(16);
      return next === traceId;
    };
    yield decodeTrace(cursor, traceId, space, strings, goesOn).trace;
  }
}

/** `rows`: the result of `skeleton`; `logs`: span ids with their number of log records, if there are any. */
function decodeTraceColumns(
  traceId: TraceId,
  rows: Uint8Array,
  expectedRows: number,
  logs: Uint8Array | undefined,
): TraceColumns | undefined {
  const cursor = new RowBinaryCursor(rows);
  readHeader(cursor);
  if (cursor.atEnd) return undefined;
  const strings = { services: new StringTable(), names: new StringTable(), labels: new StringTable() };
  const space = createSpace(Math.max(expectedRows, 1));
  const { trace, spans } = decodeTrace(cursor, traceId, space, strings, () => !cursor.atEnd);
  if (logs !== undefined) addLogs(logs, spans, trace.eventCount);
  return trace;
}

/**
 * The trace whose first row is at the cursor. One pass, no object per span. `goesOn`: called after each row, says
 * whether the cursor is at another one of the trace.
 */
function decodeTrace(
  cursor: RowBinaryCursor,
  traceId: TraceId,
  space: Space,
  strings: Strings,
  goesOn: () => boolean,
): { readonly trace: TraceColumns; readonly spans: SpanIndex } {
  const firstRow = cursor.offset;
  const spanIds: SpanId[] = [];
  const origin = cursor.int64();
  cursor.offset = firstRow;
  let first = space.usedRows;
  let end = 0;
  let row = 0;
  do {
    if (first + row === space.idOffsets.length) {
      moveOn(space, first);
      first = 0;
    }
    end = Math.max(end, readRow(cursor, space, first + row, origin, spanIds, strings));
    row += 1;
  } while (goesOn());
  space.usedRows = first + row;
  const columns = rowsOfSpace(space.columns, first, row);
  const spans = new SpanIndex(cursor.bytes, space.idOffsets.subarray(first, first + row), row);
  for (let child = 0; child < row; child += 1) {
    columns.parentRow[child] = spans.parentRow(child);
  }
  const trace = {
    traceId,
    startTimeUnixNano: unixNano(origin),
    durationNanos: end,
    spanCount: row,
    ...stringsOf(strings),
    spanIds,
    ...columns,
  };
  return { trace, spans };
}

interface Strings {
  readonly services: StringTable;
  readonly names: StringTable;
  readonly labels: StringTable;
}

const stringsOf = ({ services, names, labels }: Strings) => ({
  services: services.strings,
  names: names.strings,
  labels: labels.strings,
});

/** Reads one row of `skeletonColumns`. Gives its end, in ns after `origin`. */
function readRow(
  cursor: RowBinaryCursor,
  { columns, idOffsets }: Space,
  row: number,
  origin: bigint,
  spanIds: SpanId[],
  { services, names, labels }: Strings,
): number {
  const start = Number(cursor.int64() - origin);
  columns.startNanos[row] = start;
  idOffsets[row] = cursor.offset;
  spanIds.push(cursor.hex(8) as SpanId);
  cursor.offset += 8;
  const duration = cursor.uint64Number();
  columns.durationsNanos[row] = duration;
  columns.serviceIndex[row] = services.read(cursor);
  columns.nameIndex[row] = names.read(cursor);
  columns.kind[row] = cursor.uint8();
  columns.status[row] = cursor.uint8();
  columns.eventCount[row] = cursor.uint32();
  columns.operationIndex[row] = labels.read(cursor, true);
  columns.modelIndex[row] = labels.read(cursor, true);
  columns.agentIndex[row] = labels.read(cursor, true);
  columns.toolIndex[row] = labels.read(cursor, true);
  columns.inputTokens[row] = cursor.int64Number();
  columns.outputTokens[row] = cursor.int64Number();
  columns.cost[row] = cursor.float64();
  columns.firstChunkNanos[row] = cursor.int64Number();
  return start + duration;
}

type Arrays = Pick<
  TraceColumns,
  | 'parentRow'
  | 'startNanos'
  | 'durationsNanos'
  | 'serviceIndex'
  | 'nameIndex'
  | 'kind'
  | 'status'
  | 'eventCount'
  | 'operationIndex'
  | 'modelIndex'
  | 'agentIndex'
  | 'toolIndex'
  | 'inputTokens'
  | 'outputTokens'
  | 'cost'
  | 'firstChunkNanos'
>;

function allocate(rows: number): Arrays {
  return {
    parentRow: new Int32Array(rows),
    startNanos: new Float64Array(rows),
    durationsNanos: new Float64Array(rows),
    serviceIndex: new Int32Array(rows),
    nameIndex: new Int32Array(rows),
    kind: new Uint8Array(rows),
    status: new Uint8Array(rows),
    eventCount: new Int32Array(rows),
    operationIndex: new Int32Array(rows),
    modelIndex: new Int32Array(rows),
    agentIndex: new Int32Array(rows),
    toolIndex: new Int32Array(rows),
    inputTokens: new Float64Array(rows),
    outputTokens: new Float64Array(rows),
    cost: new Float64Array(rows),
    firstChunkNanos: new Float64Array(rows),
  };
}

/** Arrays of their own for each of many short traces cost more than reading them: traces share these. */
interface Space {
  columns: Arrays;
  /** Of each row, where its span id stands in the result; its parent's id follows. */
  idOffsets: Int32Array;
  usedRows: number;
}

const rowsInOneSpace = 8_192;

const createSpace = (rows: number): Space => ({
  columns: allocate(rows),
  idOffsets: new Int32Array(rows),
  usedRows: 0,
});

/** Gives new arrays, which begin with the rows from `first` on: those of the trace that is being read. */
function moveOn(space: Space, first: number): void {
  const { columns, idOffsets } = space;
  const rows = idOffsets.length - first;
  const larger = createSpace(Math.max(rowsInOneSpace, rows * 2));
  for (const [name, array] of Object.entries(columns)) {
    larger.columns[name as keyof Arrays].set(array.subarray(first));
  }
  larger.idOffsets.set(idOffsets.subarray(first));
  Object.assign(space, larger);
}

function rowsOfSpace(columns: Arrays, first: number, rows: number): Arrays {
  const end = first + rows;
  return {
    parentRow: columns.parentRow.subarray(first, end),
    startNanos: columns.startNanos.subarray(first, end),
    durationsNanos: columns.durationsNanos.subarray(first, end),
    serviceIndex: columns.serviceIndex.subarray(first, end),
    nameIndex: columns.nameIndex.subarray(first, end),
    kind: columns.kind.subarray(first, end),
    status: columns.status.subarray(first, end),
    eventCount: columns.eventCount.subarray(first, end),
    operationIndex: columns.operationIndex.subarray(first, end),
    modelIndex: columns.modelIndex.subarray(first, end),
    agentIndex: columns.agentIndex.subarray(first, end),
    toolIndex: columns.toolIndex.subarray(first, end),
    inputTokens: columns.inputTokens.subarray(first, end),
    outputTokens: columns.outputTokens.subarray(first, end),
    firstChunkNanos: columns.firstChunkNanos.subarray(first, end),
    cost: columns.cost.subarray(first, end),
  };
}

/** Finds rows by span id, comparing bytes in place. Of rows that share an id, the first one. */
class SpanIndex {
  readonly #view: DataView;
  readonly #idOffsets: Int32Array;
  /** Open addressing: row + 1, 0 is free. */
  readonly #slots: Int32Array;

  constructor(bytes: Uint8Array, idOffsets: Int32Array, rows: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#idOffsets = idOffsets;
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(rows * 2 + 1)));
    for (let row = 0; row < rows; row += 1) {
      const offset = idOffsets[row]!;
      const slot = this.#slotOf(this.#view.getUint32(offset), this.#view.getUint32(offset + 4));
      if (this.#slots[slot] === 0) this.#slots[slot] = row + 1;
    }
  }

  /** Absence: -1. */
  rowOf(high: number, low: number): number {
    return this.#slots[this.#slotOf(high, low)]! - 1;
  }

  parentRow(row: number): number {
    const offset = this.#idOffsets[row]! + 8;
    const high = this.#view.getUint32(offset);
    const low = this.#view.getUint32(offset + 4);
    if (high === 0 && low === 0) return parentNone;
    const parent = this.rowOf(high, low);
    return parent === -1 ? parentMissing : parent;
  }

  /** The slot that holds this id, or the free one where it belongs. */
  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = (Math.imul(high, 0x9e3779b1) ^ Math.imul(low ^ (low >>> 15), 0x85ebca6b)) & mask;
    for (;;) {
      const row = this.#slots[slot]! - 1;
      if (row === -1) return slot;
      const offset = this.#idOffsets[row]!;
      if (this.#view.getUint32(offset) === high && this.#view.getUint32(offset + 4) === low) return slot;
      slot = (slot + 1) & mask;
    }
  }
}

function addLogs(logs: Uint8Array, spans: SpanIndex, eventCount: Int32Array): void {
  const cursor = new RowBinaryCursor(logs);
  readHeader(cursor);
  const view = new DataView(logs.buffer, logs.byteOffset, logs.byteLength);
  while (!cursor.atEnd) {
    const row = spans.rowOf(view.getUint32(cursor.offset), view.getUint32(cursor.offset + 4));
    cursor.offset += 8;
    const count = cursor.uint32();
    if (row !== -1) eventCount[row] = eventCount[row]! + count;
  }
}
