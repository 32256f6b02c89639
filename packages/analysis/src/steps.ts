import { spanKinds, type TraceColumns } from '@spanwise/model';
import { genAiOperation, modelOperations } from '@spanwise/semconv';
import type { TraceTree } from './trace-tree.ts';

/** Operations that mostly wait for others: a call below one of them is a better answer than the operation. */
const containerOperations: ReadonlySet<string> = new Set([
  genAiOperation.invokeAgent,
  genAiOperation.invokeWorkflow,
  'create_agent',
  'agent_step',
  'chain',
  'session',
  'task',
]);

export function isModelCall(columns: TraceColumns, row: number): boolean {
  return modelOperations.has(operationOf(columns, row));
}

/**
 * For each row, the row whose name people would give to the time that this span spent itself. That is the span,
 * except for the plumbing of a step: the HTTP client of a model call is the model call to everybody but us.
 *
 * Inside one service only: what another service did is its own step.
 */
export function stepRows(columns: TraceColumns, tree: TraceTree): Int32Array {
  const steps = new Int32Array(columns.spanCount);
  const isPlumbing = new Uint8Array(columns.spanCount);
  for (const row of tree.order) {
    steps[row] = row;
    const parent = tree.parent[row]!;
    if (parent === -1 || columns.serviceIndex[parent] !== columns.serviceIndex[row]) continue;
    if (columns.operationIndex[row] !== -1) continue;
    const step = steps[parent]!;
    const operation = operationOf(columns, step);
    if (operation === '' || containerOperations.has(operation)) continue;
    const isInside =
      modelOperations.has(operation) || columns.kind[row] === spanKinds.client || isPlumbing[parent] === 1;
    if (!isInside) continue;
    isPlumbing[row] = 1;
    steps[row] = step;
  }
  return steps;
}

/**
 * What a step is called: the span's name, and where that does not say which model or tool, the conventions' name
 * for it (`chat gpt-4o`, `execute_tool search`).
 */
export function stepName(columns: TraceColumns, row: number): string {
  const name = columns.names[columns.nameIndex[row]!] ?? '';
  const operation = operationOf(columns, row);
  const subject = modelOperations.has(operation)
    ? columns.labels[columns.modelIndex[row]!]
    : operation === genAiOperation.executeTool
      ? columns.labels[columns.toolIndex[row]!]
      : undefined;
  return subject === undefined || name.includes(subject) ? name : `${operation} ${subject}`;
}

function operationOf(columns: TraceColumns, row: number): string {
  return columns.labels[columns.operationIndex[row]!] ?? '';
}
