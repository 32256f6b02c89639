import { z } from 'zod';
import { spanKindName } from './catalogue.ts';
import { list, named, shape } from './shape.ts';

export const statsRowDto = named(
  'StatsRowDto',
  shape({
    service: z.string(),
    operation: z.string().exactOptional().describe('Absent where services are told apart and nothing else.'),
    kind: spanKindName.exactOptional(),
    windowMillis: z.number().exactOptional().describe('With `step` only.'),
    spanCount: z.number().describe('Spans left out by sampling are counted in, here and below.'),
    errorCount: z.number(),
    spansPerSecond: z.number(),
    meanNanos: z.number().describe('-1 only where `spanCount` is 0.'),
    p50Nanos: z.number(),
    p95Nanos: z.number(),
    p99Nanos: z.number(),
  }),
);
export type StatsRowDto = z.output<typeof statsRowDto>;

/** GET /api/v1/stats */
export const statsResponse = named(
  'StatsResponse',
  shape({
    startMillis: z.number(),
    endMillis: z.number(),
    rows: list(statsRowDto),
    truncated: z.boolean().describe('True when there were more rows than the 10,000 that are given.'),
  }),
);
export type StatsResponse = z.output<typeof statsResponse>;

/** GET /api/v1/calls */
export const callsResponse = named(
  'CallsResponse',
  shape({
    startMillis: z.number(),
    endMillis: z.number(),
    calls: list(
      shape({
        caller: z.string(),
        callee: z.string(),
        isMessage: z.boolean().describe('True: through a queue or topic.'),
        callCount: z.number(),
        errorCount: z.number(),
        callsPerSecond: z.number(),
        meanNanos: z.number().describe("Of the callee's spans."),
        p50Nanos: z.number(),
        p95Nanos: z.number(),
        p99Nanos: z.number(),
      }),
    ),
  }),
);
export type CallsResponse = z.output<typeof callsResponse>;

/** GET /api/v1/usage */
export const usageResponse = named(
  'UsageResponse',
  shape({
    startMillis: z.number(),
    endMillis: z.number(),
    pricesChecked: z
      .string()
      .describe('Day until which somebody looked after the listed prices: `2026-08-21`.'),
    models: list(
      shape({
        service: z.string(),
        model: z.string().describe('Empty where nobody named it.'),
        callCount: z.number(),
        errorCount: z.number(),
        totalNanos: z.number(),
        inputTokens: z.number().describe('-1: nobody told.'),
        outputTokens: z.number(),
        cost: z.number().describe('US dollars of the model calls whose cost is known; -1: of none.'),
        unpricedCalls: z.number(),
      }),
    ),
    agents: list(
      shape({
        agent: z.string().describe('Empty: no agent was around.'),
        used: z.string().describe('`agent:planner`, `tool:search`, `model:gpt-4o`, `retrieval:…`'),
        callCount: z.number(),
        errorCount: z.number(),
        totalNanos: z.number(),
      }),
    ),
  }),
);
export type UsageResponse = z.output<typeof usageResponse>;

export const exemplarDto = named(
  'ExemplarDto',
  shape({
    traceId: z.string(),
    spanId: z.string(),
    operation: z.string(),
    kind: spanKindName,
    startTimeUnixNano: z.string(),
    durationNanos: z.number(),
    hasError: z.boolean(),
  }),
  'A span, and the trace that shows why.',
);
export type ExemplarDto = z.output<typeof exemplarDto>;

/** GET /api/v1/exemplars */
export const exemplarsResponse = named(
  'ExemplarsResponse',
  shape({
    startMillis: z.number(),
    endMillis: z.number(),
    slow: list(exemplarDto).describe('The slowest first; of a trace the slowest span.'),
    failed: list(exemplarDto).describe('The newest first; of a trace the newest failed span.'),
  }),
);
export type ExemplarsResponse = z.output<typeof exemplarsResponse>;
