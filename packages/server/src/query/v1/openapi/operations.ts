import {
  attributesResponse,
  callsResponse,
  exemplarsResponse,
  instrumentationResponse,
  logIngestResponse,
  logSearchResponse,
  logsResponse,
  operationsResponse,
  searchGroupsResponse,
  searchHeatmapResponse,
  searchHistogramResponse,
  searchSpansResponse,
  searchTracesResponse,
  searchValuesResponse,
  servicesResponse,
  spansResponse,
  statsResponse,
  statusResponse,
  systemResponse,
  traceAnalysisDto,
  traceComparisonDto,
  traceFlameDto,
  traceGraphDto,
  traceSkeletonDto,
  tracesResponse,
  usageResponse,
} from '@spanwise/api';
import type { z } from 'zod';
import type { ErrorCode } from '../../error-catalogue.ts';
import {
  attributesParameters,
  compareParameters,
  exemplarsParameters,
  exportParameters,
  logIngestParameters,
  logSearchParameters,
  logsParameters,
  noParameters,
  operationsParameters,
  rangeParameters,
  searchParameters,
  spansParameters,
  statsParameters,
} from '../parameters.ts';
import {
  groupsParameters,
  histogramParameters,
  searchSpansParameters,
  searchTracesParameters,
  valuesParameters,
} from '../search/search-parameters.ts';
import { tailParameters } from '../tail/tail-routes.ts';

/** One call of /api/v1, as the OpenAPI document tells it. */
export interface Operation {
  readonly method: 'get' | 'post';
  /** `{traceId}` is a parameter, the only one that stands in paths. */
  readonly path: string;
  readonly tag: 'catalogue' | 'search' | 'traces' | 'logs' | 'statistics' | 'server';
  readonly summary: string;
  readonly description?: string;
  /** What validates it. */
  readonly query: z.ZodObject;
  /** A shape of @spanwise/api; absent where `answerTypes` says what comes. */
  readonly answer?: z.ZodType;
  /** Content types of answers that are no JSON of ours. */
  readonly answerTypes?: readonly string[];
  /** Content types of its body. */
  readonly bodyTypes?: readonly string[];
  /** Has an `ETag`; `If-None-Match` answers 304. */
  readonly hasVersion?: true;
  /** Besides those that any call may answer. */
  readonly errors: readonly ErrorCode[];
}

/** What any call may answer. */
export const commonErrors = [
  'invalid_parameter',
  'bad_request',
  'host_not_allowed',
  'not_found',
  'too_large',
  'caller_gone',
  'internal_error',
  'storage_unavailable',
  'too_slow',
] as const satisfies readonly ErrorCode[];

const wholeTrace = {
  method: 'get',
  tag: 'traces',
  query: noParameters,
  hasVersion: true,
  errors: ['trace_not_found', 'trace_changing'],
} as const satisfies Partial<Operation>;

const window =
  'The window is `start` and `end`, or `lookback` before `end`; `end` is now unless given, and without a window it is the last hour.';

/** Every call of /api/v1. A test compares it with what the server answers. */
export const operations: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/services',
    tag: 'catalogue',
    summary: 'Services that have sent something',
    query: noParameters,
    answer: servicesResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/operations',
    tag: 'catalogue',
    summary: 'Operations of a service',
    query: operationsParameters,
    answer: operationsResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/attributes',
    tag: 'catalogue',
    summary: 'Keys of attributes that were sent',
    query: attributesParameters,
    answer: attributesResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/traces',
    tag: 'traces',
    summary: 'Search traces',
    description: `Traces of which one span satisfies every condition, newest first. ${window}`,
    query: searchParameters,
    answer: tracesResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/search/traces',
    tag: 'search',
    summary: 'Traces of which one span satisfies a filter',
    description:
      'By time: of the earliest matching span; other orders are of the whole trace. Pages by time never skip or repeat a trace while data come in; by other orders, which may change, the first page fixes the list for 10 minutes, of at most 10,000 traces. Without a window, all that is stored.',
    query: searchTracesParameters,
    answer: searchTracesResponse,
    errors: ['cursor_expired', 'too_broad'],
  },
  {
    method: 'get',
    path: '/api/v1/search/spans',
    tag: 'search',
    summary: 'Spans that satisfy a filter',
    description:
      'Spans where the number is unknown come last. Pages see what was stored when the first one was asked for.',
    query: searchSpansParameters,
    answer: searchSpansResponse,
    errors: ['cursor_expired', 'too_broad'],
  },
  {
    method: 'get',
    path: '/api/v1/search/histogram',
    tag: 'search',
    summary: 'Matching spans over time',
    description: 'Whole, or refused where it would take too long.',
    query: histogramParameters,
    answer: searchHistogramResponse,
    errors: ['too_broad'],
  },
  {
    method: 'get',
    path: '/api/v1/search/heatmap',
    tag: 'search',
    summary: 'Matching spans over time and duration',
    description: 'Whole, or refused where it would take too long.',
    query: histogramParameters,
    answer: searchHeatmapResponse,
    errors: ['too_broad'],
  },
  {
    method: 'get',
    path: '/api/v1/search/groups',
    tag: 'search',
    summary: 'Matching spans by up to three fields',
    description: 'Most spans first. Whole, or refused where it would take too long.',
    query: groupsParameters,
    answer: searchGroupsResponse,
    errors: ['too_broad'],
  },
  {
    method: 'get',
    path: '/api/v1/search/values',
    tag: 'search',
    summary: 'What a field says in matching spans',
    description: 'Most first. Whole, or refused where it would take too long.',
    query: valuesParameters,
    answer: searchValuesResponse,
    errors: ['too_broad'],
  },
  {
    ...wholeTrace,
    path: '/api/v1/traces/{traceId}',
    summary: 'A trace without its attributes',
    description:
      'The skeleton: one list for each column, a place in them for each span. It is as the spans were sent.',
    answer: traceSkeletonDto,
  },
  {
    ...wholeTrace,
    path: '/api/v1/traces/{traceId}/analysis',
    summary: 'Where the time of a trace went',
    description:
      'Critical path, bottleneck and how usual it is, cause of the error, retries, waiting. Rows are rows of the skeleton of the same `version`.',
    answer: traceAnalysisDto,
  },
  {
    ...wholeTrace,
    path: '/api/v1/traces/{traceId}/graph',
    summary: 'Who called whom in a trace, and which agent used what',
    answer: traceGraphDto,
  },
  {
    ...wholeTrace,
    path: '/api/v1/traces/{traceId}/flame',
    summary: 'Alike calls of a trace merged',
    description:
      'Widths are own time. A parent stands before its children; `parent` is a place in the list, -1 at the top.',
    answer: traceFlameDto,
  },
  {
    method: 'get',
    path: '/api/v1/traces/{traceId}/export',
    tag: 'traces',
    summary: 'A trace as a file',
    description: "OTLP is taken back on the OTLP/HTTP port; Jaeger's JSON opens in its UI.",
    query: exportParameters,
    answerTypes: ['application/json', 'application/x-protobuf', 'text/csv'],
    errors: ['trace_not_found'],
  },
  {
    method: 'get',
    path: '/api/v1/traces/{traceId}/spans',
    tag: 'traces',
    summary: 'Everything about some spans of a trace',
    description: 'Spans that are not stored are left out.',
    query: spansParameters,
    answer: spansResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/traces/{traceId}/logs',
    tag: 'logs',
    summary: 'Log records of a trace, by time',
    query: logsParameters,
    answer: logsResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/compare',
    tag: 'traces',
    summary: 'Two traces laid over each other',
    description: 'Rows are rows of the skeletons of these versions, -1 where one trace has no such span.',
    query: compareParameters,
    answer: traceComparisonDto,
    errors: ['trace_not_found', 'trace_changing'],
  },
  {
    method: 'get',
    path: '/api/v1/logs',
    tag: 'logs',
    summary: 'Search log records, newest first',
    description: 'Without a window it is the last hour; with `trace` or `around`, all time.',
    query: logSearchParameters,
    answer: logSearchResponse,
    errors: [],
  },
  {
    method: 'post',
    path: '/api/v1/logs/ingest',
    tag: 'logs',
    summary: 'Store lines that a program printed',
    description: 'JSON objects or any text, one record a line. gzip, deflate and zstd are understood.',
    query: logIngestParameters,
    bodyTypes: ['application/x-ndjson', 'application/jsonl'],
    answer: logIngestResponse,
    errors: ['foreign_page'],
  },
  {
    method: 'get',
    path: '/api/v1/stats',
    tag: 'statistics',
    summary: 'How often, how many failed, how long',
    description: `By service, or by service, operation and kind. Windows begin at whole minutes, of two days and more at whole hours. ${window}`,
    query: statsParameters,
    answer: statsResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/exemplars',
    tag: 'statistics',
    summary: 'Traces of slow and of failed spans of a service',
    description: `What to open where /api/v1/stats shows that something is slow or fails. ${window}`,
    query: exemplarsParameters,
    answer: exemplarsResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/calls',
    tag: 'statistics',
    summary: 'Who called whom',
    description: `By caller, then callee, in traces that began in the window. Some seconds behind what is stored; traces that get spans later are counted anew. ${window}`,
    query: rangeParameters,
    answer: callsResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/usage',
    tag: 'statistics',
    summary: 'Calls of models and their tokens, and what agents used',
    description: `Each call once, though a caller and a proxy both report it. Fresh as \`/api/v1/calls\`. ${window}`,
    query: rangeParameters,
    answer: usageResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/instrumentation',
    tag: 'statistics',
    summary: 'What is wrong with how services send, and what to change',
    description:
      'Of whole hours where it is seen when spans arrive, some seconds later; of settled traces that began in the window where only the whole trace tells. The window is `start` and `end`, or `lookback` before `end`; without one it is the last day. docs/instrumentation-health.md lists the kinds.',
    query: rangeParameters,
    answer: instrumentationResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/tail',
    tag: 'search',
    summary: 'What matches a filter, as it becomes searchable',
    description:
      'Server-sent events: `hello` (`TailHello`) once; then in rounds `span` (`FoundSpanDto`) or `trace` (`TraceSummaryDto`, as it is by then; a trace comes again when more of it matches), oldest first, and `progress` (`TailProgress`), whose id goes into `Last-Event-ID` to resume, however long ago. A round begins when the one before has been taken. Of more than 200 matches in one, the newest come and the others are counted in `progress`.',
    query: tailParameters,
    answerTypes: ['text/event-stream'],
    errors: ['too_many_live_views'],
  },
  {
    method: 'get',
    path: '/api/v1/live',
    tag: 'server',
    summary: 'What becomes searchable, as it does',
    description:
      'Server-sent events: `hello` (`LiveHello`) once, then `stored` (`StoredEvent`) after each segment; a comment every 15 s keeps the connection open. A connection that comes back with `Last-Event-ID` gets what it missed.',
    query: noParameters,
    answerTypes: ['text/event-stream'],
    errors: ['too_many_live_views'],
  },
  {
    method: 'get',
    path: '/api/v1/status',
    tag: 'server',
    summary: 'Whether the server works, and where to send to',
    query: noParameters,
    answer: statusResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/system',
    tag: 'server',
    summary: 'What the server tells about itself',
    description: 'Counts and durations are since its start.',
    query: noParameters,
    answer: systemResponse,
    errors: [],
  },
  {
    method: 'get',
    path: '/api/v1/openapi.json',
    tag: 'server',
    summary: 'This document',
    query: noParameters,
    answerTypes: ['application/json'],
    errors: [],
  },
];
