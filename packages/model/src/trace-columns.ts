import type { SpanId, TraceId } from './ids.ts';
import type { UnixNano } from './time.ts';

/**
 * A whole trace as a struct of arrays: what analysis and the waterfall work on. 100,000 spans are normal, so
 * nothing here is an object per span.
 *
 * Row order: start time, then span id. Every array has `spanCount` rows; strings are indexes into a dictionary.
 * Times are nanoseconds after `startTimeUnixNano`. -1 is "none" in index columns and "unknown" in counts.
 */
export interface TraceColumns {
  readonly traceId: TraceId;
  /** The earliest start of any span. */
  readonly startTimeUnixNano: UnixNano;
  /** From the earliest start to the latest end, in ns. */
  readonly durationNanos: number;
  readonly spanCount: number;

  readonly services: readonly string[];
  readonly names: readonly string[];
  /** Model, agent and tool names and GenAI operations: one dictionary for all four. */
  readonly labels: readonly string[];

  /** Ids may repeat: senders do that, and all such spans are kept. */
  readonly spanIds: readonly SpanId[];
  /** Row of the parent; `parentNone` on a root, `parentMissing` on an orphan. */
  readonly parentRow: Int32Array;
  readonly startNanos: Float64Array;
  readonly durationsNanos: Float64Array;
  readonly serviceIndex: Int32Array;
  readonly nameIndex: Int32Array;
  /** SpanKind codes. */
  readonly kind: Uint8Array;
  /** StatusCode codes. */
  readonly status: Uint8Array;
  /** Number of events, links, log records: for marks on a row. */
  readonly eventCount: Int32Array;

  /** `gen_ai.operation.name` as normalised (`chat`, `embeddings`, `execute_tool`, …): index into `labels`. */
  readonly operationIndex: Int32Array;
  /** Answering model, else the requested one: index into `labels`. */
  readonly modelIndex: Int32Array;
  readonly agentIndex: Int32Array;
  readonly toolIndex: Int32Array;
  /** Totals as the conventions define them; -1 where nobody said. */
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  /** US dollars, as reported or by price; -1 where unknown. */
  readonly cost: Float64Array;
  /** Time from the span's start to the first chunk of a stream, ns; -1 where unknown. */
  readonly firstChunkNanos: Float64Array;
}

export const parentNone = -1;
export const parentMissing = -2;
