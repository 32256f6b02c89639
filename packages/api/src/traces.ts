import { z } from 'zod';
import { list, named, shape } from './shape.ts';

export const traceSummaryDto = named(
  'TraceSummaryDto',
  shape({
    traceId: z.string(),
    rootService: z.string().exactOptional().describe('Absent while no parentless span has arrived.'),
    rootName: z.string().exactOptional(),
    startTimeUnixNano: z.string(),
    durationNanos: z.number(),
    spanCount: z.number(),
    errorCount: z.number(),
    orphanCount: z.number(),
    services: list(shape({ name: z.string(), spanCount: z.number(), errorCount: z.number() })),
    inputTokens: z.number(),
    outputTokens: z.number(),
    cost: z.number().describe('US dollars of the model calls whose cost is known; -1: of none.'),
    unpricedCalls: z
      .number()
      .describe(
        'Model calls whose cost nobody knows: with some of them, `cost` is the least that it can be.',
      ),
    models: list(z.string()),
  }),
);
export type TraceSummaryDto = z.output<typeof traceSummaryDto>;

/** GET /api/v1/traces */
export const tracesResponse = named(
  'TracesResponse',
  shape({
    traces: list(traceSummaryDto),
    startMillis: z.number().describe('The window that was searched, Unix milliseconds.'),
    endMillis: z.number(),
    emptyReason: z
      .enum(['nothing_stored', 'unknown_service', 'nothing_in_window'])
      .exactOptional()
      .describe(
        'Only when `traces` is empty: why. `nothing_stored`: no span at all. `unknown_service`: never heard of it. `nothing_in_window`: no span matches in the window.',
      ),
  }),
);
export type TracesResponse = z.output<typeof tracesResponse>;

/** GET /api/v1/traces/{traceId} */
export const traceSkeletonDto = named(
  'TraceSkeletonDto',
  shape({
    traceId: z.string(),
    version: z.string(),
    startTimeUnixNano: z.string(),
    durationNanos: z.number(),
    spanCount: z.number(),
    services: list(z.string()),
    names: list(z.string()),
    labels: list(z.string()),
    spanIds: list(z.string()),
    parentRow: list(z.number()),
    startNanos: list(z.number()),
    durationsNanos: list(z.number()),
    serviceIndex: list(z.number()),
    nameIndex: list(z.number()),
    kind: list(z.number()),
    status: list(z.number()),
    eventCount: list(z.number()),
    operationIndex: list(z.number()),
    modelIndex: list(z.number()),
    agentIndex: list(z.number()),
    toolIndex: list(z.number()),
    inputTokens: list(z.number()),
    outputTokens: list(z.number()),
    cost: list(z.number()).describe('US dollars, as reported or by price; -1: unknown.'),
    firstChunkNanos: list(z.number()),
  }),
);
export type TraceSkeletonDto = z.output<typeof traceSkeletonDto>;

export const bottleneckDto = named(
  'BottleneckDto',
  shape({
    row: z.number(),
    service: z.string(),
    name: z.string(),
    nanos: z.number().describe('Own time on the critical path, ns.'),
    share: z.number().describe("Of the critical path's whole length, 0 to 1."),
    sentence: z.string().describe('`4.2 of 5.2 s in llm-proxy › chat gpt-4o`'),
    usual: shape({
      medianNanos: z.number(),
      ratio: z.number().describe('The duration in medians.'),
      rank: z.number().describe('Share of the others that are shorter, 0 to 1.'),
      sampleCount: z.number(),
      sentence: z.string().describe('`3.8 × its usual, slower than 98 % of 1,204 calls`'),
    })
      .exactOptional()
      .describe(
        'How long its longest span took, beside the spans of the same operation in the 7 days before the trace. Absent: no history (fewer than 20).',
      ),
  }),
);
export type BottleneckDto = z.output<typeof bottleneckDto>;

/** GET /api/v1/traces/{traceId}/analysis */
export const traceAnalysisDto = named(
  'TraceAnalysisDto',
  shape({
    version: z.string(),
    criticalPath: shape({
      row: list(z.number()),
      startNanos: list(z.number()),
      endNanos: list(z.number()),
    }).describe("Disjoint stretches of the critical path, in time order, ns after the trace's start."),
    byService: list(
      shape({ service: z.string().exactOptional(), nanos: z.number(), share: z.number() }),
    ).describe(
      'Share of the critical path by service, largest first. `service` is absent for time nobody accounts for.',
    ),
    bottleneck: bottleneckDto.exactOptional().describe('Absent only for a trace without duration.'),
    usage: shape({
      modelCalls: z.number(),
      inputTokens: z.number(),
      outputTokens: z.number(),
      cost: z.number().describe('US dollars of the model calls whose cost is known; -1: of none.'),
      unpricedCalls: z
        .number()
        .describe(
          'Model calls whose cost nobody knows: with some of them, `cost` is the least that it can be.',
        ),
      models: list(z.string()),
    }).describe('Model calls only, each once.'),
    errorCount: z.number(),
    orphanCount: z.number(),
    rootCount: z.number(),
    logCount: z.number(),
    errorLogCount: z.number(),
    errorCause: shape({ row: z.number(), service: z.string(), name: z.string(), rows: list(z.number()) })
      .exactOptional()
      .describe('Where the failure of a failed request began; `rows` lead there from the root.'),
    retries: list(
      shape({
        service: z.string(),
        name: z.string(),
        rows: list(z.number()),
        succeeded: z.boolean(),
        lostNanos: z.number(),
      }),
    ).describe('Steps tried again after a failure, most time lost first; at most 20.'),
    queueTimes: list(
      shape({
        clientRow: z.number(),
        serverRow: z.number(),
        beforeNanos: z.number(),
        afterNanos: z.number(),
      }),
    ).describe(
      'Waiting between a client span and its server span (or producer and consumer), longest first; at most 20.',
    ),
    clockCorrections: list(shape({ row: z.number(), service: z.string(), shiftNanos: z.number() })).describe(
      "Services whose clock contradicts their caller's, and by how much; at most 20. The skeleton is as sent.",
    ),
  }),
);
export type TraceAnalysisDto = z.output<typeof traceAnalysisDto>;

/** GET /api/v1/traces/{traceId}/graph */
export const traceGraphDto = named(
  'TraceGraphDto',
  shape({
    version: z.string(),
    services: list(
      shape({ service: z.string(), spanCount: z.number(), errorCount: z.number(), selfNanos: z.number() }),
    ).describe('By name.'),
    calls: list(
      shape({
        caller: z.string(),
        callee: z.string(),
        callCount: z.number(),
        errorCount: z.number(),
        nanos: z.number(),
      }),
    ),
    agents: shape({
      nodes: list(
        shape({
          id: z.string(),
          kind: z.enum(['agent', 'model', 'tool', 'retrieval']),
          name: z.string(),
          callCount: z.number(),
          errorCount: z.number(),
          nanos: z.number(),
          inputTokens: z.number(),
          outputTokens: z.number(),
          cost: z.number(),
        }),
      ),
      uses: list(
        shape({
          from: z.string().exactOptional(),
          to: z.string(),
          callCount: z.number(),
          errorCount: z.number(),
          nanos: z.number(),
        }),
      ).describe('`from` is absent for calls around which no agent ran.'),
    }),
  }),
);
export type TraceGraphDto = z.output<typeof traceGraphDto>;

/** GET /api/v1/traces/{traceId}/flame */
export const traceFlameDto = named(
  'TraceFlameDto',
  shape({
    version: z.string(),
    nodes: list(
      shape({
        parent: z.number(),
        depth: z.number(),
        service: z.string(),
        name: z.string(),
        spanCount: z.number(),
        errorCount: z.number(),
        selfNanos: z.number(),
        totalNanos: z.number(),
        fromNanos: z.number(),
        row: z.number(),
      }),
    ),
  }),
);
export type TraceFlameDto = z.output<typeof traceFlameDto>;

export const stepFiguresDto = named(
  'StepFiguresDto',
  shape({
    callCount: z.number(),
    errorCount: z.number(),
    selfNanos: z.number(),
    inputTokens: z.number(),
    outputTokens: z.number(),
    cost: z.number(),
  }),
);
export type StepFiguresDto = z.output<typeof stepFiguresDto>;

/** GET /api/v1/compare?before=&after= (trace ids) */
export const traceComparisonDto = named(
  'TraceComparisonDto',
  shape({
    versionBefore: z.string(),
    versionAfter: z.string(),
    rowsBefore: list(z.number()),
    rowsAfter: list(z.number()),
    depth: list(z.number()),
    matchedCount: z.number(),
    onlyBeforeCount: z.number(),
    onlyAfterCount: z.number(),
    steps: list(
      shape({
        service: z.string(),
        name: z.string(),
        before: stepFiguresDto,
        after: stepFiguresDto,
        changeNanos: z.number(),
      }),
    ).describe('Most change of own time first.'),
  }),
);
export type TraceComparisonDto = z.output<typeof traceComparisonDto>;
