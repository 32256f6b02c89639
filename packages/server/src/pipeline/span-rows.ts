import { type SpanCursor, spanKinds, statusCodes } from '@spanwise/model';
import { isContentEvent } from '@spanwise/semconv';
import {
  ByteWriter,
  encodeEvent,
  encodeLink,
  encodeSpanRow,
  type PayloadWriter,
  payloadPlaces,
  type SpanRowDetails,
} from '@spanwise/store/rows';
import { adjustedCountOf } from './adjusted-count.ts';
import { unnamedSpan } from './clean-ups.ts';
import type { RejectReason } from './decode-result.ts';
import { type ElementKind, elementKinds, kindOf } from './gate/element-kind.ts';
import type { Gate } from './gate/gate.ts';
import type { GroupRows } from './group-rows.ts';
import { agentFlag, renamedFlag } from './key-flags.ts';
import type { Normaliser } from './normalise/normaliser.ts';
import type { Pricer } from './normalise/pricer.ts';
import type { RowCollector } from './row-collector.ts';
import { isId, isInside, type TimeWindow } from './time-window.ts';
import type { UnseenAttributes } from './unseen-attributes.ts';

const genAiPrefix = Buffer.from('gen_ai.');

/** Turns spans into rows: checks, normalises, gates, encodes. One object per worker, reused. */
export class SpanRows {
  readonly #gate: Gate;
  readonly #normaliser: Normaliser;
  readonly #pricer: Pricer;
  readonly #group: GroupRows;
  readonly #payload: PayloadWriter;
  readonly #unseen: UnseenAttributes;
  readonly #details: SpanRowDetails;

  constructor(
    gate: Gate,
    normaliser: Normaliser,
    pricer: Pricer,
    group: GroupRows,
    payload: PayloadWriter,
    unseen: UnseenAttributes,
  ) {
    this.#gate = gate;
    this.#normaliser = normaliser;
    this.#pricer = pricer;
    this.#group = group;
    this.#payload = payload;
    this.#unseen = unseen;
    this.#details = {
      tenant: 0,
      hasParent: false,
      name: undefined,
      statusMessage: undefined,
      kind: 0,
      statusCode: 0,
      durationLow: 0,
      durationHigh: 0,
      agent: undefined,
      resource: group.resource,
      scope: group.scope,
      events: new ByteWriter(4_096),
      eventCount: 0,
      links: new ByteWriter(1_024),
      linkCount: 0,
      linksRejected: 0,
    };
  }

  /** Text repaired in this object's own buffers, so far. */
  get repairs(): number {
    return this.#details.events.repairs + this.#details.links.repairs;
  }

  /** Why the span can't be stored, if so. */
  reasonAgainst(span: SpanCursor, window: TimeWindow): RejectReason | undefined {
    if (!isId(span.bytes, span.traceIdStart, span.traceIdEnd, 16)) return 'trace_id_invalid';
    if (!isId(span.bytes, span.spanIdStart, span.spanIdEnd, 8)) return 'span_id_invalid';
    if (!isInside(window, span.startTimeLow, span.startTimeHigh)) return 'time_out_of_range';
    return undefined;
  }

  /** Writes the row up to its last three columns, and gives its adjusted count. */
  write(span: SpanCursor, tenant: number, rows: RowCollector): number {
    const row = this.#details;
    const gate = this.#gate;
    this.#payload.clear();
    rows.notes.setTrace(span.bytes, span.traceIdStart);
    row.tenant = tenant;
    row.agent = this.#normaliser.read(span.attributes) ? this.#normaliser.fields : undefined;
    if (row.agent !== undefined) this.#pricer.price(row.agent, span.attributes, startMillisOf(span));
    // All of the span's attributes are read by now, whatever their place on the wire; events and links come later.
    const flags = this.#normaliser.flags | span.attributes.leftOutFlags;
    const kind = (flags & agentFlag) === 0 ? elementKinds.ordinary : elementKinds.agent;
    this.#writeEvents(span, kind, rows);
    this.#writeLinks(span, kind, rows);
    row.statusMessage = gate.statusMessage(span.bytes, span.statusMessageStart, span.statusMessageEnd, kind);
    gate.keepIn(this.#payload, payloadPlaces.attribute);
    gate.filter(span.attributes, kind);
    if (gate.counts.total > 0) {
      rows.countContent(this.#group.service, gate.counts.total);
      this.#noteContent(rows);
      gate.counts.mark(span.attributes);
    }
    if ((flags & renamedFlag) !== 0) noteRenamed(span, rows);
    noteDropped(span, rows);
    this.#unseen.note(span.attributes, 'span');
    this.#setIdentity(span, rows);
    this.#setDuration(span, rows);
    encodeSpanRow(rows.writer, span, row);
    if (span.attributes.leftOut > 0) rows.cleanUp('attributes_over_limit', span.attributes.leftOut);
    if (span.eventsLeftOut > 0) rows.cleanUp('events_over_limit', span.eventsLeftOut);
    if (span.linksLeftOut > 0) rows.cleanUp('links_over_limit', span.linksLeftOut);
    rows.traceIds.add(span.bytes, span.traceIdStart);
    return span.traceStateStart === span.traceStateEnd
      ? 1
      : adjustedCountOf(
          Buffer.from(span.bytes.subarray(span.traceStateStart, span.traceStateEnd)).toString('latin1'),
        );
  }

  /** Where an operator keeps content on purpose, nobody is to blame for sending it. */
  #noteContent(rows: RowCollector): void {
    const { content } = this.#gate.counts;
    if (content > 0 && !this.#gate.keepsContent) rows.notes.add('content', '', content);
  }

  #setIdentity(span: SpanCursor, rows: RowCollector): void {
    const row = this.#details;
    const parentLength = span.parentSpanIdEnd - span.parentSpanIdStart;
    row.hasParent = isId(span.bytes, span.parentSpanIdStart, span.parentSpanIdEnd, 8);
    if (!row.hasParent && parentLength !== 0 && parentLength !== 8) rows.cleanUp('parent_id_invalid');
    row.name = undefined;
    if (span.nameStart === span.nameEnd) {
      row.name = unnamedSpan;
      rows.cleanUp('span_name_missing');
    }
    row.kind = span.kind <= spanKinds.consumer ? span.kind : spanKinds.unspecified;
    row.statusCode = span.statusCode <= statusCodes.error ? span.statusCode : statusCodes.unset;
  }

  /** End minus start in two halves; at least 1 ns. */
  #setDuration(span: SpanCursor, rows: RowCollector): void {
    const row = this.#details;
    const startLow = span.startTimeLow >>> 0;
    const startHigh = span.startTimeHigh >>> 0;
    const endLow = span.endTimeLow >>> 0;
    const endHigh = span.endTimeHigh >>> 0;
    if (endHigh < startHigh || (endHigh === startHigh && endLow <= startLow)) {
      row.durationLow = 1;
      row.durationHigh = 0;
      rows.cleanUp('end_before_start');
      return;
    }
    row.durationLow = (endLow - startLow) | 0;
    row.durationHigh = (endHigh - startHigh - (endLow < startLow ? 1 : 0)) | 0;
  }

  #writeEvents(span: SpanCursor, spanKind: ElementKind, rows: RowCollector): void {
    const row = this.#details;
    row.events.clear();
    row.eventCount = span.eventCount;
    for (let index = 0; index < span.eventCount; index += 1) {
      span.moveToEvent(index);
      const event = span.event;
      const kind = eventKind(span.bytes, event.nameStart, event.nameEnd, kindOf(event.attributes, spanKind));
      this.#gate.keepIn(this.#payload, payloadPlaces.eventAttribute, index);
      this.#gate.filter(event.attributes, kind);
      this.#unseen.note(event.attributes, 'event');
      encodeEvent(row.events, span.bytes, event);
      if (event.attributes.leftOut > 0) rows.cleanUp('attributes_over_limit', event.attributes.leftOut);
    }
  }

  #writeLinks(span: SpanCursor, kind: ElementKind, rows: RowCollector): void {
    const row = this.#details;
    row.links.clear();
    row.linkCount = 0;
    row.linksRejected = 0;
    for (let index = 0; index < span.linkCount; index += 1) {
      span.moveToLink(index);
      const link = span.link;
      if (
        !isId(span.bytes, link.traceIdStart, link.traceIdEnd, 16) ||
        !isId(span.bytes, link.spanIdStart, link.spanIdEnd, 8)
      ) {
        row.linksRejected += 1;
        continue;
      }
      this.#gate.keepIn(this.#payload, payloadPlaces.linkAttribute, row.linkCount);
      this.#gate.filter(link.attributes, kindOf(link.attributes, kind));
      this.#unseen.note(link.attributes, 'link');
      encodeLink(row.links, span.bytes, link);
      row.linkCount += 1;
      if (link.attributes.leftOut > 0) rows.cleanUp('attributes_over_limit', link.attributes.leftOut);
    }
    if (row.linksRejected > 0) rows.cleanUp('link_id_invalid', row.linksRejected);
  }
}

function noteRenamed({ attributes }: SpanCursor, rows: RowCollector): void {
  const { count, keyIds, keys } = attributes;
  for (let index = 0; index < count; index += 1) {
    if ((keys.flags[keyIds[index]!]! & renamedFlag) !== 0)
      rows.notes.add('old_key', attributes.key(index), 1);
  }
}

/** What the SDK says it left out. */
function noteDropped(span: SpanCursor, rows: RowCollector): void {
  if (span.droppedAttributes > 0) rows.notes.add('dropped_by_sdk', 'attributes', 1);
  if (span.droppedEvents > 0) rows.notes.add('dropped_by_sdk', 'events', 1);
  if (span.droppedLinks > 0) rows.notes.add('dropped_by_sdk', 'links', 1);
}

function startMillisOf({ startTimeHigh, startTimeLow }: SpanCursor): number {
  return ((startTimeHigh >>> 0) * 0x1_0000_0000 + (startTimeLow >>> 0)) / 1e6;
}

/** How the gate looks at an event of that name on an element of that kind. */
export function eventKind(bytes: Uint8Array, start: number, end: number, kind: ElementKind): ElementKind {
  if (end - start <= genAiPrefix.length) return kind;
  for (let index = 0; index < genAiPrefix.length; index += 1) {
    if ((bytes[start + index]! | 0x20) !== (genAiPrefix[index]! | 0x20)) return kind;
  }
  const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return isContentEvent(name) ? elementKinds.contentEvent : elementKinds.agent;
}
