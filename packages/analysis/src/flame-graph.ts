import { type Nanos, statusCodes, type TraceColumns } from '@spanwise/model';
import { selfTimes } from './self-time.ts';
import { stepName } from './steps.ts';
import { buildTree, type TraceTree } from './trace-tree.ts';

/** Spans of one service and step below the same node, as one. */
export interface FlameNode {
  /** Place in the list; -1 at the top. A parent stands before its children. */
  readonly parent: number;
  readonly depth: number;
  readonly service: string;
  readonly name: string;
  readonly spanCount: number;
  readonly errorCount: number;
  /** Own time of its spans. */
  readonly selfNanos: Nanos;
  /** Own time of everything from here down: the width to draw, children side by side inside it. */
  readonly totalNanos: Nanos;
  /** Where its width begins: after its parent's beginning and its earlier siblings. */
  readonly fromNanos: Nanos;
  /** The longest of its spans, to jump to. */
  readonly row: number;
}

interface Growing {
  readonly parent: number;
  readonly depth: number;
  readonly service: string;
  readonly name: string;
  spanCount: number;
  errorCount: number;
  selfNanos: number;
  totalNanos: number;
  fromNanos: number;
  row: number;
}

/**
 * The trace as a flame graph: alike calls are merged, widths are work done (not time passed, which parallel calls
 * share). Siblings stand widest first.
 * Cost: O(n log n).
 */
export function flameGraph(
  columns: TraceColumns,
  tree: TraceTree = buildTree(columns),
): readonly FlameNode[] {
  const own = selfTimes(columns, tree);
  const nodes: Growing[] = [];
  const nodeOfRow = new Int32Array(columns.spanCount);
  const byKey = new Map<string, number>();
  for (const row of tree.order) {
    const above = tree.parent[row]!;
    const parent = above === -1 ? -1 : nodeOfRow[above]!;
    const name = stepName(columns, row);
    const key = `${parent} ${columns.serviceIndex[row]} ${name}`;
    let index = byKey.get(key);
    if (index === undefined) {
      index = nodes.length;
      byKey.set(key, index);
      const service = columns.services[columns.serviceIndex[row]!]!;
      const depth = parent === -1 ? 0 : nodes[parent]!.depth + 1;
      const sums = { spanCount: 0, errorCount: 0, selfNanos: 0, totalNanos: 0, fromNanos: 0 };
      nodes.push({ parent, depth, service, name, row, ...sums });
    }
    const node = nodes[index]!;
    nodeOfRow[row] = index;
    node.spanCount += 1;
    if (columns.status[row] === statusCodes.error) node.errorCount += 1;
    node.selfNanos += own[row]!;
    if (columns.durationsNanos[row]! > columns.durationsNanos[node.row]!) node.row = row;
  }
  // A child stands behind its parent, so backwards every node is complete before it is added to the one above.
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index]!;
    node.totalNanos += node.selfNanos;
    if (node.parent !== -1) nodes[node.parent]!.totalNanos += node.totalNanos;
  }
  return layOut(nodes);
}

/** Each parent before its children, siblings widest first. Places change, so `parent` does too. */
function layOut(nodes: readonly Growing[]): FlameNode[] {
  const children = new Map<number, number[]>();
  for (const [index, { parent }] of nodes.entries()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [index]);
    else siblings.push(index);
  }
  const laidOut: FlameNode[] = [];
  const stack: { readonly index: number; readonly parent: number; readonly fromNanos: number }[] = [];
  const putBelow = (index: number, place: number, fromNanos: number) => {
    const siblings = (children.get(index) ?? []).sort(
      (a, b) => nodes[b]!.totalNanos - nodes[a]!.totalNanos || a - b,
    );
    let endNanos = siblings.reduce((sum, child) => sum + nodes[child]!.totalNanos, fromNanos);
    // The widest comes off the stack first.
    for (const child of siblings.reverse()) {
      endNanos -= nodes[child]!.totalNanos;
      stack.push({ index: child, parent: place, fromNanos: endNanos });
    }
  };
  putBelow(-1, -1, 0);
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    const { index, parent, fromNanos } = work;
    const place = laidOut.push({ ...nodes[index]!, parent, fromNanos }) - 1;
    putBelow(index, place, fromNanos);
  }
  return laidOut;
}
