import {
  type Context,
  isSpanContextValid,
  type Logger,
  type LogRecord,
  logs,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { SDK_NAME, SDK_VERSION } from '../version.ts';
import { buildLogAttributes } from './log-attributes.ts';
import { type LogLine, parseLogLine } from './log-line.ts';
import { severityOf } from './severity.ts';

/** What pino asks of a destination. */
export interface PinoDestination {
  write(line: string): void;
}

export interface PinoDestinationOptions {
  /** Where the line itself goes; standard output if absent. */
  readonly output?: { write(line: string): unknown } | undefined;
}

/**
 * A destination for pino, `pino({ mixin: pinoMixin() }, pinoDestination())`: each line goes to standard output
 * and, as an OTLP log record with the line's trace context, through the export of `setupTracing`. The queue
 * there is bounded, so a dead backend costs records and never a request; before `setupTracing` lines go to
 * standard output only.
 *
 * Errors in a line lose their texts on both ways (`type`, `code`, `status` and stack frames stay) and content
 * keys are dropped: a message thrown by a tool may quote what the user said. `msg` is yours.
 */
export function pinoDestination(options: PinoDestinationOptions = {}): PinoDestination {
  const output = options.output ?? process.stdout;
  let logger: Logger | undefined;
  return {
    write(text: string): void {
      const line = parseLogLine(text);
      output.write(line?.text ?? text);
      if (line === undefined) return;
      logger ??= logs.getLogger(SDK_NAME, SDK_VERSION);
      logger.emit(buildLogRecord(line));
    },
  };
}

function buildLogRecord(line: LogLine): LogRecord {
  const severity = severityOf(line.level);
  const record: LogRecord = { attributes: buildLogAttributes(line), context: contextOf(line) };
  if (line.epochMillis !== undefined) record.timestamp = line.epochMillis;
  if (line.message !== undefined) record.body = line.message;
  if (severity !== undefined) {
    record.severityNumber = severity.number;
    record.severityText = severity.text;
  }
  return record;
}

/** The line's own trace context, not the active one: a line may be written later than it was made. */
function contextOf(line: LogLine): Context {
  const { traceId, spanId, traceFlags } = line;
  if (traceId === undefined || spanId === undefined) return ROOT_CONTEXT;
  const spanContext = { traceId, spanId, traceFlags };
  return isSpanContextValid(spanContext) ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : ROOT_CONTEXT;
}
