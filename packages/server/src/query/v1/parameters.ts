import { parseGoDuration, parseLogfmt } from '@spanwise/jaeger';
import { didYouMean, isSpanId, parseTraceId, type SpanId, spanKinds, type TraceId } from '@spanwise/model';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { invalidParameter } from '../query-error.ts';
import { exportFormats } from './export-trace.ts';
import { parseLogCursor } from './log-cursor.ts';

const text = z.string().min(1, 'expected a value').max(1_000, 'longer than 1000 characters');

/** `pattern` is what programs are told of the form; `parse` decides. */
function parsed<Value>(parse: (value: string) => Value | undefined, expected: string, pattern?: RegExp) {
  return z
    .string()
    .transform((value, context) => {
      const result = parse(value);
      if (result !== undefined) return result;
      context.addIssue({ code: 'custom', message: `expected ${expected}` });
      return z.NEVER;
    })
    .meta({
      description: `${expected[0]!.toUpperCase()}${expected.slice(1)}.`,
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
    });
}

const goDuration = /^((\d{1,9}(\.\d{0,9})?|\.\d{1,9})(ns|us|µs|ms|s|m|h))+$/;

const duration = parsed(
  (value) => {
    const nanos = parseGoDuration(value);
    return nanos === undefined || nanos < 0 ? undefined : nanos;
  },
  'a duration such as 1.2s, 100ms or 500us',
  new RegExp(`^0$|${goDuration.source}`),
);

/** Days and weeks too: people look back further than Go's hours. */
export const lookback = parsed(
  (value) => {
    const days = /^(\d{1,4})([dw])$/.exec(value);
    const nanos =
      days === null ? parseGoDuration(value) : Number(days[1]) * (days[2] === 'w' ? 7 : 1) * 86_400e9;
    return nanos === undefined || nanos <= 0 ? undefined : Math.round(nanos / 1e6);
  },
  'how far to look back before the end, such as 15m, 1h or 2d',
  new RegExp(`^[1-9]\\d{0,3}[dw]$|${goDuration.source}`),
).describe('How far to look back before the end, such as 15m, 1h or 2d; instead of `start`.');

/** The furthest that a Date can be. */
export const millis = z
  .string()
  .regex(/^\d{1,16}$/, 'expected Unix milliseconds')
  .transform(Number)
  .pipe(z.number().max(8.64e15, 'expected Unix milliseconds'))
  .meta({ description: 'Unix milliseconds.', type: 'integer', minimum: 0, maximum: 8.64e15 });

export function count(max: number, byDefault: number) {
  const expected = `expected a number from 1 to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .pipe(z.number().min(1, expected).max(max, expected))
    .default(byDefault)
    .meta({ type: 'integer', minimum: 1, maximum: max, default: byDefault });
}

const tags = z
  .string()
  .transform((value, context) => {
    const result = parseLogfmt(value);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: result.message });
    return z.NEVER;
  })
  .describe('Attributes that a span must all have, as logfmt: `key=value other="two words"`.');

export const operationsParameters = z.strictObject({ service: text });

export const attributesParameters = z.strictObject({
  prefix: text.optional().describe('Of the keys.'),
  limit: count(limits.catalogueKeys.value, 1_000),
});

export const searchParameters = z.strictObject({
  service: text.optional(),
  operation: text.optional().describe("A span's name."),
  tags: tags.optional(),
  minDuration: duration.optional(),
  maxDuration: duration.optional(),
  start: millis.optional(),
  end: millis.optional(),
  lookback: lookback.optional(),
  limit: count(limits.searchResults.value, 20),
});

export const spansParameters = z.strictObject({
  ids: parsed(
    (value): readonly SpanId[] | undefined => {
      const ids = value.split(',');
      return ids.length <= 200 && ids.every(isSpanId) ? ids : undefined;
    },
    '1 to 200 span ids of 16 lowercase hex digits, with commas between',
    /^[0-9a-f]{15}[1-9a-f](,[0-9a-f]{15}[1-9a-f]){0,199}$/,
  ),
});

/** Whole minutes, because the series has nothing finer. */
const step = parsed(
  (value) => {
    const nanos = parseGoDuration(value);
    const stepMillis = nanos === undefined ? 0 : nanos / 1e6;
    return stepMillis > 0 && stepMillis % 60_000 === 0 ? stepMillis : undefined;
  },
  'whole minutes, such as 1m, 15m or 1h',
  /^[1-9]\d{0,3}[mh]$/,
);

const kindList = Object.keys(spanKinds);

const kinds = parsed(
  (value) => {
    const codes = value.split(',').map((name) => kindCodes.get(name));
    return codes.every((code) => code !== undefined) ? codes : undefined;
  },
  `${kindList.join(', ')}, or several with commas between`,
  new RegExp(`^(${kindList.join('|')})(,(${kindList.join('|')}))*$`),
);

const kindCodes: ReadonlyMap<string, number> = new Map(Object.entries(spanKinds));

export const rangeParameters = z.strictObject({
  start: millis.optional(),
  end: millis.optional(),
  lookback: lookback.optional(),
});

export const statsParameters = z.strictObject({
  by: z.enum(['service', 'operation'], 'expected service or operation').default('service'),
  service: text.optional(),
  operation: text.optional(),
  kind: kinds.optional(),
  start: millis.optional(),
  end: millis.optional(),
  lookback: lookback.optional(),
  step: step.optional().describe('One row for each window of that length; at most 1,000 windows.'),
});

export const exemplarsParameters = z.strictObject({
  service: text,
  operation: text.optional(),
  kind: kinds.optional(),
  start: millis.optional(),
  end: millis.optional(),
  lookback: lookback.optional(),
  limit: count(50, 5).describe('Of the slow and of the failed ones.'),
});

const severity = parsed(
  (value) => {
    const number = /^(?:[1-9]|1\d|2[0-4])$/.test(value)
      ? Number(value)
      : severityNumbers[value.toLowerCase()];
    return number;
  },
  'trace, debug, info, warn, error, fatal or a number from 1 to 24',
  /^(trace|debug|info|warn|error|fatal|[1-9]|1\d|2[0-4])$/,
);

/** The lowest of each step. (logs.proto, SeverityNumber.) */
const severityNumbers: Readonly<Record<string, number | undefined>> = Object.assign(Object.create(null), {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
});

const traceIdText = parsed(
  parseTraceId,
  'up to 32 hex digits, not all zero',
  /^[0-9a-fA-F]{0,31}[1-9a-fA-F]$/,
);

/** In the path. */
export const traceParameters = z.strictObject({ traceId: traceIdText });

export const logSearchParameters = z.strictObject({
  trace: traceIdText.optional().describe('Of this trace.'),
  span: parsed(
    (value): SpanId | undefined => (isSpanId(value) ? value : undefined),
    '16 lowercase hex digits, not all zero',
    /^[0-9a-f]{15}[1-9a-f]$/,
  ).optional(),
  service: text.optional(),
  severity: severity
    .optional()
    .describe('This one and worse: a name such as `warn`, or a number from 1 to 24.'),
  text: text.optional().describe('Part of the body, in any case.'),
  start: millis.optional(),
  end: millis.optional(),
  lookback: lookback.optional(),
  around: millis
    .optional()
    .describe('Unix milliseconds: half a page before it, half after it; without `cursor`.'),
  cursor: parsed(parseLogCursor, 'a cursor of an earlier answer', /^[A-Za-z0-9_-]+$/).optional(),
  limit: count(limits.logResults.value, 100),
});

export const logIngestParameters = z.strictObject({
  service: text.default('unknown_service').describe('Of lines that name none.'),
});

export const logsParameters = z.strictObject({ limit: count(5_000, 1_000) });

export const exportParameters = z.strictObject({
  format: z.enum(exportFormats, `expected ${exportFormats.join(', ')}`).default('otlp-json'),
});

export const compareParameters = z.strictObject({ before: traceIdText, after: traceIdText });

export const noParameters = z.strictObject({});

/**
 * Errors: a `QueryError` with status 400 that names the first parameter at fault, also one that does not exist:
 * a condition that is not understood must not be left out in silence.
 */
export function parseParameters<Schema extends z.ZodObject>(
  schema: Schema,
  query: URLSearchParams,
): z.output<Schema> {
  const given = new Map<string, string>();
  for (const [name, value] of query) {
    if (given.has(name)) throw invalidParameter(name, 'given more than once');
    given.set(name, value);
  }
  for (const name of given.keys()) {
    if (Object.hasOwn(schema.shape, name)) continue;
    const known = Object.keys(schema.shape);
    const meant = didYouMean(name, known);
    throw invalidParameter(
      name,
      meant === undefined
        ? `no such parameter; there is ${known.length === 0 ? 'none' : known.join(', ')}`
        : `no such parameter; did you mean ${meant}?`,
    );
  }
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0] ?? 'query');
  throw invalidParameter(name, given.has(name) ? (issue?.message ?? 'not understood') : 'is required');
}

export function parseTraceIdParameter(value: string): TraceId {
  return parseParameters(traceParameters, new URLSearchParams({ traceId: value })).traceId;
}
