import {
  nanosPerMicro,
  parentNone,
  type SpanId,
  spanId,
  spanKinds,
  statusCodes,
  type TraceColumns,
} from '@spanwise/model';
import { drawnStart, drawnTraceId } from './draw-trace.ts';

export interface LargeTraceOptions {
  /** Of the deepest span, the root being 0; default 12. 1 makes a wide trace, `spanCount` a deep one. */
  readonly depthMax?: number;
  readonly seed?: number;
}

const services = ['api-gateway', 'conversation-manager', 'rag-retrieval', 'tool-execution', 'llm-proxy'];
const names = [
  'POST /chat',
  'handle_message',
  'retrieve_documents',
  'execute_tool search',
  'chat gpt-4o',
  'SELECT',
];
const labels = ['chat', 'gpt-4o', 'execute_tool', 'search'];
const chatName = 4;
const toolName = 3;

/**
 * A trace of a given size with one root, children inside their parents, one after the other. One in 500 spans is
 * an error; model calls carry tokens. The same for the same arguments.
 * Cost: about 50 ms for 100,000 spans.
 */
export function largeTrace(spanCount: number, options: LargeTraceOptions = {}): TraceColumns {
  const { depthMax = 12, seed = 1 } = options;
  const random = createRandom(seed);
  const parentRow = new Int32Array(spanCount).fill(parentNone);
  const startNanos = new Float64Array(spanCount);
  const durationsNanos = new Float64Array(spanCount);
  const serviceIndex = new Int32Array(spanCount);
  const nameIndex = new Int32Array(spanCount);
  const open: number[] = [];
  let clock = 0;
  const tick = () => {
    clock += (1 + Math.floor(random() * 200)) * nanosPerMicro;
  };
  const end = () => {
    tick();
    const row = open.pop()!; // called only while a span is open
    durationsNanos[row] = clock - startNanos[row]!;
  };
  for (let row = 0; row < spanCount; row++) {
    while (open.length > 1 && (open.length > depthMax || (depthMax < spanCount - 1 && random() < 0.45)))
      end();
    if (row > 0) tick();
    const parent = open.at(-1) ?? parentNone;
    parentRow[row] = parent;
    startNanos[row] = clock;
    nameIndex[row] = Math.floor(random() * names.length);
    const isRemote = parent === parentNone || random() < 0.2;
    serviceIndex[row] = isRemote ? Math.floor(random() * services.length) : serviceIndex[parent]!;
    open.push(row);
  }
  while (open.length > 0) end();
  const isChat = (row: number) => nameIndex[row] === chatName;
  const isTool = (row: number) => nameIndex[row] === toolName;
  const fill = (make: (row: number) => number) => (_: unknown, row: number) => make(row);
  const rows = { length: spanCount };
  return {
    traceId: drawnTraceId,
    startTimeUnixNano: drawnStart,
    durationNanos: durationsNanos[0] ?? 0,
    spanCount,
    services,
    names,
    labels,
    spanIds: Array.from(rows, (_, row): SpanId => spanId((row + 1).toString(16).padStart(16, '0'))),
    parentRow,
    startNanos,
    durationsNanos,
    serviceIndex,
    nameIndex,
    kind: Uint8Array.from(
      rows,
      fill((row) => (isChat(row) ? spanKinds.client : spanKinds.internal)),
    ),
    status: Uint8Array.from(
      rows,
      fill((row) => (row % 500 === 499 ? statusCodes.error : statusCodes.unset)),
    ),
    eventCount: new Int32Array(spanCount),
    operationIndex: Int32Array.from(
      rows,
      fill((row) => (isChat(row) ? 0 : isTool(row) ? 2 : -1)),
    ),
    modelIndex: Int32Array.from(
      rows,
      fill((row) => (isChat(row) ? 1 : -1)),
    ),
    agentIndex: new Int32Array(spanCount).fill(-1),
    toolIndex: Int32Array.from(
      rows,
      fill((row) => (isTool(row) ? 3 : -1)),
    ),
    inputTokens: Float64Array.from(
      rows,
      fill((row) => (isChat(row) ? 100 + (row % 900) : -1)),
    ),
    outputTokens: Float64Array.from(
      rows,
      fill((row) => (isChat(row) ? 10 + (row % 90) : -1)),
    ),
    cost: Float64Array.from(
      rows,
      fill((row) => (isChat(row) ? (100 + (row % 900)) * 2.5e-6 : -1)),
    ),
    firstChunkNanos: Float64Array.from(
      rows,
      fill((row) => (isChat(row) ? durationsNanos[row]! / 3 : -1)),
    ),
  };
}

/** A linear congruential generator (Numerical Recipes' constants): enough to vary a drawing, the same each run. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
