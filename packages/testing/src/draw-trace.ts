import {
  type AttributeValue,
  type InstrumentationScope,
  nanosPerMilli,
  noAttributes,
  type Resource,
  type Span,
  type SpanId,
  type SpanKind,
  type SpanLink,
  spanKinds,
  statusCodes,
  type Trace,
  type TraceId,
  traceId,
  type UnixNano,
  unixNano,
} from '@spanwise/model';
import { lineSpanId, missingSpanId, spanIdOfName } from './drawn-ids.ts';
import { type DrawnLine, parseLine } from './drawn-line.ts';

export interface DrawingOptions {
  readonly traceId?: TraceId;
  /** Of the leftmost bar. */
  readonly startTimeUnixNano?: UnixNano;
  /** Milliseconds that one character stands for; default 1. */
  readonly millisPerColumn?: number;
}

export const drawnTraceId = traceId('5ba1e5ce5ba1e5ce5ba1e5ce5ba1e5ce');
/** 2026-11-22T10:54:27Z. */
export const drawnStart = unixNano(1_795_344_867_000_000_000n);

/**
 * Reads a drawing as a trace, so that tests are written and reviewed by eye:
 *
 *     gateway        POST /chat       |==============================|
 *       manager      handle_message     |==========================|
 *         llm-proxy  chat gpt-4o              |==================|  kind=client model=gpt-4o in=120 out=30
 *         tools      execute_tool      |===|  error @tool
 *
 * A line is a span: service, name, bar, words. One character is one millisecond, from the first `|` to the last;
 * a bar of one `|` is an instant (1 ns). Deeper indentation is "child of the line above". A service or name with
 * odd blanks or a `|` stands in JSON quotes. Blank lines and lines that start with `#` are left out.
 *
 * | word              | meaning                                                                |
 * | ----------------- | ---------------------------------------------------------------------- |
 * | `error`, `ok`     | status; unset without                                                  |
 * | `kind=client`     | span kind; internal without                                            |
 * | `op=embeddings`   | `gen_ai.operation.name`; `chat` where a model is named and no `op=`    |
 * | `model=` `agent=` `tool=` | `gen_ai.request.model`, `gen_ai.agent.name`, `gen_ai.tool.name` |
 * | `in=120` `out=30` | tokens                                                                 |
 * | `cost=0.02`       | `gen_ai.usage.cost.amount`, US dollars                                  |
 * | `first=200ms`     | time to the first chunk                                                |
 * | `@db`             | names the span: up to 8 of a–z, 0–9, `-`. Named twice: two spans, one id |
 * | `parent=@db`      | overrides the indentation; a name on no line makes an orphan           |
 * | `parent=?`        | orphan                                                                 |
 * | `link=@db`        | link to a span of this trace; repeatable                               |
 *
 * Ids: from the name, else from the number of the line; the same on every run.
 * Gives: spans by start, then in the order of the lines.
 * Errors: throws with the line that it cannot read.
 */
export function drawTrace(drawing: string, options: DrawingOptions = {}): Trace {
  const id = options.traceId ?? drawnTraceId;
  const lines = drawing
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'))
    .map(parseLine);
  const leftmost = lines.reduce((least, line) => Math.min(least, line.barColumn), Infinity);
  const nanosPerColumn = (options.millisPerColumn ?? 1) * nanosPerMilli;
  const ids = lines.map((line, index) =>
    line.spanName === undefined ? lineSpanId(index) : spanIdOfName(line.spanName),
  );
  const parents = parentIds(lines, ids);
  const resources = new Map<string, Resource>();
  const spans = lines.map((line, index): Span => {
    const parentSpanId = parents[index];
    const startNanos = (line.barColumn - leftmost) * nanosPerColumn;
    return {
      traceId: id,
      spanId: ids[index]!, // one id per line
      ...(parentSpanId === undefined ? {} : { parentSpanId }),
      traceState: '',
      flags: 0,
      name: line.name,
      kind: kindOf(line),
      startTimeUnixNano: unixNano((options.startTimeUnixNano ?? drawnStart) + BigInt(Math.round(startNanos))),
      durationNanos: Math.max(1, line.barColumns * nanosPerColumn),
      statusCode: line.isError ? statusCodes.error : line.isOk ? statusCodes.ok : statusCodes.unset,
      statusMessage: '',
      resource: getOrCreate(resources, line.service, resourceOf),
      scope: drawnScope,
      attributes: attributesOf(line),
      events: [],
      links: line.links.map((name) => linkTo(id, spanIdOfName(name))),
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
      warnings: [],
    };
  });
  return { traceId: id, spans: spans.sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano)) };
}

export const drawnScope: InstrumentationScope = {
  name: '',
  version: '',
  attributes: noAttributes,
  schemaUrl: '',
  droppedAttributesCount: 0,
};

/** A resource that tells its name and nothing else. */
export function resourceOf(serviceName: string): Resource {
  return {
    serviceName,
    attributes: new Map([['service.name', serviceName]]),
    schemaUrl: '',
    droppedAttributesCount: 0,
  };
}

function linkTo(id: TraceId, spanId: SpanId): SpanLink {
  return {
    traceId: id,
    spanId,
    traceState: '',
    flags: 0,
    attributes: noAttributes,
    droppedAttributesCount: 0,
  };
}

function parentIds(lines: readonly DrawnLine[], ids: readonly SpanId[]): (SpanId | undefined)[] {
  const open: { indent: number; id: SpanId }[] = [];
  return lines.map((line, index) => {
    while (open.length > 0 && open.at(-1)!.indent >= line.indent) open.pop();
    const above = open.at(-1)?.id;
    open.push({ indent: line.indent, id: ids[index]! });
    if (line.parent === undefined) return above;
    return line.parent === '?' ? missingSpanId : spanIdOfName(line.parent);
  });
}

function kindOf(line: DrawnLine): SpanKind {
  if (line.kind === undefined) return spanKinds.internal;
  const kind = Object.entries(spanKinds).find(([name]) => name === line.kind)?.[1];
  if (kind === undefined) throw new SyntaxError(`no such span kind: ${line.kind}`);
  return kind;
}

function attributesOf(line: DrawnLine): ReadonlyMap<string, AttributeValue> {
  const operation = line.operation ?? (line.model === undefined ? undefined : 'chat');
  const entries: readonly (readonly [string, AttributeValue])[] = [
    ['gen_ai.operation.name', operation === 'none' ? undefined : operation],
    ['gen_ai.request.model', line.model],
    ['gen_ai.agent.name', line.agent],
    ['gen_ai.tool.name', line.tool],
    ['gen_ai.usage.input_tokens', line.inputTokens],
    ['gen_ai.usage.output_tokens', line.outputTokens],
    ['gen_ai.usage.cost.amount', line.cost],
    ['gen_ai.response.time_to_first_chunk', line.firstChunkSeconds],
  ];
  return new Map(entries.filter(([, value]) => value !== undefined));
}

function getOrCreate<Key, Value>(map: Map<Key, Value>, key: Key, create: (key: Key) => Value): Value {
  const value = map.get(key) ?? create(key);
  map.set(key, value);
  return value;
}
