import { isContentKey, maskUrl, noPathEnds, type PathEnds, pathEndsBehind } from '@spanwise/semconv';
import { looksLikeError, type ReducedError, reduceError, textsOf } from './reduce-error.ts';

/** One line of a logger's output, read back and without what a log must not hold. */
export interface LogLine {
  readonly level: unknown;
  /** Epoch milliseconds; absent if the line has no time we understand. */
  readonly epochMillis: number | undefined;
  readonly message: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly traceFlags: number;
  /** The first error in the line. */
  readonly error: ReducedError | undefined;
  /** Everything else that the line says. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line as it may be written: the text it came as, unless something had to go. */
  readonly text: string;
}

/** Where a logger puts what each line has. */
export interface LineShape {
  readonly messageKey: string;
  readonly timeKey: string;
}

export const PINO_SHAPE: LineShape = { messageKey: 'msg', timeKey: 'time' };

/** With `timestamp()` and `json()`. An error that is logged itself lies flat: its text is the message, beside its `stack`. */
export const WINSTON_SHAPE: LineShape = { messageKey: 'message', timeKey: 'timestamp' };

/** Fields with a place of their own in a log record, or said by the resource already. */
const NOT_FIELDS: ReadonlySet<string> = new Set([
  'level',
  'trace_id',
  'span_id',
  'trace_flags',
  'service.name',
  'pid',
  'hostname',
  'v',
]);

/** Names under which frameworks log the URL of a request. */
const URL_FIELDS: ReadonlySet<string> = new Set(['url', 'originalUrl', 'href']);

/** pino cuts at depth 5 by default; what is deeper all the same is left out. */
const MAX_DEPTH = 8;

/** Reads a JSON line; absent if it is none. Content keys, texts of errors and values in URL queries are gone from it. */
export function parseLogLine(text: string, shape: LineShape = PINO_SHAPE): LogLine | undefined {
  const { messageKey, timeKey } = shape;
  const parsed = parseObject(text);
  if (parsed === undefined) return undefined;
  const reduction = new Reduction();
  const line = reduction.reduce(parsed);
  const own = messageKey === WINSTON_SHAPE.messageKey ? reduction.reduceFlatError(line) : undefined;
  let message = stringOf(line[messageKey]);
  for (const [errorText, type] of reduction.errorTexts) message = message?.replaceAll(errorText, type);
  const isMessageChanged = message !== line[messageKey];
  if (isMessageChanged) line[messageKey] = message;
  const isOwnField = (key: string) =>
    NOT_FIELDS.has(key) || key === messageKey || key === timeKey || (own !== undefined && key === 'stack');
  const fields = Object.entries(line).filter(
    ([key, value]) => !isOwnField(key) && !reduction.errors.has(value),
  );
  return {
    level: line.level,
    epochMillis: epochMillisOf(line[timeKey]),
    message,
    traceId: stringOf(line.trace_id),
    spanId: stringOf(line.span_id),
    traceFlags: Number.parseInt(stringOf(line.trace_flags) ?? '', 16) || 0,
    error: own ?? ([...reduction.errors][0] as ReducedError | undefined),
    fields: Object.fromEntries(fields),
    text: reduction.isChanged || isMessageChanged ? `${JSON.stringify(line)}\n` : text,
  };
}

/** One walk over a line. */
class Reduction {
  isChanged = false;
  /** The reduced errors. */
  readonly errors = new Set<unknown>();
  /** Each text of an error, and the type that may stand in its place. */
  readonly errorTexts: [text: string, type: string][] = [];

  /** Reduces a line that is an error itself, in place; absent if it is none. */
  reduceFlatError(line: Record<string, unknown>): ReducedError | undefined {
    const { message, stack } = line;
    if (typeof stack !== 'string') return undefined;
    const named = /^([A-Za-z_$][\w$]{0,63}): /.exec(stack)?.[1];
    const error = reduceError({ ...line, type: named });
    this.isChanged = true;
    for (const text of textsOf({ message, stack })) this.errorTexts.push([text, error.type]);
    line.stack = error.stack;
    return error;
  }

  reduce(
    fields: Readonly<Record<string, unknown>>,
    ends: PathEnds = noPathEnds,
    depth = 1,
  ): Record<string, unknown> {
    const reduced: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      if (ends.some((end) => isContentKey(end + name))) this.isChanged = true;
      else reduced[name] = this.#reduceValue(value, name, pathEndsBehind(name, ends), depth);
    }
    return reduced;
  }

  #reduceValue(value: unknown, name: string, ends: PathEnds, depth: number): unknown {
    if (typeof value === 'string' && URL_FIELDS.has(name)) {
      const masked = maskUrl(value);
      this.isChanged ||= masked !== value;
      return masked;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (looksLikeError(value)) {
      const error = reduceError(value);
      this.isChanged = true;
      this.errors.add(error);
      for (const text of textsOf(value)) this.errorTexts.push([text, error.type]);
      return error;
    }
    if (depth === MAX_DEPTH) {
      this.isChanged = true;
      return undefined;
    }
    if (Array.isArray(value))
      return value.map((element) => this.#reduceValue(element, name, ends, depth + 1));
    return this.reduce(value as Record<string, unknown>, ends, depth + 1);
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** pino writes epoch milliseconds, or with `stdTimeFunctions.isoTime` a date. */
function epochMillisOf(time: unknown): number | undefined {
  if (typeof time === 'number') return time;
  const parsed = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
