export {
  AttributeList,
  type AttributeListOptions,
  attributeRemoved,
  attributeTypeOf,
} from './attribute-list.ts';
export {
  type Attributes,
  type AttributeType,
  type AttributeValue,
  attributeTypes,
  noAttributes,
} from './attributes.ts';
export { didYouMean } from './did-you-mean.ts';
export { bucketOfDuration, bucketStartNanos, bucketsPerOctave } from './duration-buckets.ts';
export { isSpanId, isTraceId, parseTraceId, type SpanId, spanId, type TraceId, traceId } from './ids.ts';
export { KeyTable } from './key-table.ts';
export type { LogRecord } from './log-record.ts';
export type { EventCursor, LinkCursor, LogCursor, ProducerCursor, SpanCursor } from './span-cursor.ts';
export {
  type Nanos,
  nanosBetween,
  nanosPerMicro,
  nanosPerMilli,
  nanosPerSecond,
  type UnixNano,
  unixMillisFromNano,
  unixNano,
  unixNanoFromMillis,
} from './time.ts';
export {
  type InstrumentationScope,
  type Resource,
  type Span,
  type SpanEvent,
  type SpanKind,
  type SpanLink,
  type StatusCode,
  spanKinds,
  statusCodes,
  type Trace,
} from './trace.ts';
export { parentMissing, parentNone, type TraceColumns } from './trace-columns.ts';
