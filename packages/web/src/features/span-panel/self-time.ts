import type { TraceTree } from '@spanwise/analysis';
import type { TraceColumns } from '@spanwise/model';

/** Time of a span that none of its children covers, ns. Children stand by start, so one pass is enough. */
export function selfNanos(columns: TraceColumns, tree: TraceTree, row: number): number {
  const start = columns.startNanos[row]!;
  const end = start + columns.durationsNanos[row]!;
  let covered = 0;
  let until = start;
  for (let child = tree.firstChild[row]!; child !== -1; child = tree.nextSibling[child]!) {
    const from = Math.max(until, columns.startNanos[child]!);
    const to = Math.min(end, columns.startNanos[child]! + columns.durationsNanos[child]!);
    if (to > from) covered += to - from;
    until = Math.max(until, to);
  }
  return end - start - covered;
}
