export { NestedDecoder } from './any-value.ts';
export { encodeLogsRequest, encodeTraceRequest } from './encode-request.ts';
export { jsonOfLogsRequest, jsonOfTraceRequest } from './json-of-request.ts';
export { LogsRequestCursor } from './logs-request-cursor.ts';
export { OtlpError } from './otlp-error.ts';
export type { CursorLists } from './producer-reader.ts';
export { type Encoding, encodeExportResponse, encodeStatus, type PartialSuccess } from './responses.ts';
export { TraceRequestCursor, type TraceRequestLimits } from './trace-request-cursor.ts';
export { transcodeJsonRequest } from './transcode-json.ts';
