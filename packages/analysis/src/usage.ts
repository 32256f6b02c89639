import type { TraceColumns } from '@spanwise/model';
import { addKnown } from './add-known.ts';
import { isModelCall } from './steps.ts';
import type { TraceTree } from './trace-tree.ts';

export interface Usage {
  readonly modelCalls: number;
  /** Totals over the model calls that named theirs; -1 when none did. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars, over the calls whose cost is known; -1 when none is. */
  readonly cost: number;
  /** Calls whose cost nobody knows: with some of them, `cost` is the least that it can be. */
  readonly unpricedCalls: number;
  /** Models that were called, by name. */
  readonly models: readonly string[];
}

/** Adds up the usage of model calls, each once: see `countedModelCalls`. */
export function countUsage(columns: TraceColumns, tree: TraceTree): Usage {
  const { inputTokens, outputTokens, modelIndex, labels } = columns;
  const rows = countedModelCalls(columns, tree);
  const models = new Set<string>();
  let input = -1;
  let output = -1;
  let cost = -1;
  let unpricedCalls = 0;
  for (const row of rows) {
    const own = costOfCall(columns, tree, row);
    cost = addKnown(cost, own);
    if (own < 0) unpricedCalls += 1;
    input = addKnown(input, inputTokens[row]!);
    output = addKnown(output, outputTokens[row]!);
    const model = labels[modelIndex[row]!];
    if (model !== undefined) models.add(model);
  }
  return {
    modelCalls: rows.length,
    inputTokens: input,
    outputTokens: output,
    cost,
    unpricedCalls,
    models: Array.from(models).sort(),
  };
}

/**
 * The rows of model calls, each call once. A call that another model call with usage contains is the same call,
 * seen by the caller, by a proxy, or by two instrumentations; agents and workflows that repeat the usage of their
 * calls are no model calls. A call that names no usage leaves counting to the calls inside it.
 */
export function countedModelCalls(columns: TraceColumns, tree: TraceTree): readonly number[] {
  const { inputTokens, outputTokens } = columns;
  const hasCallInside = rowsWithCallInside(columns, tree);
  const isCounted = new Uint8Array(columns.spanCount);
  const rows: number[] = [];
  for (const row of tree.order) {
    const parent = tree.parent[row]!;
    if (parent !== -1 && isCounted[parent] === 1) {
      isCounted[row] = 1;
      continue;
    }
    if (!isModelCall(columns, row)) continue;
    const hasUsage = inputTokens[row]! >= 0 || outputTokens[row]! >= 0;
    if (!hasUsage && hasCallInside[row] === 1) continue;
    isCounted[row] = 1;
    rows.push(row);
  }
  return rows;
}

/**
 * What a model call cost, US dollars; -1: unknown. A call whose own span does not tell may be one that a proxy passed
 * on: then it is what the calls inside it cost, each once, if all of those are known.
 */
export function costOfCall(columns: TraceColumns, tree: TraceTree, row: number): number {
  let sum = columns.cost[row]!;
  if (sum >= 0) return sum;
  const stack = [row];
  for (let parent = stack.pop(); parent !== undefined; parent = stack.pop()) {
    for (let child = tree.firstChild[parent]!; child !== -1; child = tree.nextSibling[child]!) {
      const isCall = isModelCall(columns, child);
      if (isCall && columns.cost[child]! >= 0) {
        sum = Math.max(sum, 0) + columns.cost[child]!;
        continue;
      }
      // A call without a cost and without calls inside it: nobody knows all of it.
      if (isCall && tree.firstChild[child] === -1) return -1;
      stack.push(child);
    }
  }
  return sum;
}

/** 1 for every row with a model call below it. */
function rowsWithCallInside(columns: TraceColumns, tree: TraceTree): Uint8Array {
  const hasCallInside = new Uint8Array(columns.spanCount);
  for (let at = columns.spanCount - 1; at >= 0; at--) {
    const row = tree.order[at]!;
    const parent = tree.parent[row]!;
    if (parent !== -1 && (hasCallInside[row] === 1 || isModelCall(columns, row))) hasCallInside[parent] = 1;
  }
  return hasCallInside;
}
