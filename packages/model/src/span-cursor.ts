import type { AttributeList } from './attribute-list.ts';

/**
 * Views of encoded telemetry that move forward and are overwritten at each step: the hot path makes no object
 * per span. A `…Start`/`…End` pair is a range of `bytes` (empty when the field is absent); 64-bit fields come as
 * two unsigned 32-bit halves, because a bigint per field would cost more than all the rest.
 */
export interface ProducerCursor {
  readonly bytes: Uint8Array;
  /** Goes up when another resource begins: what was derived from the last one is then stale. */
  readonly resourceSequence: number;
  /** Goes up when another scope begins; also when another resource does. */
  readonly scopeSequence: number;
  readonly resourceAttributes: AttributeList;
  readonly resourceDroppedAttributes: number;
  readonly resourceSchemaUrlStart: number;
  readonly resourceSchemaUrlEnd: number;
  readonly scopeNameStart: number;
  readonly scopeNameEnd: number;
  readonly scopeVersionStart: number;
  readonly scopeVersionEnd: number;
  readonly scopeAttributes: AttributeList;
  readonly scopeDroppedAttributes: number;
  readonly scopeSchemaUrlStart: number;
  readonly scopeSchemaUrlEnd: number;
}

export interface SpanCursor extends ProducerCursor {
  /** Moves to the next span. False: there is none. Throws on bytes that are no OTLP. */
  next(): boolean;
  /** Ids keep the length that was sent: nothing is checked yet. */
  readonly traceIdStart: number;
  readonly traceIdEnd: number;
  readonly spanIdStart: number;
  readonly spanIdEnd: number;
  readonly parentSpanIdStart: number;
  readonly parentSpanIdEnd: number;
  readonly traceStateStart: number;
  readonly traceStateEnd: number;
  readonly flags: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** As sent: may be no SpanKind. */
  readonly kind: number;
  readonly startTimeLow: number;
  readonly startTimeHigh: number;
  readonly endTimeLow: number;
  readonly endTimeHigh: number;
  readonly attributes: AttributeList;
  readonly droppedAttributes: number;
  /** As sent: may be no StatusCode. */
  readonly statusCode: number;
  readonly statusMessageStart: number;
  readonly statusMessageEnd: number;
  readonly eventCount: number;
  readonly eventsLeftOut: number;
  readonly droppedEvents: number;
  readonly linkCount: number;
  readonly linksLeftOut: number;
  readonly droppedLinks: number;
  /** Moves `event` to one of the current span's events; overwrites `event` and `link`. */
  moveToEvent(index: number): void;
  moveToLink(index: number): void;
  readonly event: EventCursor;
  readonly link: LinkCursor;
}

export interface EventCursor {
  readonly timeLow: number;
  readonly timeHigh: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly attributes: AttributeList;
  readonly droppedAttributes: number;
}

export interface LinkCursor {
  readonly traceIdStart: number;
  readonly traceIdEnd: number;
  readonly spanIdStart: number;
  readonly spanIdEnd: number;
  readonly traceStateStart: number;
  readonly traceStateEnd: number;
  readonly flags: number;
  readonly attributes: AttributeList;
  readonly droppedAttributes: number;
}

export interface LogCursor extends ProducerCursor {
  /** Moves to the next record. False: there is none. Throws on bytes that are no OTLP. */
  next(): boolean;
  readonly timeLow: number;
  readonly timeHigh: number;
  readonly observedTimeLow: number;
  readonly observedTimeHigh: number;
  readonly traceIdStart: number;
  readonly traceIdEnd: number;
  readonly spanIdStart: number;
  readonly spanIdEnd: number;
  readonly flags: number;
  readonly severityNumber: number;
  readonly severityTextStart: number;
  readonly severityTextEnd: number;
  readonly eventNameStart: number;
  readonly eventNameEnd: number;
  /** One value under an empty key, or none. */
  readonly body: AttributeList;
  readonly attributes: AttributeList;
  readonly droppedAttributes: number;
}
