export {
  type JaegerError,
  type JaegerErrorResponse,
  type JaegerResponse,
  jaegerErrorResponse,
  jaegerResponse,
} from './envelope.ts';
export { parseGoDuration } from './go-duration.ts';
export { type Parsed, parseLogfmt, type SearchTag } from './logfmt.ts';
export { type JaegerSearch, parseJaegerSearch } from './search-parameters.ts';
export { jaegerSpanKind, parseJaegerSpanKind } from './tags.ts';
export { toJaegerTrace } from './to-jaeger-trace.ts';
export { formatJaegerTraceId, parseJaegerTraceId } from './trace-id.ts';
export type {
  JaegerLog,
  JaegerOperation,
  JaegerProcess,
  JaegerReference,
  JaegerSpan,
  JaegerTag,
  JaegerTrace,
} from './types.ts';
