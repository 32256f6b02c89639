import { type Nanos, spanKinds, type TraceColumns } from '@spanwise/model';
import type { TraceTree } from './trace-tree.ts';

/** Time between two services in which neither worked: network, connection set-up, a full accept queue, a broker. */
export interface QueueTime {
  /** Of the span that sent. */
  readonly clientRow: number;
  /** Of the span that received. */
  readonly serverRow: number;
  /** From sending to receiving. */
  readonly beforeNanos: Nanos;
  /** From the answer's leaving to its arrival; 0 for a message, and where the body streamed on. */
  readonly afterNanos: Nanos;
}

/**
 * What a request waited between a client span and its server span, or a producer span and its consumer span.
 * Longest first. Pairs whose clocks contradict each other (received before sent) say nothing and are left out.
 * Cost: O(n log n).
 */
export function findQueueTimes(columns: TraceColumns, tree: TraceTree): readonly QueueTime[] {
  const { startNanos, durationsNanos, kind } = columns;
  const times: QueueTime[] = [];
  for (let row = 0; row < columns.spanCount; row++) {
    const sender = tree.parent[row]!;
    if (sender === -1) continue;
    const isCall = kind[row] === spanKinds.server && kind[sender] === spanKinds.client;
    const isMessage = kind[row] === spanKinds.consumer && kind[sender] === spanKinds.producer;
    if (!isCall && !isMessage) continue;
    const beforeNanos = startNanos[row]! - startNanos[sender]!;
    if (beforeNanos < 0) continue;
    const answered =
      startNanos[sender]! + durationsNanos[sender]! - (startNanos[row]! + durationsNanos[row]!);
    times.push({
      clientRow: sender,
      serverRow: row,
      beforeNanos,
      afterNanos: isCall ? Math.max(0, answered) : 0,
    });
  }
  const total = (time: QueueTime) => time.beforeNanos + time.afterNanos;
  return times.sort((a, b) => total(b) - total(a) || a.serverRow - b.serverRow);
}
