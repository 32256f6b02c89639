import type { AttributeList, EventCursor, LinkCursor, SpanCursor } from '@spanwise/model';
import { readKeyValue } from './any-value.ts';
import { OtlpError } from './otlp-error.ts';
import { type CursorLists, ProducerReader } from './producer-reader.ts';

/*
 * trace.proto
 *   Span    trace_id 1 bytes, span_id 2 bytes, trace_state 3 string, parent_span_id 4 bytes, name 5 string,
 *           kind 6 enum, start_time_unix_nano 7 fixed64, end_time_unix_nano 8 fixed64, attributes 9 KeyValue,
 *           dropped_attributes_count 10 uint32, events 11, dropped_events_count 12 uint32, links 13,
 *           dropped_links_count 14 uint32, status 15, flags 16 fixed32
 *   Event   time_unix_nano 1 fixed64, name 2 string, attributes 3, dropped_attributes_count 4 uint32
 *   Link    trace_id 1 bytes, span_id 2 bytes, trace_state 3 string, attributes 4,
 *           dropped_attributes_count 5 uint32, flags 6 fixed32
 *   Status  message 2 string, code 3 enum
 */

export interface TraceRequestLimits {
  readonly eventsPerSpan: number;
  readonly linksPerSpan: number;
}

/** An ExportTraceServiceRequest, span by span. */
export class TraceRequestCursor extends ProducerReader implements SpanCursor {
  traceIdStart = 0;
  traceIdEnd = 0;
  spanIdStart = 0;
  spanIdEnd = 0;
  parentSpanIdStart = 0;
  parentSpanIdEnd = 0;
  traceStateStart = 0;
  traceStateEnd = 0;
  flags = 0;
  nameStart = 0;
  nameEnd = 0;
  kind = 0;
  startTimeLow = 0;
  startTimeHigh = 0;
  endTimeLow = 0;
  endTimeHigh = 0;
  readonly attributes: AttributeList;
  droppedAttributes = 0;
  statusCode = 0;
  statusMessageStart = 0;
  statusMessageEnd = 0;
  eventCount = 0;
  eventsLeftOut = 0;
  droppedEvents = 0;
  linkCount = 0;
  linksLeftOut = 0;
  droppedLinks = 0;
  readonly event: MutableEvent;
  readonly link: MutableLink;

  readonly #limits: TraceRequestLimits;
  /** Pairs of start and end. */
  #events = new Int32Array(32);
  #links = new Int32Array(32);

  constructor(bytes: Uint8Array, lists: CursorLists, limits: TraceRequestLimits) {
    super(bytes, lists);
    this.attributes = lists.record;
    this.#limits = limits;
    this.event = {
      timeLow: 0,
      timeHigh: 0,
      nameStart: 0,
      nameEnd: 0,
      attributes: lists.inner,
      droppedAttributes: 0,
    };
    this.link = {
      traceIdStart: 0,
      traceIdEnd: 0,
      spanIdStart: 0,
      spanIdEnd: 0,
      traceStateStart: 0,
      traceStateEnd: 0,
      flags: 0,
      attributes: lists.inner,
      droppedAttributes: 0,
    };
  }

  next(): boolean {
    if (!this.nextRecord()) return false;
    this.#clear();
    const reader = this.reader;
    const end = reader.end;
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x0a: {
          const length = reader.length();
          this.traceIdStart = reader.position;
          reader.position += length;
          this.traceIdEnd = reader.position;
          break;
        }
        case 0x12: {
          const length = reader.length();
          this.spanIdStart = reader.position;
          reader.position += length;
          this.spanIdEnd = reader.position;
          break;
        }
        case 0x1a: {
          const length = reader.length();
          this.traceStateStart = reader.position;
          reader.position += length;
          this.traceStateEnd = reader.position;
          break;
        }
        case 0x22: {
          const length = reader.length();
          this.parentSpanIdStart = reader.position;
          reader.position += length;
          this.parentSpanIdEnd = reader.position;
          break;
        }
        case 0x2a: {
          const length = reader.length();
          this.nameStart = reader.position;
          reader.position += length;
          this.nameEnd = reader.position;
          break;
        }
        case 0x30:
          this.kind = reader.varint();
          break;
        case 0x39:
          reader.fixed64();
          this.startTimeLow = reader.low;
          this.startTimeHigh = reader.high;
          break;
        case 0x41:
          reader.fixed64();
          this.endTimeLow = reader.low;
          this.endTimeHigh = reader.high;
          break;
        case 0x4a: {
          const length = reader.length();
          reader.end = reader.position + length;
          readKeyValue(reader, this.attributes);
          reader.end = end;
          break;
        }
        case 0x50:
          this.droppedAttributes = reader.varint();
          break;
        case 0x5a: {
          const length = reader.length();
          this.#noteEvent(reader.position, reader.position + length);
          reader.position += length;
          break;
        }
        case 0x60:
          this.droppedEvents = reader.varint();
          break;
        case 0x6a: {
          const length = reader.length();
          this.#noteLink(reader.position, reader.position + length);
          reader.position += length;
          break;
        }
        case 0x70:
          this.droppedLinks = reader.varint();
          break;
        case 0x7a: {
          const length = reader.length();
          reader.end = reader.position + length;
          this.#readStatus();
          reader.end = end;
          break;
        }
        case 0x85:
          this.flags = reader.fixed32();
          break;
        // time_unix_nano, severity_number and observed_time_unix_nano of a LogRecord: the numbers coincide.
        case 0x09:
        case 0x10:
        case 0x59:
          throw new OtlpError('log records were sent where spans are expected');
        default:
          reader.skip(tag);
      }
    }
    return true;
  }

  moveToEvent(index: number): void {
    const reader = this.reader;
    const event = this.event;
    const end = this.#events[index * 2 + 1]!;
    reader.position = this.#events[index * 2]!;
    reader.end = end;
    event.timeLow = 0;
    event.timeHigh = 0;
    event.nameStart = 0;
    event.nameEnd = 0;
    event.droppedAttributes = 0;
    event.attributes.begin(this.bytes);
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x09:
          reader.fixed64();
          event.timeLow = reader.low;
          event.timeHigh = reader.high;
          break;
        case 0x12: {
          const length = reader.length();
          event.nameStart = reader.position;
          reader.position += length;
          event.nameEnd = reader.position;
          break;
        }
        case 0x1a: {
          const length = reader.length();
          reader.end = reader.position + length;
          readKeyValue(reader, event.attributes);
          reader.end = end;
          break;
        }
        case 0x20:
          event.droppedAttributes = reader.varint();
          break;
        default:
          reader.skip(tag);
      }
    }
  }

  moveToLink(index: number): void {
    const reader = this.reader;
    const link = this.link;
    const end = this.#links[index * 2 + 1]!;
    reader.position = this.#links[index * 2]!;
    reader.end = end;
    link.traceIdStart = 0;
    link.traceIdEnd = 0;
    link.spanIdStart = 0;
    link.spanIdEnd = 0;
    link.traceStateStart = 0;
    link.traceStateEnd = 0;
    link.flags = 0;
    link.droppedAttributes = 0;
    link.attributes.begin(this.bytes);
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x0a: {
          const length = reader.length();
          link.traceIdStart = reader.position;
          reader.position += length;
          link.traceIdEnd = reader.position;
          break;
        }
        case 0x12: {
          const length = reader.length();
          link.spanIdStart = reader.position;
          reader.position += length;
          link.spanIdEnd = reader.position;
          break;
        }
        case 0x1a: {
          const length = reader.length();
          link.traceStateStart = reader.position;
          reader.position += length;
          link.traceStateEnd = reader.position;
          break;
        }
        case 0x22: {
          const length = reader.length();
          reader.end = reader.position + length;
          readKeyValue(reader, link.attributes);
          reader.end = end;
          break;
        }
        case 0x28:
          link.droppedAttributes = reader.varint();
          break;
        case 0x35:
          link.flags = reader.fixed32();
          break;
        default:
          reader.skip(tag);
      }
    }
  }

  #readStatus(): void {
    const reader = this.reader;
    while (reader.position < reader.end) {
      const tag = reader.tag();
      if (tag === 0x12) {
        const length = reader.length();
        this.statusMessageStart = reader.position;
        reader.position += length;
        this.statusMessageEnd = reader.position;
      } else if (tag === 0x18) this.statusCode = reader.varint();
      else reader.skip(tag);
    }
  }

  #noteEvent(start: number, end: number): void {
    if (this.eventCount === this.#limits.eventsPerSpan) {
      this.eventsLeftOut += 1;
      return;
    }
    this.#events = noteRange(this.#events, this.eventCount, start, end);
    this.eventCount += 1;
  }

  #noteLink(start: number, end: number): void {
    if (this.linkCount === this.#limits.linksPerSpan) {
      this.linksLeftOut += 1;
      return;
    }
    this.#links = noteRange(this.#links, this.linkCount, start, end);
    this.linkCount += 1;
  }

  #clear(): void {
    this.traceIdStart = 0;
    this.traceIdEnd = 0;
    this.spanIdStart = 0;
    this.spanIdEnd = 0;
    this.parentSpanIdStart = 0;
    this.parentSpanIdEnd = 0;
    this.traceStateStart = 0;
    this.traceStateEnd = 0;
    this.flags = 0;
    this.nameStart = 0;
    this.nameEnd = 0;
    this.kind = 0;
    this.startTimeLow = 0;
    this.startTimeHigh = 0;
    this.endTimeLow = 0;
    this.endTimeHigh = 0;
    this.attributes.begin(this.bytes);
    this.droppedAttributes = 0;
    this.statusCode = 0;
    this.statusMessageStart = 0;
    this.statusMessageEnd = 0;
    this.eventCount = 0;
    this.eventsLeftOut = 0;
    this.droppedEvents = 0;
    this.linkCount = 0;
    this.linksLeftOut = 0;
    this.droppedLinks = 0;
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type MutableEvent = Mutable<EventCursor>;
type MutableLink = Mutable<LinkCursor>;

function noteRange(ranges: Int32Array<ArrayBuffer>, index: number, start: number, end: number) {
  let target = ranges;
  if (index * 2 === ranges.length) {
    target = new Int32Array(ranges.length * 2);
    target.set(ranges);
  }
  target[index * 2] = start;
  target[index * 2 + 1] = end;
  return target;
}
