import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { contentEventMetadataKeys, isContentEvent, isGenAiEvent } from '@spanwise/semconv';
import { gateAttributes, gateBody } from './gate-attributes.ts';
import { hasAgentKey } from './gate-keys.ts';

/** Older instrumentations put the event's name here. */
const EVENT_NAME = 'event.name';

type LogBody = Parameters<ReadWriteLogRecord['setBody']>[0];

/**
 * The last gate of log records: GenAI events, which instrumentations emit through the same pipeline, lose
 * their bodies and exception texts; events that carry messages keep their metadata only; content keys go from
 * any record, exception texts from any that carries an agent's key. Log lines of our own are reduced before they get here.
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
  const isAgent = isGenAi || hasAgentKey(logRecord.attributes);
  const body = isGenAi ? undefined : gateBody(logRecord.body, isAgent);
  if (body !== logRecord.body) logRecord.setBody(body as LogBody);
  if (isContentEvent(name)) {
    for (const key of Object.keys(logRecord.attributes)) {
      if (!contentEventMetadataKeys.includes(key)) delete logRecord.attributes[key];
    }
  }
  const { attributes, isChanged } = gateAttributes(logRecord.attributes, isAgent);
  if (!isChanged) return;
  for (const key of Object.keys(logRecord.attributes)) {
    if (Object.hasOwn(attributes, key)) logRecord.attributes[key] = attributes[key];
    else delete logRecord.attributes[key];
  }
}
