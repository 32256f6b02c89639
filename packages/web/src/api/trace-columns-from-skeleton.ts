import type { TraceSkeletonDto } from '@spanwise/api';
import { type SpanId, type TraceColumns, traceId, unixNano } from '@spanwise/model';

/** The reply as the columns that analysis and the waterfall work on. Copies the numbers once. */
export function traceColumnsFromSkeleton(skeleton: TraceSkeletonDto): TraceColumns {
  return {
    traceId: traceId(skeleton.traceId),
    startTimeUnixNano: unixNano(skeleton.startTimeUnixNano),
    durationNanos: skeleton.durationNanos,
    spanCount: skeleton.spanCount,
    services: skeleton.services,
    names: skeleton.names,
    labels: skeleton.labels,
    // Our own server's ids, canonical by contract: not checked one by one for 100,000 spans.
    spanIds: skeleton.spanIds as readonly SpanId[],
    parentRow: Int32Array.from(skeleton.parentRow),
    startNanos: Float64Array.from(skeleton.startNanos),
    durationsNanos: Float64Array.from(skeleton.durationsNanos),
    serviceIndex: Int32Array.from(skeleton.serviceIndex),
    nameIndex: Int32Array.from(skeleton.nameIndex),
    kind: Uint8Array.from(skeleton.kind),
    status: Uint8Array.from(skeleton.status),
    eventCount: Int32Array.from(skeleton.eventCount),
    operationIndex: Int32Array.from(skeleton.operationIndex),
    modelIndex: Int32Array.from(skeleton.modelIndex),
    agentIndex: Int32Array.from(skeleton.agentIndex),
    toolIndex: Int32Array.from(skeleton.toolIndex),
    inputTokens: Float64Array.from(skeleton.inputTokens),
    outputTokens: Float64Array.from(skeleton.outputTokens),
    cost: Float64Array.from(skeleton.cost),
    firstChunkNanos: Float64Array.from(skeleton.firstChunkNanos),
  };
}
