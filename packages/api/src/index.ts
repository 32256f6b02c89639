/**
 * The shapes of `/api/v1`, for the server that answers, the UI and the command line: schemas, of which the types
 * and the OpenAPI document are made. Times are decimal strings of Unix nanoseconds; durations are numbers of
 * nanoseconds; ids are lowercase hex; -1 is "unknown" in counts.
 */
export { type AttributeDto, type AttributeValueDto, attributeDto, attributeValueDto } from './attributes.ts';
export {
  type AttributesResponse,
  attributesResponse,
  type OperationsResponse,
  operationsResponse,
  type ServicesResponse,
  type SpanKindName,
  servicesResponse,
  spanKindName,
} from './catalogue.ts';
export { type InstrumentationResponse, instrumentationResponse } from './instrumentation.ts';
export {
  type LiveHello,
  liveHello,
  type StoredEvent,
  storedEvent,
  type TailHello,
  type TailProgress,
  tailHello,
  tailProgress,
} from './live.ts';
export {
  type LogIngestResponse,
  type LogRecordDto,
  type LogSearchResponse,
  type LogsResponse,
  logIngestResponse,
  logRecordDto,
  logSearchResponse,
  logsResponse,
} from './logs.ts';
export { type ProblemDocument, problemDocument, type TextPositionDto, textPositionDto } from './problem.ts';
export {
  type FoundSpanDto,
  foundSpanDto,
  type SearchedDto,
  type SearchGroupsResponse,
  type SearchHeatmapResponse,
  type SearchHistogramResponse,
  type SearchSpansResponse,
  type SearchTracesResponse,
  type SearchValuesResponse,
  searchedDto,
  searchGroupsResponse,
  searchHeatmapResponse,
  searchHistogramResponse,
  searchSpansResponse,
  searchTracesResponse,
  searchValuesResponse,
  type TotalDto,
  totalDto,
  type UnknownKeyDto,
  unknownKeyDto,
} from './search.ts';
export { shapes } from './shape.ts';
export { type SpanDto, type SpansResponse, spanDto, spansResponse } from './spans.ts';
export {
  type CallsResponse,
  callsResponse,
  type ExemplarDto,
  type ExemplarsResponse,
  exemplarDto,
  exemplarsResponse,
  type StatsResponse,
  type StatsRowDto,
  statsResponse,
  statsRowDto,
  type UsageResponse,
  usageResponse,
} from './stats.ts';
export {
  type CountsByReason,
  countsByReason,
  type DurationSummary,
  durationSummary,
  type PartStatus,
  partStatus,
  type SignalCounts,
  type StatusResponse,
  type SystemPart,
  type SystemResponse,
  signalCounts,
  statusResponse,
  systemPart,
  systemResponse,
} from './system.ts';
export {
  type BottleneckDto,
  bottleneckDto,
  type StepFiguresDto,
  stepFiguresDto,
  type TraceAnalysisDto,
  type TraceComparisonDto,
  type TraceFlameDto,
  type TraceGraphDto,
  type TraceSkeletonDto,
  type TraceSummaryDto,
  type TracesResponse,
  traceAnalysisDto,
  traceComparisonDto,
  traceFlameDto,
  traceGraphDto,
  traceSkeletonDto,
  traceSummaryDto,
  tracesResponse,
} from './traces.ts';
