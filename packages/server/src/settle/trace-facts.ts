import {
  addKnown,
  agentGraph,
  buildTree,
  correctClockSkew,
  costOfCall,
  countedModelCalls,
  countUsage,
  type TraceTree,
} from '@spanwise/analysis';
import {
  bucketOfDuration,
  parentMissing,
  parentNone,
  type SpanId,
  statusCodes,
  type TraceColumns,
} from '@spanwise/model';
import type {
  AgentUseFacts,
  CallFacts,
  InstrumentationFlaw,
  ModelUsageFacts,
  TraceFacts,
  WholeTrace,
} from '@spanwise/store';

/** Facts that only a whole trace tells, of the spans that there are by now. Cost: O(n). */
export function traceFactsOf(tenant: number, trace: WholeTrace, adjustedCount: number): TraceFacts {
  const { columns } = trace;
  const tree = buildTree(columns);
  const services = servicesOf(columns);
  const root = columns.parentRow.indexOf(parentNone);
  return {
    tenant,
    traceId: columns.traceId,
    startTimeUnixNano: columns.startTimeUnixNano,
    durationNanos: columns.durationNanos,
    spanCount: columns.spanCount,
    errorCount: services.reduce((sum, { errorCount }) => sum + errorCount, 0),
    orphanCount: tree.orphanCount,
    // Rows stand by start: the first one without a parent began first.
    ...(root === -1
      ? {}
      : {
          root: {
            service: columns.services[columns.serviceIndex[root]!]!,
            name: columns.names[columns.nameIndex[root]!]!,
          },
        }),
    services,
    adjustedCount,
    usage: countUsage(columns, tree),
    calls: callsOf(trace, tree),
    agentUses: agentGraph(columns, tree).uses.map(
      ({ from, to, callCount, errorCount, nanos }): AgentUseFacts => ({
        agent: from === undefined ? '' : from.slice(from.indexOf(':') + 1),
        used: to,
        callCount,
        errorCount,
        totalNanos: nanos,
      }),
    ),
    modelUsage: modelUsageOf(columns, tree),
    flaws: flawsOf(columns, tree),
  };
}

function servicesOf(columns: TraceColumns): TraceFacts['services'] {
  const counts = new Map<number, { spanCount: number; errorCount: number }>();
  for (let row = 0; row < columns.spanCount; row += 1) {
    const count = entryOf(counts, columns.serviceIndex[row]!, () => ({ spanCount: 0, errorCount: 0 }));
    count.spanCount += 1;
    count.errorCount += failedOf(columns, row);
  }
  return Array.from(counts, ([service, count]) => ({ name: columns.services[service]!, ...count })).sort(
    (a, b) => (a.name < b.name ? -1 : 1),
  );
}

/** Spans whose parent belongs to another service, and consumers of what another service sent. */
function callsOf({ columns, messages }: WholeTrace, tree: TraceTree): readonly CallFacts[] {
  const calls = new Map<string, Counts & Pick<CallFacts, 'caller' | 'callee' | 'isMessage'> & Buckets>();
  const add = (caller: string, callee: string, isMessage: boolean, errors: number, nanos: number) => {
    const call = entryOf(calls, `${isMessage} ${caller}\0${callee}`, () => ({
      caller,
      callee,
      isMessage,
      buckets: new Map(),
      ...nothing,
    }));
    count(call, errors, nanos);
    const bucket = bucketOfDuration(nanos);
    call.buckets.set(bucket, (call.buckets.get(bucket) ?? 0) + 1);
  };
  for (let row = 0; row < columns.spanCount; row += 1) {
    const parent = tree.parent[row]!;
    const callee = columns.serviceIndex[row]!;
    if (parent === -1 || columns.serviceIndex[parent] === callee) continue;
    const caller = columns.services[columns.serviceIndex[parent]!]!;
    add(caller, columns.services[callee]!, false, failedOf(columns, row), columns.durationsNanos[row]!);
  }
  for (const { producer, consumer, hasError, durationNanos } of messages) {
    add(producer, consumer, true, hasError ? 1 : 0, durationNanos);
  }
  return Array.from(calls.values());
}

/** What only the whole trace tells of how it was sent. */
function flawsOf(columns: TraceColumns, tree: TraceTree): TraceFacts['flaws'] {
  const flaws = new Map<string, { service: string; what: InstrumentationFlaw; count: number }>();
  const add = (row: number, what: InstrumentationFlaw) => {
    const service = columns.services[columns.serviceIndex[row]!]!;
    entryOf(flaws, `${what} ${service}`, () => ({ service, what, count: 0 })).count += 1;
  };
  const seen = new Set<SpanId>();
  for (let row = 0; row < columns.spanCount; row += 1) {
    if (columns.parentRow[row] === parentMissing) add(row, 'broken_parent');
    if (seen.has(columns.spanIds[row]!)) add(row, 'repeated_span_id');
    seen.add(columns.spanIds[row]!);
  }
  for (const { row } of correctClockSkew(columns, tree).corrections) add(row, 'clock_skew');
  return Array.from(flaws.values());
}

function modelUsageOf(columns: TraceColumns, tree: TraceTree): readonly ModelUsageFacts[] {
  const usage = new Map<string, { -readonly [Key in keyof ModelUsageFacts]: ModelUsageFacts[Key] }>();
  for (const row of countedModelCalls(columns, tree)) {
    const service = columns.services[columns.serviceIndex[row]!]!;
    const model = columns.labels[columns.modelIndex[row]!] ?? '';
    const used = entryOf(usage, `${service}\0${model}`, () => ({
      service,
      model,
      inputTokens: -1,
      outputTokens: -1,
      cost: -1,
      unpricedCalls: 0,
      ...nothing,
    }));
    count(used, failedOf(columns, row), columns.durationsNanos[row]!);
    used.inputTokens = addKnown(used.inputTokens, columns.inputTokens[row]!);
    used.outputTokens = addKnown(used.outputTokens, columns.outputTokens[row]!);
    const cost = costOfCall(columns, tree, row);
    used.cost = addKnown(used.cost, cost);
    if (cost < 0) used.unpricedCalls += 1;
  }
  return Array.from(usage.values());
}

interface Counts {
  callCount: number;
  errorCount: number;
  totalNanos: number;
}

interface Buckets {
  readonly buckets: Map<number, number>;
}

const nothing: Readonly<Counts> = { callCount: 0, errorCount: 0, totalNanos: 0 };

function count(counts: Counts, errors: number, nanos: number): void {
  counts.callCount += 1;
  counts.errorCount += errors;
  counts.totalNanos += nanos;
}

function failedOf(columns: TraceColumns, row: number): 0 | 1 {
  return columns.status[row] === statusCodes.error ? 1 : 0;
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
