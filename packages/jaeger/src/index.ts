export {
  type ApiV3TraceSummary,
  apiV3ErrorResponse,
  type SummarySource,
  toApiV3TraceSummary,
} from './api-v3.ts';
export { checkApiV3TraceHints, parseApiV3Search } from './api-v3-parameters.ts';
export {
  type JaegerCallPath,
  type JaegerDeepDependencies,
  type LinkedTrace,
  type PathFocus,
  toJaegerDeepDependencies,
} from './deep-dependencies.ts';
export {
  dependenciesQueryOf,
  type JaegerDependenciesQuery,
  type JaegerDependency,
  parseJaegerDependencies,
  toJaegerDependencies,
} from './dependencies.ts';
export {
  type JaegerError,
  type JaegerErrorResponse,
  type JaegerResponse,
  jaegerErrorResponse,
  jaegerResponse,
} from './envelope.ts';
export { parseGoDuration } from './go-duration.ts';
export { type Parsed, parseLogfmt, type SearchTag } from './logfmt.ts';
export {
  type JaegerMetric,
  type JaegerMetricFamily,
  type JaegerMetricKind,
  type MetricSeries,
  toJaegerMetricFamily,
} from './metric-family.ts';
export { type JaegerMetricsQuery, parseJaegerLatencies, parseJaegerMetrics } from './metrics-parameters.ts';
export {
  type JaegerQualityMetric,
  type JaegerQualityMetrics,
  type JudgedTrace,
  type QualityExample,
  toJaegerQualityMetrics,
} from './quality-metrics.ts';
export {
  conditionsOfApiV2Query,
  conditionsOfApiV3Query,
  type ProtoTime,
  type TraceQueryMessage,
} from './query-messages.ts';
export { type JaegerConditions, type JaegerSearch, parseJaegerSearch } from './search-parameters.ts';
export { jaegerSpanKind, parseJaegerSpanKind } from './tags.ts';
export { type ApiV2KeyValue, type ApiV2Process, type ApiV2Span, toApiV2Spans } from './to-api-v2-spans.ts';
export { toJaegerTrace } from './to-jaeger-trace.ts';
export { formatJaegerTraceId, parseJaegerTraceId, traceIdOfBytes } from './trace-id.ts';
export type {
  JaegerLog,
  JaegerOperation,
  JaegerProcess,
  JaegerReference,
  JaegerSpan,
  JaegerTag,
  JaegerTrace,
} from './types.ts';
