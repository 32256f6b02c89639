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
import { type LineShape, type LogLine, parseLogLine } from './log-line.ts';
import { severityOf } from './severity.ts';

/** Where lines of a logger go. */
export interface LineOutput {
  write(line: string): unknown;
}

/**
 * Takes each line in: writes it to `output` and emits it as a log record with the line's trace context, both
 * without texts of errors and content keys. What is no JSON object is written as it is and emitted not at all.
 */
export function createLineWriter(shape: LineShape, output: LineOutput): (text: string) => void {
  let logger: Logger | undefined;
  return (text) => {
    const line = parseLogLine(text, shape);
    output.write(line?.text ?? text);
    if (line === undefined) return;
    logger ??= logs.getLogger(SDK_NAME, SDK_VERSION);
    logger.emit(buildLogRecord(line));
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
