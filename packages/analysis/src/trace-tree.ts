import { parentMissing, parentNone, type TraceColumns } from '@spanwise/model';

/**
 * The tree of a trace as links between rows of its `TraceColumns`. Rows stand by start time, so siblings do too.
 * -1 is "none" in every link. Owned by the caller; nothing in the package changes it.
 */
export interface TraceTree {
  /** Parent to draw and walk by: -1 on roots, on orphans, and where a cycle of parents was cut. */
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  readonly depth: Int32Array;
  /** The span itself included. */
  readonly subtreeCount: Int32Array;
  /** All rows in display order: each parent before its children, siblings by start. */
  readonly order: Int32Array;
  /** Place of each row in `order`. */
  readonly position: Int32Array;
  /** Rows without a parent to hang below, by start: roots, orphans and cut cycles. */
  readonly topRows: Int32Array;
  readonly rootCount: number;
  readonly orphanCount: number;
}

/**
 * Links the spans of a trace. Total: whatever the parents say, every row is in the tree once. A cycle of parents
 * is cut above its earliest row.
 * Cost: O(n), no recursion.
 */
export function buildTree(columns: TraceColumns): TraceTree {
  const parent = cutCycles(columns.parentRow);
  const { firstChild, nextSibling, topRows } = linkChildren(parent);
  const { order, depth } = walkInDisplayOrder(topRows, parent, firstChild, nextSibling);
  const count = columns.spanCount;
  const position = new Int32Array(count);
  for (let at = 0; at < count; at++) position[order[at]!] = at;
  const subtreeCount = new Int32Array(count).fill(1);
  for (let at = count - 1; at >= 0; at--) {
    const row = order[at]!;
    const above = parent[row]!;
    if (above !== -1) subtreeCount[above]! += subtreeCount[row]!;
  }
  return {
    parent,
    firstChild,
    nextSibling,
    depth,
    subtreeCount,
    order,
    position,
    topRows,
    rootCount: countOf(columns.parentRow, parentNone),
    orphanCount: countOf(columns.parentRow, parentMissing),
  };
}

/**
 * The rows that a waterfall shows, in display order, when the children of `collapsed` rows are hidden.
 * Cost: O(rows shown). Call it once per toggle, not per frame.
 */
export function visibleRows(tree: TraceTree, collapsed: ReadonlySet<number>): Int32Array {
  if (collapsed.size === 0) return tree.order;
  const rows = new Int32Array(tree.order.length);
  let count = 0;
  for (let at = 0; at < tree.order.length; ) {
    const row = tree.order[at]!;
    rows[count++] = row;
    at += collapsed.has(row) ? tree.subtreeCount[row]! : 1;
  }
  return rows.subarray(0, count);
}

const unseen = 0;
const onThisWalk = 1;
const done = 2;

/** Walks up from every row once. A walk that meets itself has found a cycle, which has no way out and no other. */
function cutCycles(parentRow: Int32Array): Int32Array {
  const parent = parentRow.map((row) => (row < 0 ? -1 : row));
  const state = new Uint8Array(parent.length);
  for (let start = 0; start < parent.length; start++) {
    let row = start;
    while (row !== -1 && state[row] === unseen) {
      state[row] = onThisWalk;
      row = parent[row]!;
    }
    const cycleMember = row !== -1 && state[row] === onThisWalk ? row : -1;
    for (row = start; row !== -1 && state[row] === onThisWalk; row = parent[row]!) state[row] = done;
    if (cycleMember !== -1) cutCycle(parent, cycleMember);
  }
  return parent;
}

function cutCycle(parent: Int32Array, member: number): void {
  let earliest = member;
  for (let row = parent[member]!; row !== member; row = parent[row]!) earliest = Math.min(earliest, row);
  parent[earliest] = -1;
}

function linkChildren(parent: Int32Array) {
  const firstChild = new Int32Array(parent.length).fill(-1);
  const nextSibling = new Int32Array(parent.length).fill(-1);
  const topRows: number[] = [];
  // From the last row to the first, each put in front of its siblings.
  for (let row = parent.length - 1; row >= 0; row--) {
    const above = parent[row]!;
    if (above === -1) {
      topRows.push(row);
    } else {
      nextSibling[row] = firstChild[above]!;
      firstChild[above] = row;
    }
  }
  return { firstChild, nextSibling, topRows: Int32Array.from(topRows.reverse()) };
}

function walkInDisplayOrder(
  topRows: Int32Array,
  parent: Int32Array,
  firstChild: Int32Array,
  nextSibling: Int32Array,
) {
  const order = new Int32Array(parent.length);
  const depth = new Int32Array(parent.length);
  let at = 0;
  for (const top of topRows) {
    let row = top;
    let level = 0;
    while (row !== -1) {
      order[at++] = row;
      depth[row] = level;
      if (firstChild[row] !== -1) {
        row = firstChild[row]!;
        level += 1;
        continue;
      }
      while (row !== top && nextSibling[row] === -1) {
        row = parent[row]!;
        level -= 1;
      }
      row = row === top ? -1 : nextSibling[row]!;
    }
  }
  return { order, depth };
}

function countOf(values: Int32Array, wanted: number): number {
  let count = 0;
  for (const value of values) if (value === wanted) count += 1;
  return count;
}
