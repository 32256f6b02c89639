import type { TraceColumns } from '@spanwise/model';
import type { TraceTree } from './trace-tree.ts';

/**
 * What each span spent itself, in ns: the parts of its time in which none of its children ran. By row; owned by
 * the caller. Two children at once are not counted twice, and what a child does after its parent's end is its own.
 * Cost: O(n).
 */
export function selfTimes(columns: TraceColumns, tree: TraceTree): Float64Array {
  const { startNanos, durationsNanos } = columns;
  const own = durationsNanos.slice();
  for (let row = 0; row < columns.spanCount; row++) {
    const end = startNanos[row]! + durationsNanos[row]!;
    let coveredTo = startNanos[row]!;
    // Siblings stand by start, so one sweep finds the union.
    for (let child = tree.firstChild[row]!; child !== -1; child = tree.nextSibling[child]!) {
      const from = Math.max(startNanos[child]!, coveredTo);
      const to = Math.min(startNanos[child]! + durationsNanos[child]!, end);
      if (to <= from) continue;
      own[row]! -= to - from;
      coveredTo = to;
    }
  }
  return own;
}
