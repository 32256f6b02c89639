import {
  type Attributes,
  type AttributeValue,
  type Nanos,
  type Span,
  type SpanId,
  spanKinds,
  statusCodes,
} from '@spanwise/model';
import type { IntrinsicName } from './fields.ts';
import type { AttributeField, Comparison, Field, Filter, Percentile, Structure, Value } from './filter.ts';
import { filterBounds } from './filter-bounds.ts';

/** A span, with what ingest read out of its dialect. Absent: unknown. */
export interface FilterSpan {
  readonly span: Span;
  readonly operation?: string;
  readonly provider?: string;
  readonly requestModel?: string;
  readonly responseModel?: string;
  readonly agent?: string;
  readonly tool?: string;
  readonly conversation?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** US dollars. */
  readonly cost?: number;
}

/** What a filter needs besides the spans. */
export interface FilterSurroundings {
  /** Of the operation of this span; undefined without enough history. */
  percentileNanos(span: Span, percentile: Percentile): Nanos | undefined;
  /**
   * Whether a whole text matches. The engine behind it is the caller's choice: users' patterns belong into one that
   * runs in linear time.
   */
  createMatcher(pattern: string): (text: string) => boolean;
}

/**
 * What a filter means: which spans of a trace satisfy it, in their order. Says it as plainly as it can; the store's
 * SQL is tested against it. `spans`: all of one trace.
 */
export function evaluateFilter(
  filter: Filter,
  spans: readonly FilterSpan[],
  surroundings: FilterSurroundings,
): readonly boolean[] {
  const trace = traceFacts(spans);
  const evaluate = (part: Filter): readonly boolean[] => {
    switch (part.type) {
      case 'all': {
        const parts = part.parts.map(evaluate);
        return spans.map((_, index) => parts.every((holds) => holds[index]));
      }
      case 'any': {
        const parts = part.parts.map(evaluate);
        return spans.map((_, index) => parts.some((holds) => holds[index]));
      }
      case 'not':
        return evaluate(part.part).map((holds) => !holds);
      case 'structure':
        return evaluateStructure(part.operator, spans, evaluate(part.left), evaluate(part.right));
      case 'history':
        return spans.map(({ span }) => {
          const nanos = surroundings.percentileNanos(span, part.percentile);
          return nanos !== undefined && compares(span.durationNanos, part.operator, nanos);
        });
      case 'exists':
        return spans.map((span) => valuesOf(part.field, span, trace).length > 0);
      case 'comparison':
        return spans.map((span) =>
          valuesOf(part.field, span, trace).some((value) => satisfies(value, part.operator, part.value)),
        );
      case 'membership':
        return spans.map((span) =>
          valuesOf(part.field, span, trace).some((value) =>
            part.values.some((wanted) => satisfies(value, '=', wanted)),
          ),
        );
      case 'match': {
        const matches = surroundings.createMatcher(part.pattern);
        const wanted = part.operator === '=~';
        return spans.map((span) =>
          valuesOf(part.field, span, trace).some(
            (value) => typeof value === 'string' && matches(value) === wanted,
          ),
        );
      }
    }
  };
  return evaluate(filter);
}

/** What the whole trace says to each of its spans. */
interface TraceFacts {
  readonly durationNanos: Nanos;
  readonly root: Span | undefined;
  readonly spanCount: number;
  readonly errorCount: number;
}

function traceFacts(spans: readonly FilterSpan[]): TraceFacts {
  let start: bigint | undefined;
  let end = 0n;
  let root: Span | undefined;
  let errorCount = 0;
  for (const { span } of spans) {
    const spanEnd = span.startTimeUnixNano + BigInt(span.durationNanos);
    if (start === undefined || span.startTimeUnixNano < start) start = span.startTimeUnixNano;
    if (spanEnd > end) end = spanEnd;
    if (span.statusCode === statusCodes.error) errorCount += 1;
    if (span.parentSpanId === undefined && (root === undefined || isBefore(span, root))) root = span;
  }
  return { durationNanos: Number(end - (start ?? end)), root, spanCount: spans.length, errorCount };
}

function isBefore(one: Span, other: Span): boolean {
  if (one.startTimeUnixNano !== other.startTimeUnixNano) {
    return one.startTimeUnixNano < other.startTimeUnixNano;
  }
  return one.spanId < other.spanId;
}

/** All that a field says of a span; none where it says nothing. */
function valuesOf(field: Field, span: FilterSpan, trace: TraceFacts): readonly AttributeValue[] {
  if (field.type === 'attribute') return attributeValues(field, span.span);
  const value = intrinsicValue(field.name, span, trace);
  const values = Array.isArray(value) ? (value as readonly AttributeValue[]) : [value];
  // A text that is empty says nothing.
  return values.filter((one) => one !== undefined && one !== '');
}

function intrinsicValue(
  name: IntrinsicName,
  { span, ...agent }: FilterSpan,
  trace: TraceFacts,
): AttributeValue | readonly AttributeValue[] {
  switch (name) {
    case 'service':
      return span.resource.serviceName;
    case 'name':
      return span.name;
    case 'kind':
      return nameOf(spanKinds, span.kind);
    case 'status':
      return nameOf(statusCodes, span.statusCode);
    case 'status_message':
      return span.statusMessage;
    case 'duration':
      return span.durationNanos;
    case 'root':
      return span.parentSpanId === undefined;
    case 'operation':
    case 'provider':
    case 'agent':
    case 'tool':
    case 'conversation':
      return agent[name];
    case 'model':
      return agent.responseModel || agent.requestModel;
    case 'tokens': {
      const { inputTokens, outputTokens } = agent;
      const isUnknown = inputTokens === undefined && outputTokens === undefined;
      return isUnknown ? undefined : (inputTokens ?? 0) + (outputTokens ?? 0);
    }
    case 'input_tokens':
      return agent.inputTokens;
    case 'output_tokens':
      return agent.outputTokens;
    case 'cost':
      return agent.cost;
    case 'event_name':
      return span.events.map((event) => event.name);
    case 'scope_name':
      return span.scope.name;
    case 'trace_duration':
      return trace.durationNanos;
    case 'root_service':
      return trace.root?.resource.serviceName;
    case 'root_name':
      return trace.root?.name;
    case 'span_count':
      return trace.spanCount;
    case 'error_count':
      return trace.errorCount;
  }
}

function nameOf(codes: Readonly<Record<string, number>>, code: number): string | undefined {
  return Object.keys(codes).find((name) => codes[name] === code);
}

function attributeValues({ level, key }: AttributeField, span: Span): readonly AttributeValue[] {
  const lists: Record<NonNullable<AttributeField['level']>, readonly Attributes[]> = {
    span: [span.attributes],
    resource: [span.resource.attributes],
    scope: [span.scope.attributes],
    event: span.events.map(({ attributes }) => attributes),
    link: span.links.map(({ attributes }) => attributes),
  };
  const searched = level === undefined ? Object.values(lists).flat() : lists[level];
  return searched.filter((attributes) => attributes.has(key)).map((attributes) => attributes.get(key));
}

function satisfies(value: AttributeValue, operator: Comparison['operator'], wanted: Value): boolean {
  switch (wanted.type) {
    case 'string': {
      // A text in quotes also finds the number or truth value that is written so.
      const text = textOf(value);
      return text !== undefined && (text === wanted.value) === (operator === '=');
    }
    case 'boolean':
      return typeof value === 'boolean' && (value === wanted.value) === (operator === '=');
    case 'number':
      return isNumeric(value) && compares(value, operator, wanted.value);
    case 'duration':
      return isNumeric(value) && compares(value, operator, wanted.nanos);
  }
}

function isNumeric(value: AttributeValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Lists, maps and bytes have none. */
function textOf(value: AttributeValue): string | undefined {
  if (typeof value === 'string') return value;
  if (Object.is(value, -0)) return '-0';
  return isNumeric(value) || typeof value === 'boolean' ? String(value) : undefined;
}

/** Exactly, also between bigint and double. NaN is neither less, equal nor more; it differs from all. */
function compares(
  value: number | bigint,
  operator: Comparison['operator'],
  wanted: number | bigint,
): boolean {
  switch (operator) {
    case '=':
      // biome-ignore lint/suspicious/noDoubleEquals: 1n and 1 are the same number
      return value == wanted;
    case '!=':
      // biome-ignore lint/suspicious/noDoubleEquals: 1n and 1 are the same number
      return value != wanted;
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
  }
}

function evaluateStructure(
  operator: Structure['operator'],
  spans: readonly FilterSpan[],
  left: readonly boolean[],
  right: readonly boolean[],
): readonly boolean[] {
  const isLeft = new Set(spans.filter((_, index) => left[index]).map(({ span }) => span.spanId));
  const parents = new Map<SpanId, Set<SpanId>>();
  for (const { span } of spans) {
    const known = parents.get(span.spanId) ?? new Set();
    if (span.parentSpanId !== undefined) known.add(span.parentSpanId);
    parents.set(span.spanId, known);
  }
  /** By id, as far as `filterBounds` goes: several spans may share one, and parents may run in a circle. */
  const isBelow = (parent: SpanId): boolean => {
    let level = new Set([parent]);
    for (let steps = 0; steps < filterBounds.ancestors && level.size > 0; steps += 1) {
      for (const id of level) if (isLeft.has(id)) return true;
      level = new Set([...level].flatMap((id) => [...(parents.get(id) ?? [])]));
    }
    return false;
  };
  const isBeside = (span: Span): boolean =>
    spans.some(
      (other, place) =>
        left[place] && other.span.parentSpanId === span.parentSpanId && other.span.spanId !== span.spanId,
    );
  return spans.map(({ span }, index) => {
    const parent = span.parentSpanId;
    if (!right[index] || parent === undefined) return false;
    if (operator === '~') return isBeside(span);
    return operator === '>' ? isLeft.has(parent) : isBelow(parent);
  });
}
