import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import {
  attributeKey,
  contentEventMetadataKeys,
  isContentEvent,
  isContentKey,
  isGenAiEvent,
} from '@spanwise/semconv';

/** Older instrumentations put the event's name here. */
const EVENT_NAME = 'event.name';

/**
 * The last gate of log records: GenAI events, which instrumentations emit through the same pipeline, lose
 * their bodies and exception texts; events that carry messages keep their metadata only; content keys go from
 * any record. Log lines of our own are reduced before they get here.
 */
export class GateLogRecordProcessor implements LogRecordProcessor {
  readonly #next: LogRecordProcessor;

  constructor(next: LogRecordProcessor) {
    this.#next = next;
  }

  onEmit(logRecord: ReadWriteLogRecord, context?: Context): void {
    gateLogRecord(logRecord);
    this.#next.onEmit(logRecord, context);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

function gateLogRecord(logRecord: ReadWriteLogRecord): void {
  const name = logRecord.eventName ?? String(logRecord.attributes[EVENT_NAME] ?? '');
  const isGenAi = isGenAiEvent(name);
  const isContent = isContentEvent(name);
  if (isGenAi) logRecord.setBody(undefined);
  for (const key of Object.keys(logRecord.attributes)) {
    const isText = key === attributeKey.exceptionMessage || key === attributeKey.exceptionStacktrace;
    const isUnknown = isContent && !contentEventMetadataKeys.includes(key);
    if (isContentKey(key) || isUnknown || (isGenAi && isText)) delete logRecord.attributes[key];
  }
}
