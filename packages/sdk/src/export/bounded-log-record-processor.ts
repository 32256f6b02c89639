import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { ExportQueue } from './export-queue.ts';

/** Lets a log record into the batch processor only when the queue has a place for it. */
export class BoundedLogRecordProcessor implements LogRecordProcessor {
  readonly #next: LogRecordProcessor;
  readonly #queue: ExportQueue;

  constructor(next: LogRecordProcessor, queue: ExportQueue) {
    this.#next = next;
    this.#queue = queue;
  }

  onEmit(logRecord: ReadWriteLogRecord, context?: Context): void {
    if (this.#queue.enter()) this.#next.onEmit(logRecord, context);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}
