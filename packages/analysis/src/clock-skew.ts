import { type Nanos, spanKinds, type TraceColumns } from '@spanwise/model';
import type { TraceTree } from './trace-tree.ts';

/** The same trace with clocks put right, for drawing; what was sent is never changed. */
export interface ClockSkewView {
  /** Same rows in the same order; only starts differ, and may be negative or out of order. */
  readonly columns: TraceColumns;
  /** Where a clock was found wrong, by row. */
  readonly corrections: readonly ClockCorrection[];
}

export interface ClockCorrection {
  /** The span that cannot have run when its service says, with everything below it in that service. */
  readonly row: number;
  readonly service: string;
  /** Added to its times. */
  readonly shiftNanos: Nanos;
}

/**
 * Finds services whose clocks disagree with their callers'. What proves it: a span of another service that starts
 * before its parent, or a server span that begins after its client span has ended. Such a span moves into the
 * middle of its parent, where it fits, else to the parent's start, together with its own service's spans below.
 * A span that merely ends late is no proof: asynchronous work does that.
 * Cost: O(n).
 */
export function correctClockSkew(columns: TraceColumns, tree: TraceTree): ClockSkewView {
  const { durationsNanos, serviceIndex, kind } = columns;
  const startNanos = columns.startNanos.slice();
  const shift = new Float64Array(columns.spanCount);
  const corrections: ClockCorrection[] = [];
  for (const row of tree.order) {
    const parent = tree.parent[row]!;
    if (parent === -1) continue;
    if (serviceIndex[parent] === serviceIndex[row]) {
      // One process, one clock: it moves with its parent.
      shift[row] = shift[parent]!;
      startNanos[row] = columns.startNanos[row]! + shift[row]!;
      continue;
    }
    const [from, length] = [startNanos[parent]!, durationsNanos[parent]!];
    const isCall = kind[row] === spanKinds.server && kind[parent] === spanKinds.client;
    const isImpossible = startNanos[row]! < from || (isCall && startNanos[row]! > from + length);
    if (!isImpossible) continue;
    const room = Math.max(0, length - durationsNanos[row]!);
    const shiftNanos = Math.round(from + room / 2 - startNanos[row]!);
    shift[row] = shiftNanos;
    startNanos[row]! += shiftNanos;
    corrections.push({ row, service: columns.services[serviceIndex[row]!]!, shiftNanos });
  }
  if (corrections.length === 0) return { columns, corrections };
  return { columns: { ...columns, startNanos }, corrections: corrections.sort((a, b) => a.row - b.row) };
}
