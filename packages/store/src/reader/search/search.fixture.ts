import type { FilterSpan } from '@spanwise/filter';
import {
  type Attributes,
  type AttributeValue,
  attributeTypes,
  type Span,
  statusCodes,
  unixNano,
} from '@spanwise/model';
import type { RowValue } from '../../row-binary/reader.ts';
import { formatAttributeText } from '../../rows/attributes.ts';
import { hexBytes, type Row } from '../../rows.fixture.ts';
import type { TraceFacts } from '../../settle/settle-store.ts';

/** A row as ingest would write it. */
export function rowOf(filterSpan: FilterSpan, tenant: number): Row {
  const { span } = filterSpan;
  const own = [...span.attributes];
  const ofType = (type: number) => own.filter(([, value]) => typeOf(value) === type) as RowValue;
  return {
    tenant,
    trace_id: hexBytes(span.traceId),
    span_id: hexBytes(span.spanId),
    ...(span.parentSpanId === undefined ? {} : { parent_span_id: hexBytes(span.parentSpanId) }),
    name: span.name,
    kind: span.kind,
    start_time: span.startTimeUnixNano,
    duration: BigInt(span.durationNanos),
    status_code: span.statusCode,
    status_message: span.statusMessage,
    service: span.resource.serviceName,
    resource_attributes: listOf(span.resource.attributes),
    scope_name: span.scope.name,
    scope_attributes: listOf(span.scope.attributes),
    attributes_string: ofType(attributeTypes.string),
    attributes_int: ofType(attributeTypes.int),
    attributes_double: ofType(attributeTypes.double),
    attributes_bool: ofType(attributeTypes.bool),
    attributes_other: listOf(
      new Map(
        own.filter(([, value]) => {
          const type = typeOf(value);
          return type === attributeTypes.empty || type > attributeTypes.double;
        }),
      ),
    ),
    events: span.events.map((event) => [event.timeUnixNano, event.name, listOf(event.attributes), 0]),
    links: span.links.map((link) => [
      hexBytes(link.traceId),
      hexBytes(link.spanId),
      '',
      0,
      listOf(link.attributes),
      0,
    ]),
    ...agentRow(filterSpan),
    adjusted_count: 1,
  };
}

function agentRow(span: FilterSpan): Row {
  return {
    operation: span.operation ?? '',
    provider: span.provider ?? '',
    request_model: span.requestModel ?? '',
    response_model: span.responseModel ?? '',
    agent: span.agent ?? '',
    tool: span.tool ?? '',
    conversation: span.conversation ?? '',
    input_tokens: BigInt(span.inputTokens ?? -1),
    output_tokens: BigInt(span.outputTokens ?? -1),
    cost: span.cost ?? Number.NaN,
    cost_state: span.cost === undefined ? 0 : 1,
  };
}

function listOf(attributes: Attributes): RowValue {
  return [...attributes].map(([key, value]) => [key, typeOf(value), formatAttributeText(value)]);
}

function typeOf(value: AttributeValue): number {
  if (value === undefined) return attributeTypes.empty;
  if (typeof value === 'string') return attributeTypes.string;
  if (typeof value === 'boolean') return attributeTypes.bool;
  if (typeof value === 'bigint') return attributeTypes.int;
  if (typeof value === 'number') return attributeTypes.double;
  if (value instanceof Uint8Array) return attributeTypes.bytes;
  return value instanceof Map ? attributeTypes.map : attributeTypes.array;
}

/** What the settle job would say of a trace, as far as searches ask. Without usage. */
export function factsOf(tenant: number, spans: readonly FilterSpan[]): TraceFacts {
  const bounds = spans.map(({ span }) => {
    const from: bigint = span.startTimeUnixNano;
    return { from, to: from + BigInt(span.durationNanos) };
  });
  const start = bounds.toSorted((a, b) => Number(a.from - b.from))[0]!.from;
  const end = bounds.toSorted((a, b) => Number(b.to - a.to))[0]!.to;
  const [root] = spans
    .map(({ span }) => span)
    .filter(({ parentSpanId }) => parentSpanId === undefined)
    .sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano) || (a.spanId < b.spanId ? -1 : 1));
  return {
    tenant,
    traceId: spans[0]!.span.traceId,
    startTimeUnixNano: unixNano(start),
    durationNanos: Number(end - start),
    spanCount: spans.length,
    errorCount: spans.filter(({ span }) => span.statusCode === statusCodes.error).length,
    orphanCount: 0,
    ...(root === undefined ? {} : { root: { service: root.resource.serviceName, name: root.name } }),
    services: [],
    adjustedCount: 1,
    usage: { modelCalls: 0, inputTokens: -1, outputTokens: -1, cost: -1, unpricedCalls: 0, models: [] },
    calls: [],
    agentUses: [],
    modelUsage: [],
    flaws: [],
  };
}

/** Which spans a matcher of JavaScript finds: what these tests use is the same in RE2. */
export function createMatcher(pattern: string): (text: string) => boolean {
  const whole = new RegExp(`^(?:${pattern})$`, 'su');
  return (text) => whole.test(text);
}

export function keyOf({
  traceId,
  spanId,
  startTimeUnixNano,
}: Pick<Span, 'traceId' | 'spanId' | 'startTimeUnixNano'>) {
  return `${traceId}/${spanId}/${startTimeUnixNano}`;
}
