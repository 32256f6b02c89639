export { NestedDecoder } from './any-value.ts';
export { LogsRequestCursor } from './logs-request-cursor.ts';
export { OtlpError } from './otlp-error.ts';
export type { CursorLists } from './producer-reader.ts';
export { TraceRequestCursor, type TraceRequestLimits } from './trace-request-cursor.ts';
