import {
  BatchLogRecordProcessor,
  type LogRecordProcessor,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { BatchLimits } from '../configuration/batch-limits.ts';
import { BoundedLogRecordProcessor } from './bounded-log-record-processor.ts';
import { BoundedSpanProcessor } from './bounded-span-processor.ts';
import { ExportQueue } from './export-queue.ts';
import { GateLogRecordProcessor } from './gate-log-record-processor.ts';
import { GateSpanProcessor } from './gate-span-processor.ts';
import { LossReport } from './loss-report.ts';
import { type BatchExporter, RetryingExporter } from './retrying-exporter.ts';

/** What became of the spans or log records that ended so far. */
export interface ExportCounts {
  /** Acknowledged by the backend. */
  readonly exported: number;
  /** Waiting for the next batch. */
  readonly queued: number;
  /** Refused, because the queue was full. */
  readonly dropped: number;
  /** Given up after retries, or refused by the backend. */
  readonly failed: number;
}

/** Processor, queue and exporter of one signal. */
export interface ExportPipeline<Processor> {
  readonly processor: Processor;
  counts(): ExportCounts;
  /** Resolves when no batch is under way any more; to be called after the processor's `forceFlush()`. */
  settle(): Promise<void>;
  /** To be called before the processor's `shutdown()`: no more waiting for a backend that is away. */
  beginClosing(): void;
}

/** gate → bounded queue → batches → retries → `exporter`. */
export function createSpanPipeline(
  exporter: BatchExporter<ReadableSpan>,
  limits: BatchLimits,
): ExportPipeline<SpanProcessor> {
  const parts = createParts('spans', exporter, limits);
  const batches = new BatchSpanProcessor({ ...limits, exporter: parts.exporter });
  return { ...parts, processor: new GateSpanProcessor(new BoundedSpanProcessor(batches, parts.queue)) };
}

/** As {@link createSpanPipeline}, for log records. */
export function createLogPipeline(
  exporter: BatchExporter<ReadableLogRecord>,
  limits: BatchLimits,
): ExportPipeline<LogRecordProcessor> {
  const parts = createParts('log records', exporter, limits);
  const batches = new BatchLogRecordProcessor({ ...limits, exporter: parts.exporter });
  return {
    ...parts,
    processor: new GateLogRecordProcessor(new BoundedLogRecordProcessor(batches, parts.queue)),
  };
}

function createParts<Item>(what: string, inner: BatchExporter<Item>, limits: BatchLimits) {
  const losses = new LossReport(what);
  const queue = new ExportQueue(limits.maxQueueSize, losses);
  // Half of the time is for retries; the rest leaves the last attempt its own time-out.
  const exporter = new RetryingExporter(inner, queue, losses, limits.exportTimeoutMillis / 2);
  return {
    queue,
    exporter,
    counts: (): ExportCounts => ({
      exported: exporter.exported,
      queued: queue.size,
      dropped: losses.dropped,
      failed: losses.failed,
    }),
    settle: () => exporter.forceFlush(),
    beginClosing: () => exporter.beginClosing(),
  };
}
