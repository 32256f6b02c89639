import { type Nanos, statusCodes, type TraceColumns } from '@spanwise/model';
import { addKnown } from './add-known.ts';
import { alignChildren } from './align-children.ts';
import { compareText } from './compare-text.ts';
import { selfTimes } from './self-time.ts';
import { isModelCall, stepName } from './steps.ts';
import { buildTree } from './trace-tree.ts';

/** Two traces laid over each other: `before` and `after`, or `usual` and `slow`; the caller knows. */
export interface TraceComparison {
  /** Display order of both together, each parent before its children. Row in each trace; -1 where it has none. */
  readonly rowsBefore: Int32Array;
  readonly rowsAfter: Int32Array;
  readonly depth: Int32Array;
  /** Most change of own time first. */
  readonly steps: readonly StepChange[];
  readonly matchedCount: number;
  readonly onlyBeforeCount: number;
  readonly onlyAfterCount: number;
}

/** All spans of one name in one service. */
export interface StepChange {
  readonly service: string;
  readonly name: string;
  readonly before: StepFigures;
  readonly after: StepFigures;
  /** Own time, after less before. */
  readonly changeNanos: Nanos;
}

export interface StepFigures {
  readonly callCount: number;
  readonly errorCount: number;
  /** Own time: adds up to the work done, without counting a parent's waiting. */
  readonly selfNanos: Nanos;
  /** Of model calls; -1 where none named it. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of the model calls whose cost is known; -1 where none is. */
  readonly cost: number;
}

/**
 * Aligns two traces from their roots down. Spans match when service and step are the same and their parents match;
 * among siblings the order counts, so an added or left-out call shifts nothing, and what only changed places still
 * finds its partner.
 * Cost: O(n) and, for each pair of parents, the product of their unlike children, bounded.
 */
export function compareTraces(before: TraceColumns, after: TraceColumns): TraceComparison {
  const treeBefore = buildTree(before);
  const treeAfter = buildTree(after);
  const keysBefore = keysOf(before);
  const keysAfter = keysOf(after);
  const rowsBefore: number[] = [];
  const rowsAfter: number[] = [];
  const depths: number[] = [];
  const childrenOf = (tree: typeof treeBefore, row: number) => {
    const children: number[] = [];
    for (let child = tree.firstChild[row]!; child !== -1; child = tree.nextSibling[child]!)
      children.push(child);
    return children;
  };
  type Pair = { readonly before: number; readonly after: number; readonly depth: number };
  const stack: Pair[] = [];
  const push = (childrenBefore: readonly number[], childrenAfter: readonly number[], depth: number) => {
    const pairs = alignChildren(
      childrenBefore.map((row) => keysBefore[row]!),
      childrenAfter.map((row) => keysAfter[row]!),
    );
    for (const [b, a] of pairs.toReversed()) {
      stack.push({
        before: b === -1 ? -1 : childrenBefore[b]!,
        after: a === -1 ? -1 : childrenAfter[a]!,
        depth,
      });
    }
  };
  push(Array.from(treeBefore.topRows), Array.from(treeAfter.topRows), 0);
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    rowsBefore.push(pair.before);
    rowsAfter.push(pair.after);
    depths.push(pair.depth);
    push(
      pair.before === -1 ? [] : childrenOf(treeBefore, pair.before),
      pair.after === -1 ? [] : childrenOf(treeAfter, pair.after),
      pair.depth + 1,
    );
  }
  const matchedCount = rowsBefore.filter((row, at) => row !== -1 && rowsAfter[at] !== -1).length;
  return {
    rowsBefore: Int32Array.from(rowsBefore),
    rowsAfter: Int32Array.from(rowsAfter),
    depth: Int32Array.from(depths),
    steps: compareSteps(before, after),
    matchedCount,
    onlyBeforeCount: before.spanCount - matchedCount,
    onlyAfterCount: after.spanCount - matchedCount,
  };
}

/** Equal for spans that may match. */
function keysOf(columns: TraceColumns): readonly string[] {
  return Array.from(
    { length: columns.spanCount },
    (_, row) => `${columns.services[columns.serviceIndex[row]!]}\0${stepName(columns, row)}`,
  );
}

type Figures = { -readonly [Key in keyof StepFigures]: StepFigures[Key] };

function compareSteps(before: TraceColumns, after: TraceColumns): StepChange[] {
  const steps = new Map<string, { service: string; name: string; before: Figures; after: Figures }>();
  const add = (columns: TraceColumns, side: 'before' | 'after') => {
    const own = selfTimes(columns, buildTree(columns));
    for (let row = 0; row < columns.spanCount; row++) {
      const service = columns.services[columns.serviceIndex[row]!]!;
      const name = stepName(columns, row);
      const key = `${service}\0${name}`;
      const step = steps.get(key) ?? { service, name, before: noFigures(), after: noFigures() };
      steps.set(key, step);
      const figures = step[side];
      figures.callCount += 1;
      if (columns.status[row] === statusCodes.error) figures.errorCount += 1;
      figures.selfNanos += own[row]!;
      if (!isModelCall(columns, row)) continue;
      figures.inputTokens = addKnown(figures.inputTokens, columns.inputTokens[row]!);
      figures.outputTokens = addKnown(figures.outputTokens, columns.outputTokens[row]!);
      figures.cost = addKnown(figures.cost, columns.cost[row]!);
    }
  };
  add(before, 'before');
  add(after, 'after');
  return Array.from(steps.values(), (step) => ({
    ...step,
    changeNanos: step.after.selfNanos - step.before.selfNanos,
  })).sort(
    (a, b) =>
      Math.abs(b.changeNanos) - Math.abs(a.changeNanos) ||
      compareText(a.service, b.service) ||
      compareText(a.name, b.name),
  );
}

function noFigures(): Figures {
  return { callCount: 0, errorCount: 0, selfNanos: 0, inputTokens: -1, outputTokens: -1, cost: -1 };
}
