import { z } from 'zod';
import { spanKindName } from './catalogue.ts';
import { textPositionDto } from './problem.ts';
import { list, named, shape } from './shape.ts';
import { traceSummaryDto } from './traces.ts';

export const searchedDto = named(
  'SearchedDto',
  shape({
    fromUnixNano: z.string(),
    toUnixNano: z.string(),
    complete: z
      .boolean()
      .describe(
        'False when the time for one answer was used up: then the answer is right for this window, which is shorter than the one asked for. By time, the next page goes on from there; by other orders, ask for a shorter window.',
      ),
  }),
  'What was searched: spans by their start, Unix nanoseconds, both inclusive.',
);
export type SearchedDto = z.output<typeof searchedDto>;

export const totalDto = named(
  'TotalDto',
  shape({ count: z.number(), exact: z.boolean().describe('False: there are at least as many.') }),
  'Of the first page only.',
);
export type TotalDto = z.output<typeof totalDto>;

export const unknownKeyDto = named(
  'UnknownKeyDto',
  shape({ key: z.string(), position: textPositionDto, didYouMean: z.string().exactOptional() }),
  'An attribute of the filter that nobody has sent; told where nothing was found.',
);
export type UnknownKeyDto = z.output<typeof unknownKeyDto>;

/** GET /api/v1/search/traces */
export const searchTracesResponse = named(
  'SearchTracesResponse',
  shape({
    traces: list(traceSummaryDto),
    searched: searchedDto,
    total: totalDto.exactOptional(),
    next: z.string().exactOptional().describe('Absent: there is no further page.'),
    unknownKeys: list(unknownKeyDto).exactOptional(),
  }),
);
export type SearchTracesResponse = z.output<typeof searchTracesResponse>;

export const foundSpanDto = named(
  'FoundSpanDto',
  shape({
    traceId: z.string(),
    spanId: z.string(),
    parentSpanId: z.string().exactOptional(),
    service: z.string(),
    name: z.string(),
    kind: spanKindName,
    status: z.enum(['unset', 'ok', 'error']),
    startTimeUnixNano: z.string(),
    durationNanos: z.number(),
    operation: z.string().exactOptional(),
    model: z.string().exactOptional(),
    agent: z.string().exactOptional(),
    tool: z.string().exactOptional(),
    inputTokens: z.number(),
    outputTokens: z.number(),
    cost: z.number().describe('US dollars.'),
  }),
  'Texts that a span lacks are absent.',
);
export type FoundSpanDto = z.output<typeof foundSpanDto>;

/** GET /api/v1/search/spans */
export const searchSpansResponse = named(
  'SearchSpansResponse',
  shape({
    spans: list(foundSpanDto),
    searched: searchedDto,
    total: totalDto.exactOptional(),
    next: z.string().exactOptional(),
    unknownKeys: list(unknownKeyDto).exactOptional(),
  }),
);
export type SearchSpansResponse = z.output<typeof searchSpansResponse>;

/** GET /api/v1/search/histogram */
export const searchHistogramResponse = named(
  'SearchHistogramResponse',
  shape({
    startUnixNano: z.string(),
    stepNanos: z.number().describe('Of one bin.'),
    counts: list(z.number()).describe('One number for each bin.'),
    errors: list(z.number()),
  }),
);
export type SearchHistogramResponse = z.output<typeof searchHistogramResponse>;

/** GET /api/v1/search/heatmap */
export const searchHeatmapResponse = named(
  'SearchHeatmapResponse',
  shape({
    startUnixNano: z.string(),
    stepNanos: z.number(),
    bins: z.number(),
    bin: list(z.number()).describe(
      'Cells with spans only, one place of each list for each. By bin, then bucket.',
    ),
    bucket: list(z.number()).describe('Bucket `b` begins at 2^(b / `bucketsPerOctave`) ns.'),
    count: list(z.number()),
    errors: list(z.number()),
    bucketsPerOctave: z.number(),
  }),
);
export type SearchHeatmapResponse = z.output<typeof searchHeatmapResponse>;

/** GET /api/v1/search/groups */
export const searchGroupsResponse = named(
  'SearchGroupsResponse',
  shape({
    by: list(z.string()).describe('As the filter language writes them.'),
    groups: list(
      shape({
        keys: list(z.string().nullable()).describe(
          'Null: spans without the field. Of several values the first counts.',
        ),
        count: z.number(),
        errorCount: z.number(),
        errorRate: z.number().describe('0 to 1.'),
        p50Nanos: z.number(),
        p95Nanos: z.number(),
        p99Nanos: z.number(),
        tokens: z.number().describe('-1: unknown, here and in cost.'),
        cost: z.number(),
      }),
    ),
    truncated: z.boolean().describe('There are more than these.'),
  }),
);
export type SearchGroupsResponse = z.output<typeof searchGroupsResponse>;

/** GET /api/v1/search/values */
export const searchValuesResponse = named(
  'SearchValuesResponse',
  shape({
    field: z.string(),
    values: list(shape({ value: z.string(), count: z.number() })),
    truncated: z.boolean(),
  }),
);
export type SearchValuesResponse = z.output<typeof searchValuesResponse>;
