import { type Nanos, statusCodes, type TraceColumns } from '@spanwise/model';
import { stepName } from './steps.ts';
import type { TraceTree } from './trace-tree.ts';

/** One step that was tried more than once. */
export interface Retry {
  readonly service: string;
  readonly name: string;
  /** The attempts in order; all but the last failed. */
  readonly rows: readonly number[];
  readonly succeeded: boolean;
  /** From the start of the first attempt to the start of the last: what the failures cost, waits included. */
  readonly lostNanos: Nanos;
}

/**
 * Siblings with one name, one after the other, of which all but the last failed. Most time lost first.
 * Calls that overlap are no retries of each other.
 * Cost: O(n log n).
 */
export function findRetries(columns: TraceColumns, tree: TraceTree): readonly Retry[] {
  const { startNanos, durationsNanos, status } = columns;
  /** The attempts so far of each step below one parent; dropped when one succeeds. */
  const open = new Map<string, number[]>();
  const found: Retry[] = [];
  const close = (rows: readonly number[]) => {
    if (rows.length < 2) return;
    const [first, last] = [rows[0]!, rows.at(-1)!];
    found.push({
      service: columns.services[columns.serviceIndex[last]!]!,
      name: stepName(columns, last),
      rows,
      succeeded: status[last] !== statusCodes.error,
      lostNanos: startNanos[last]! - startNanos[first]!,
    });
  };
  // By start: an attempt comes after the one it repeats.
  for (let row = 0; row < columns.spanCount; row++) {
    if (tree.parent[row] === -1) continue;
    const key = `${tree.parent[row]} ${columns.serviceIndex[row]} ${stepName(columns, row)}`;
    const attempts = open.get(key);
    const previous = attempts?.at(-1);
    const isNext =
      previous !== undefined && startNanos[row]! >= startNanos[previous]! + durationsNanos[previous]!;
    if (attempts !== undefined && isNext) attempts.push(row);
    else if (attempts !== undefined) close(attempts);
    if (status[row] !== statusCodes.error) {
      if (isNext) close(attempts!);
      open.delete(key);
    } else if (!isNext) {
      open.set(key, [row]);
    }
  }
  for (const attempts of open.values()) close(attempts);
  return found.sort((a, b) => b.lostNanos - a.lostNanos || a.rows[0]! - b.rows[0]!);
}
