import { statusCodes, type TraceColumns } from '@spanwise/model';
import { stepName } from './steps.ts';
import type { TraceTree } from './trace-tree.ts';

/** Where the failure of a request began. */
export interface ErrorCause {
  readonly row: number;
  readonly service: string;
  readonly name: string;
  /** From the failed root down to `row`: each failed because of the next. */
  readonly rows: readonly number[];
}

/**
 * Follows a failed root down: of the children that failed, the one that ended last is what the parent gave up on;
 * those before it were tried again or ignored. A failed span without failed children is the cause.
 * Absence: undefined when no root failed; spans that fail in a request that succeeds caused nothing.
 * Cost: O(n).
 */
export function findErrorCause(columns: TraceColumns, tree: TraceTree): ErrorCause | undefined {
  const hasFailed = (row: number) => columns.status[row] === statusCodes.error;
  const end = (row: number) => columns.startNanos[row]! + columns.durationsNanos[row]!;
  const [root] = Array.from(tree.topRows).filter(hasFailed);
  if (root === undefined) return undefined;
  const rows = [root];
  for (let row: number | undefined = root; row !== undefined; ) {
    let last: number | undefined;
    for (let child = tree.firstChild[row]!; child !== -1; child = tree.nextSibling[child]!) {
      if (hasFailed(child) && (last === undefined || end(child) >= end(last))) last = child;
    }
    if (last !== undefined) rows.push(last);
    row = last;
  }
  const cause = rows.at(-1)!; // the root at least
  return {
    row: cause,
    service: columns.services[columns.serviceIndex[cause]!]!,
    name: stepName(columns, cause),
    rows,
  };
}
