import { type Nanos, statusCodes, type TraceColumns } from '@spanwise/model';
import { compareText } from './compare-text.ts';
import { selfTimes } from './self-time.ts';
import { buildTree, type TraceTree } from './trace-tree.ts';

export interface ServiceGraph {
  /** By name. */
  readonly services: readonly ServiceNode[];
  /** By caller, then callee. */
  readonly calls: readonly ServiceCall[];
}

export interface ServiceNode {
  readonly service: string;
  readonly spanCount: number;
  readonly errorCount: number;
  /** What its spans spent themselves. */
  readonly selfNanos: Nanos;
}

export interface ServiceCall {
  readonly caller: string;
  readonly callee: string;
  readonly callCount: number;
  /** Of the callee's spans that failed. */
  readonly errorCount: number;
  /** Of the callee's spans, together: parallel calls count twice. */
  readonly nanos: Nanos;
}

/**
 * Who called whom in one trace: a call is a span whose parent belongs to another service.
 * Cost: O(n).
 */
export function serviceGraph(columns: TraceColumns, tree: TraceTree = buildTree(columns)): ServiceGraph {
  const own = selfTimes(columns, tree);
  const services = columns.services.map((service) => ({
    service,
    spanCount: 0,
    errorCount: 0,
    selfNanos: 0,
  }));
  const calls = new Map<
    number,
    { caller: string; callee: string; callCount: number; errorCount: number; nanos: number }
  >();
  for (let row = 0; row < columns.spanCount; row++) {
    const callee = columns.serviceIndex[row]!;
    const failed = columns.status[row] === statusCodes.error ? 1 : 0;
    const node = services[callee]!;
    node.spanCount += 1;
    node.errorCount += failed;
    node.selfNanos += own[row]!;
    const parent = tree.parent[row]!;
    const caller = parent === -1 ? callee : columns.serviceIndex[parent]!;
    if (caller === callee) continue;
    const key = caller * services.length + callee;
    const call = calls.get(key) ?? {
      caller: columns.services[caller]!,
      callee: columns.services[callee]!,
      callCount: 0,
      errorCount: 0,
      nanos: 0,
    };
    call.callCount += 1;
    call.errorCount += failed;
    call.nanos += columns.durationsNanos[row]!;
    calls.set(key, call);
  }
  return {
    services: services
      .filter(({ spanCount }) => spanCount > 0)
      .sort((a, b) => compareText(a.service, b.service)),
    calls: Array.from(calls.values()).sort(
      (a, b) => compareText(a.caller, b.caller) || compareText(a.callee, b.callee),
    ),
  };
}
