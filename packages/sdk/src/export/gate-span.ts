import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { capturedContent, isStrictCapture, SCOPE_NAME } from '@spanwise/instrumentation';
import { contentEventMetadataKeys, isContentEvent, isGenAiEvent } from '@spanwise/semconv';
import { type GatedAttributes, gateAttributes } from './gate-attributes.ts';
import { hasAgentKey } from './gate-keys.ts';

/**
 * What leaves the process of a span: no content keys of any dialect, no values in URL queries, no literals in
 * SQL, and on agent spans no exception texts and no status text. Returns the span itself where nothing has to
 * go, else a copy; what went is counted in `droppedAttributesCount`.
 */
export function gateSpan(span: ReadableSpan): ReadableSpan {
  const isAgentSpan = isStrictCapture() || findIsAgentSpan(span);
  const own = keepCaptured(span, gateAttributes(span.attributes, isAgentSpan));
  const events = mapChanged(span.events, (event) => {
    const sent = event.attributes ?? {};
    const isAgent = isAgentSpan || isGenAiEvent(event.name) || hasAgentKey(sent);
    const kept = isContentEvent(event.name)
      ? keepOnly(sent, contentEventMetadataKeys)
      : gateAttributes(sent, isAgent);
    if (!kept.isChanged) return event;
    const droppedAttributesCount = (event.droppedAttributesCount ?? 0) + kept.droppedCount;
    return { ...event, attributes: kept.attributes, droppedAttributesCount };
  });
  const links = mapChanged(span.links, (link) => {
    const sent = link.attributes ?? {};
    const kept = gateAttributes(sent, isAgentSpan || hasAgentKey(sent));
    if (!kept.isChanged) return link;
    const droppedAttributesCount = (link.droppedAttributesCount ?? 0) + kept.droppedCount;
    return { ...link, attributes: kept.attributes, droppedAttributesCount };
  });
  const status = isAgentSpan && span.status.message !== undefined ? { code: span.status.code } : span.status;
  if (!own.isChanged && events === span.events && links === span.links && status === span.status) return span;
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status,
    attributes: own.attributes,
    links,
    events,
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount + own.droppedCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

/** Content that the application handed over and its rules allow (`TracedSpan.recordContent`). */
function keepCaptured(span: ReadableSpan, gated: GatedAttributes): GatedAttributes {
  const texts = capturedContent(span);
  if (texts === undefined) return gated;
  const attributes = { ...gated.attributes, ...Object.fromEntries(texts) };
  return { attributes, isChanged: true, droppedCount: gated.droppedCount - texts.size };
}

function findIsAgentSpan(span: ReadableSpan): boolean {
  return span.instrumentationScope.name === SCOPE_NAME || hasAgentKey(span.attributes);
}

function keepOnly(attributes: Attributes, keys: readonly string[]): GatedAttributes {
  const entries = Object.entries(attributes);
  const kept = entries.filter(([key]) => keys.includes(key));
  const droppedCount = entries.length - kept.length;
  return { attributes: Object.fromEntries(kept), isChanged: droppedCount > 0, droppedCount };
}

/** As `map`, but the same array comes back if no element changed. */
function mapChanged<Item>(items: Item[], change: (item: Item) => Item): Item[] {
  let changed: Item[] | undefined;
  for (const [index, item] of items.entries()) {
    const result = change(item);
    if (result === item) continue;
    changed ??= [...items];
    changed[index] = result;
  }
  return changed ?? items;
}
