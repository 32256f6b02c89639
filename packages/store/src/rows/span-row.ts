import type { EventCursor, LinkCursor, SpanCursor } from '@spanwise/model';
import { type AgentFields, encodeAgentFields, encodeNoAgentFields } from './agent-columns.ts';
import { encodeAttributeList, encodeTypedAttributes, writeDropped } from './attributes.ts';
import type { ByteWriter } from './byte-writer.ts';
import { encodePayload, type PayloadWriter } from './payload.ts';

/** What stands in a row besides what the cursor shows. Reused: filled anew for every span. */
export interface SpanRowDetails {
  tenant: number;
  /** False: the row says that the span is a root. */
  hasParent: boolean;
  /** In place of the span's own, where that may not stay. */
  name: string | undefined;
  statusMessage: string | undefined;
  /** SpanKind and StatusCode: checked. */
  kind: number;
  statusCode: number;
  durationLow: number;
  durationHigh: number;
  agent: AgentFields | undefined;
  /** What `encodeResource` and `encodeScope` wrote. */
  readonly resource: ByteWriter;
  readonly scope: ByteWriter;
  /** What `encodeEvent` and `encodeLink` wrote, and how often. */
  readonly events: ByteWriter;
  eventCount: number;
  readonly links: ByteWriter;
  linkCount: number;
  /** Links that could not be kept. */
  linksRejected: number;
}

/** Writes a row of `spanColumns` up to its last three columns; `encodeRowEnd` writes these. */
export function encodeSpanRow(writer: ByteWriter, span: SpanCursor, row: SpanRowDetails): void {
  const bytes = span.bytes;
  writer.word64(0, 0);
  writer.uint32(0);
  writer.uint32(row.tenant);
  writer.raw(bytes, span.traceIdStart, span.traceIdEnd);
  writer.raw(bytes, span.spanIdStart, span.spanIdEnd);
  if (row.hasParent) writer.raw(bytes, span.parentSpanIdStart, span.parentSpanIdEnd);
  else writer.word64(0, 0);
  writer.text(bytes, span.traceStateStart, span.traceStateEnd);
  writer.uint32(span.flags);
  if (row.name === undefined) writer.text(bytes, span.nameStart, span.nameEnd);
  else writer.string(row.name);
  writer.uint8(row.kind);
  writer.word64(span.startTimeLow, span.startTimeHigh);
  writer.word64(row.durationLow, row.durationHigh);
  writer.uint8(row.statusCode);
  if (row.statusMessage === undefined) writer.text(bytes, span.statusMessageStart, span.statusMessageEnd);
  else writer.string(row.statusMessage);
  writer.append(row.resource);
  writer.append(row.scope);
  encodeTypedAttributes(writer, span.attributes);
  writeDropped(writer, span.droppedAttributes, span.attributes.leftOut);
  writer.varint(row.eventCount);
  writer.append(row.events);
  writeDropped(writer, span.droppedEvents, span.eventsLeftOut);
  writer.varint(row.linkCount);
  writer.append(row.links);
  writeDropped(writer, span.droppedLinks, span.linksLeftOut + row.linksRejected);
  if (row.agent === undefined) encodeNoAgentFields(writer);
  else encodeAgentFields(writer, span.attributes, row.agent);
}

/** The last three columns: what ingest noticed is known only when all else is written. */
export function encodeRowEnd(
  writer: ByteWriter,
  adjustedCount: number,
  warnings: readonly string[],
  payload: readonly PayloadWriter[],
): void {
  writer.float64(adjustedCount);
  writer.varint(warnings.length);
  for (const warning of warnings) writer.string(warning);
  encodePayload(writer, payload);
}

/** One element of `events`. */
export function encodeEvent(writer: ByteWriter, bytes: Uint8Array, event: EventCursor): void {
  writer.word64(event.timeLow, event.timeHigh);
  writer.text(bytes, event.nameStart, event.nameEnd);
  encodeAttributeList(writer, event.attributes);
  writeDropped(writer, event.droppedAttributes, event.attributes.leftOut);
}

/** One element of `links`; its ids have the right length. */
export function encodeLink(writer: ByteWriter, bytes: Uint8Array, link: LinkCursor): void {
  writer.raw(bytes, link.traceIdStart, link.traceIdEnd);
  writer.raw(bytes, link.spanIdStart, link.spanIdEnd);
  writer.text(bytes, link.traceStateStart, link.traceStateEnd);
  writer.uint32(link.flags);
  encodeAttributeList(writer, link.attributes);
  writeDropped(writer, link.droppedAttributes, link.attributes.leftOut);
}
