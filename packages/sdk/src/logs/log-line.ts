import { isContentKey } from '@spanwise/semconv';
import { looksLikeError, type ReducedError, reduceError } from './reduce-error.ts';

/** One line of pino's output, read back. */
export interface LogLine {
  readonly level: unknown;
  /** Epoch milliseconds; absent if the line has no time we understand. */
  readonly epochMillis: number | undefined;
  readonly message: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly traceFlags: number;
  readonly error: ReducedError | undefined;
  /** Everything else, content keys left out. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The line as it may be written: the text it came as, unless something had to go. */
  readonly text: string;
}

/** Fields with a place of their own in a log record, or said by the resource already. */
const NOT_FIELDS: ReadonlySet<string> = new Set([
  'level',
  'time',
  'msg',
  'trace_id',
  'span_id',
  'trace_flags',
  'service.name',
  'pid',
  'hostname',
  'v',
]);

/** Reads a JSON line; absent if it is none. Errors are reduced and content keys dropped, in `text` too. */
export function parseLogLine(text: string): LogLine | undefined {
  const line = parseObject(text);
  if (line === undefined) return undefined;
  let isReduced = false;
  let error: ReducedError | undefined;
  let message = typeof line.msg === 'string' ? line.msg : undefined;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(line)) {
    if (isContentKey(key)) {
      delete line[key];
      isReduced = true;
    } else if (looksLikeError(value)) {
      const reduced = reduceError(value);
      // `logger.error(error)` makes the error's message the line's own.
      if (message !== undefined && message === value.message) {
        message = reduced.type;
        line.msg = message;
      }
      line[key] = reduced;
      error ??= reduced;
      isReduced = true;
    } else if (!NOT_FIELDS.has(key)) {
      fields[key] = value;
    }
  }
  return {
    level: line.level,
    epochMillis: epochMillisOf(line.time),
    message,
    traceId: stringOf(line.trace_id),
    spanId: stringOf(line.span_id),
    traceFlags: Number.parseInt(stringOf(line.trace_flags) ?? '', 16) || 0,
    error,
    fields,
    text: isReduced ? `${JSON.stringify(line)}\n` : text,
  };
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
