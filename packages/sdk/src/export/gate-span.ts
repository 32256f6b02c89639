import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { SCOPE_NAME } from '@spanwise/instrumentation';
import {
  attributeKey,
  contentEventMetadataKeys,
  isContentEvent,
  isContentKey,
  urlKeys,
  urlQueryKeys,
} from '@spanwise/semconv';
import { maskQuery, maskUrlQuery } from './mask-url-query.ts';

/** Namespaces that only appear on the spans of agents, models, tools and the like, in any dialect. */
const AGENT_NAMESPACES = [
  'gen_ai.',
  'openinference.',
  'llm.',
  'ai.',
  'traceloop.',
  'mcp.',
  'langfuse.',
  'lmnr.',
  'mlflow.',
  'agentops.',
];

/** On agent spans an exception's text may quote the prompt, an argument or an answer. */
const EXCEPTION_TEXT_KEYS: ReadonlySet<string> = new Set([
  attributeKey.exceptionMessage,
  attributeKey.exceptionStacktrace,
]);

type KeyRule = 'keep' | 'drop' | 'drop on agent spans' | 'mask URL' | 'mask query';

/**
 * What leaves the process of a span: no content keys of any dialect, no values in URL queries, and on agent
 * spans no exception texts and no status text. Returns the span itself where nothing has to go, else a copy;
 * what went is counted in `droppedAttributesCount`.
 */
export function gateSpan(span: ReadableSpan): ReadableSpan {
  const isAgentSpan = findIsAgentSpan(span);
  const own = gateAttributes(span.attributes, isAgentSpan);
  const events = mapChanged(span.events, (event) => {
    const kept = isContentEvent(event.name)
      ? keepOnly(event.attributes ?? {}, contentEventMetadataKeys)
      : gateAttributes(event.attributes ?? {}, isAgentSpan);
    if (!kept.isChanged) return event;
    const droppedAttributesCount = (event.droppedAttributesCount ?? 0) + kept.droppedCount;
    return { ...event, attributes: kept.attributes, droppedAttributesCount };
  });
  const links = mapChanged(span.links, (link) => {
    const kept = gateAttributes(link.attributes ?? {}, isAgentSpan);
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

function findIsAgentSpan(span: ReadableSpan): boolean {
  if (span.instrumentationScope.name === SCOPE_NAME) return true;
  for (const key in span.attributes) {
    if (AGENT_NAMESPACES.some((namespace) => key.startsWith(namespace))) return true;
  }
  return false;
}

interface GatedAttributes {
  readonly attributes: Attributes;
  readonly isChanged: boolean;
  readonly droppedCount: number;
}

function gateAttributes(attributes: Attributes, isAgentSpan: boolean): GatedAttributes {
  let kept: Attributes | undefined;
  let droppedCount = 0;
  for (const key in attributes) {
    const rule = ruleOf(key);
    if (rule === 'keep' || (rule === 'drop on agent spans' && !isAgentSpan)) continue;
    kept ??= { ...attributes };
    if (rule === 'mask URL' || rule === 'mask query') {
      const value = attributes[key];
      const mask = rule === 'mask URL' ? maskUrlQuery : maskQuery;
      kept[key] = typeof value === 'string' ? mask(value) : undefined;
    } else {
      delete kept[key];
      droppedCount += 1;
    }
  }
  return { attributes: kept ?? attributes, isChanged: kept !== undefined, droppedCount };
}

function keepOnly(attributes: Attributes, keys: readonly string[]): GatedAttributes {
  const entries = Object.entries(attributes);
  const kept = entries.filter(([key]) => keys.includes(key));
  const droppedCount = entries.length - kept.length;
  return { attributes: Object.fromEntries(kept), isChanged: droppedCount > 0, droppedCount };
}

/** Keys come from code, so they are few; a bound all the same, for a library that puts data into keys. */
const MAX_REMEMBERED_KEYS = 4096;
const rememberedRules = new Map<string, KeyRule>();

function ruleOf(key: string): KeyRule {
  let rule = rememberedRules.get(key);
  if (rule === undefined) {
    rule = findRule(key);
    if (rememberedRules.size < MAX_REMEMBERED_KEYS) rememberedRules.set(key, rule);
  }
  return rule;
}

function findRule(key: string): KeyRule {
  if (isContentKey(key)) return 'drop';
  if (EXCEPTION_TEXT_KEYS.has(key)) return 'drop on agent spans';
  if (urlKeys.includes(key)) return 'mask URL';
  if (urlQueryKeys.includes(key)) return 'mask query';
  return 'keep';
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
