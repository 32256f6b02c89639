import {
  type AttributeValue,
  nanosPerMilli,
  type Span,
  type SpanId,
  spanKinds,
  statusCodes,
  type Trace,
} from '@spanwise/model';
import type { DrawingOptions } from './draw-trace.ts';
import { lineSpanId, missingSpanId, nameOfSpanId } from './drawn-ids.ts';
import { quoteIfOdd, quoteWord } from './drawn-line.ts';

/**
 * Prints a trace as `drawTrace` reads it: a bug report becomes a test by paste. Times are rounded to columns.
 * Left out: what a drawing has no word for (other attributes, events, status messages, resources), so nothing that
 * a user said is in it.
 *
 * Gives: parents before children, siblings by start, without a newline at the end.
 */
export function describeTrace(trace: Trace, options: Pick<DrawingOptions, 'millisPerColumn'> = {}): string {
  const nanosPerColumn = (options.millisPerColumn ?? 1) * nanosPerMilli;
  const rows = inDisplayOrder(trace.spans);
  const origin = trace.spans.reduce<bigint | undefined>(
    (least, { startTimeUnixNano: start }) => (least === undefined || start < least ? start : least),
    undefined,
  );
  const heads = rows.map(({ span, depth }) => ({
    service: `${'  '.repeat(depth)}${quoteWord(span.resource.serviceName)}`,
    name: quoteIfOdd(span.name),
  }));
  const serviceWidth = Math.max(0, ...heads.map(({ service }) => service.length));
  const nameWidth = Math.max(0, ...heads.map(({ name }) => name.length));
  return rows
    .map(({ span, hasParentAbove }, index) => {
      const { service, name } = heads[index]!; // heads are the rows' own
      const before = Math.round(Number(span.startTimeUnixNano - (origin ?? 0n)) / nanosPerColumn);
      const length = Math.round(span.durationNanos / nanosPerColumn);
      const bar = length === 0 ? '|' : `|${'='.repeat(length - 1)}|`;
      const words = wordsOf(span, index, hasParentAbove).map((word) => `  ${word}`);
      return `${service.padEnd(serviceWidth)}  ${name.padEnd(nameWidth)}  ${' '.repeat(before)}${bar}${words.join('')}`;
    })
    .join('\n');
}

interface Row {
  readonly span: Span;
  readonly depth: number;
  /** The indentation says who the parent is. */
  readonly hasParentAbove: boolean;
}

/** Roots and orphans first, each with what hangs below it; then what only a cycle of parents holds. */
function inDisplayOrder(spans: readonly Span[]): Row[] {
  const byStart = spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  const firstWithId = new Map<SpanId, Span>();
  for (const span of byStart) if (!firstWithId.has(span.spanId)) firstWithId.set(span.spanId, span);
  const parentOf = (span: Span) =>
    span.parentSpanId === undefined ? undefined : firstWithId.get(span.parentSpanId);
  const children = Map.groupBy(
    byStart.filter((span) => parentOf(span) !== undefined),
    parentOf,
  );
  const rows: Row[] = [];
  const drawn = new Set<Span>();
  const drawFrom = (top: Span) => {
    const open: Row[] = [{ span: top, depth: 0, hasParentAbove: false }];
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      if (drawn.has(row.span)) continue;
      drawn.add(row.span);
      rows.push(row);
      const below = (children.get(row.span) ?? []).filter((span) => !drawn.has(span));
      const depth = row.depth + 1;
      open.push(...below.reverse().map((span) => ({ span, depth, hasParentAbove: true })));
    }
  };
  for (const span of byStart) if (parentOf(span) === undefined) drawFrom(span);
  for (const span of byStart) if (!drawn.has(span)) drawFrom(span);
  return rows;
}

function wordsOf(span: Span, index: number, hasParentAbove: boolean): string[] {
  const attribute = (key: string) => span.attributes.get(key);
  const operation = attribute('gen_ai.operation.name');
  const model = attribute('gen_ai.response.model') ?? attribute('gen_ai.request.model');
  const impliedOperation = model === undefined ? undefined : 'chat';
  const cost = attribute('gen_ai.usage.cost.amount');
  const firstChunk = attribute('gen_ai.response.time_to_first_chunk');
  const kind = Object.entries(spanKinds).find(([, code]) => code === span.kind)?.[0];
  return [
    ...(span.statusCode === statusCodes.error ? ['error'] : []),
    ...(span.statusCode === statusCodes.ok ? ['ok'] : []),
    ...(span.kind === spanKinds.internal ? [] : [`kind=${kind}`]),
    ...(operation === impliedOperation ? [] : word('op', operation ?? 'none')),
    ...word('model', model),
    ...word('agent', attribute('gen_ai.agent.name')),
    ...word('tool', attribute('gen_ai.tool.name')),
    ...word('in', attribute('gen_ai.usage.input_tokens')),
    ...word('out', attribute('gen_ai.usage.output_tokens')),
    ...(typeof cost === 'number' ? [`cost=${cost}`] : []),
    ...(typeof firstChunk === 'number' ? [`first=${Math.round(firstChunk * 1e6) / 1e3}ms`] : []),
    ...(span.spanId === lineSpanId(index) ? [] : [`@${nameOfSpanId(span.spanId)}`]),
    ...(span.parentSpanId === undefined || hasParentAbove ? [] : [parentWord(span.parentSpanId)]),
    ...span.links.map((link) => `link=@${nameOfSpanId(link.spanId)}`),
  ];
}

function word(key: string, value: AttributeValue): string[] {
  return typeof value === 'string' || typeof value === 'bigint' ? [`${key}=${quoteWord(String(value))}`] : [];
}

function parentWord(id: SpanId): string {
  return id === missingSpanId ? 'parent=?' : `parent=@${nameOfSpanId(id)}`;
}
