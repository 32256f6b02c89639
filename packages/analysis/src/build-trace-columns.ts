import {
  type AttributeValue,
  nanosBetween,
  nanosPerSecond,
  parentMissing,
  parentNone,
  type Span,
  type SpanId,
  type Trace,
  type TraceColumns,
  unixNano,
} from '@spanwise/model';
import { attributeKey } from '@spanwise/semconv';

/**
 * A trace as columns, from whole spans. Agent labels are read from OpenTelemetry's current names only; the store
 * knows the dialects.
 *
 * The parent of a span is the first row that has its parent's id; one that names itself is its own parent, which
 * `buildTree` cuts. The order of the spans in `trace` changes nothing.
 */
export function buildTraceColumns(trace: Trace): TraceColumns {
  const spans = trace.spans.toSorted(compareSpans);
  const origin = spans[0]?.startTimeUnixNano ?? unixNano(0n);
  const services = new Dictionary();
  const names = new Dictionary();
  const labels = new Dictionary();
  const label = (span: Span, ...keys: readonly string[]) => {
    const text = keys.map((key) => span.attributes.get(key)).find((value) => typeof value === 'string');
    return text === undefined || text === '' ? -1 : labels.indexOf(text);
  };
  const startNanos = Float64Array.from(spans, (span) => nanosBetween(origin, span.startTimeUnixNano));
  const durationsNanos = Float64Array.from(spans, (span) => span.durationNanos);
  return {
    traceId: trace.traceId,
    startTimeUnixNano: origin,
    durationNanos: startNanos.reduce((most, start, row) => Math.max(most, start + durationsNanos[row]!), 0),
    spanCount: spans.length,
    spanIds: spans.map((span) => span.spanId),
    parentRow: parentRows(spans),
    startNanos,
    durationsNanos,
    serviceIndex: Int32Array.from(spans, (span) => services.indexOf(span.resource.serviceName)),
    nameIndex: Int32Array.from(spans, (span) => names.indexOf(span.name)),
    kind: Uint8Array.from(spans, (span) => span.kind),
    status: Uint8Array.from(spans, (span) => span.statusCode),
    eventCount: Int32Array.from(spans, (span) => span.events.length + span.links.length),
    operationIndex: Int32Array.from(spans, (span) => label(span, attributeKey.operationName)),
    modelIndex: Int32Array.from(spans, (span) =>
      label(span, attributeKey.responseModel, attributeKey.requestModel),
    ),
    agentIndex: Int32Array.from(spans, (span) => label(span, attributeKey.agentName)),
    toolIndex: Int32Array.from(spans, (span) => label(span, attributeKey.toolName)),
    inputTokens: Float64Array.from(spans, (span) =>
      count(span.attributes.get(attributeKey.usageInputTokens)),
    ),
    outputTokens: Float64Array.from(spans, (span) =>
      count(span.attributes.get(attributeKey.usageOutputTokens)),
    ),
    cost: Float64Array.from(spans, (span) => count(span.attributes.get(attributeKey.usageCostAmount))),
    firstChunkNanos: Float64Array.from(spans, (span) => {
      const seconds = count(span.attributes.get(attributeKey.responseTimeToFirstChunk));
      return seconds < 0 ? -1 : Math.round(seconds * nanosPerSecond);
    }),
    services: services.texts,
    names: names.texts,
    labels: labels.texts,
  };
}

class Dictionary {
  readonly texts: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.#indexes.set(text, index);
    }
    return index;
  }
}

function parentRows(spans: readonly Span[]): Int32Array {
  const rowById = new Map<SpanId, number>();
  for (const [row, span] of spans.entries()) if (!rowById.has(span.spanId)) rowById.set(span.spanId, row);
  return Int32Array.from(spans, ({ parentSpanId }) =>
    parentSpanId === undefined ? parentNone : (rowById.get(parentSpanId) ?? parentMissing),
  );
}

function count(value: AttributeValue): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && Number.isFinite(number) ? number : -1;
}

/** By start, then id. Spans that share both are told apart by what else a column shows. */
function compareSpans(a: Span, b: Span): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
  if (a.spanId !== b.spanId) return a.spanId < b.spanId ? -1 : 1;
  const [first, second] = [tieKey(a), tieKey(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function tieKey(span: Span): string {
  return JSON.stringify([
    span.resource.serviceName,
    span.name,
    span.durationNanos,
    span.parentSpanId,
    span.kind,
    span.statusCode,
    span.events.length + span.links.length,
    ...labelKeys.map((key) => String(span.attributes.get(key))),
  ]);
}

const labelKeys = [
  attributeKey.operationName,
  attributeKey.responseModel,
  attributeKey.requestModel,
  attributeKey.agentName,
  attributeKey.toolName,
  attributeKey.usageInputTokens,
  attributeKey.usageOutputTokens,
  attributeKey.usageCostAmount,
  attributeKey.responseTimeToFirstChunk,
];
