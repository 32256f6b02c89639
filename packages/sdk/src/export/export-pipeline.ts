import { SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { BatchSender, type BatchSenderParts } from './batch-sender.ts';
import { estimateLogRecordBytes, estimateSpanBytes } from './estimate-bytes.ts';
import { GateLogRecordProcessor } from './gate-log-record-processor.ts';
import { gateSpan } from './gate-span.ts';
import { type LossCounts, type LossReport, type LostSignal, sum } from './loss-report.ts';
import type { OtlpEncoding } from './otlp-encoding.ts';
import { isSelfReport } from './self-report.ts';

/** What became of the spans or log records that ended so far. */
export interface ExportCounts {
  /** Acknowledged by the backend. */
  readonly exported: number;
  /** Waiting for the next batch. */
  readonly queued: number;
  /** Went without an attempt: the queue was full, or the process ended. */
  readonly dropped: number;
  /** Given up after retries, or refused by the backend. */
  readonly failed: number;
  /** `dropped` and `failed` by reason: `queue_full`, `unreachable`… */
  readonly lost: LossCounts;
}

/** Processor, queue and delivery of one signal. */
export interface ExportPipeline<Processor> {
  readonly processor: Processor;
  counts(): ExportCounts;
  /** No more waiting for a backend that is away, and the deadline of the processor's `shutdown()` starts. */
  beginClosing(): void;
  /** For the process's `exit`: what is left goes into the disk buffer, if there is one. */
  keepNow(): void;
}

type PipelineParts<Item> = Omit<BatchSenderParts<Item>, 'signal'>;

/** `SeverityNumber.ERROR`: from here on a log record outlives ordinary ones in a full queue. */
const ERROR_SEVERITY = 17;

/**
 * A span above this size, several times the usual, likely holds content: it is reduced before it is queued, or
 * what never leaves would take the room of what does.
 */
const GATE_FIRST_BYTES = 4096;

/** A span in the queue: reduced already, or to be reduced when it is encoded. */
type QueuedSpan = ReadableSpan | GatedSpan;

interface GatedSpan {
  readonly gated: ReadableSpan;
}

/**
 * bounded queue → batches → gate and encoding, in slices → retries → transport. The gate runs there because the
 * end of a span is on the path of a request; nothing has left the process by then. It passes reduced copies on
 * and never changes a span, so a user's own processors still see what was recorded.
 */
export function createSpanPipeline(parts: PipelineParts<ReadableSpan>): ExportPipeline<SpanProcessor> {
  const sender = new BatchSender({ ...parts, encoding: behindGate(parts.encoding), signal: 'spans' });
  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
      const isKept = span.status.code === SpanStatusCode.ERROR || isLocalRoot(span);
      const bytes = estimateSpanBytes(span);
      if (bytes <= GATE_FIRST_BYTES) {
        sender.add({ item: span, bytes, isKept });
        return;
      }
      const gated = gateSpan(span);
      sender.add({ item: { gated }, bytes: estimateSpanBytes(gated), isKept });
    },
    forceFlush: () => sender.forceFlush(),
    shutdown: () => sender.shutdown(),
  };
  return {
    processor,
    counts: () => countsOf(sender, parts.losses, 'spans'),
    beginClosing: () => sender.beginClosing(),
    keepNow: () => sender.keepNow(),
  };
}

/** As {@link createSpanPipeline}, for log records. */
export function createLogPipeline(
  parts: PipelineParts<ReadableLogRecord>,
): ExportPipeline<LogRecordProcessor> {
  const sender = new BatchSender({ ...parts, signal: 'log records' });
  const queueing: LogRecordProcessor = {
    onEmit(record: ReadWriteLogRecord) {
      const isKept = (record.severityNumber ?? 0) >= ERROR_SEVERITY || isSelfReport(record);
      sender.add({ item: record, bytes: estimateLogRecordBytes(record), isKept });
    },
    forceFlush: () => sender.forceFlush(),
    shutdown: () => sender.shutdown(),
  };
  return {
    processor: new GateLogRecordProcessor(queueing),
    counts: () => countsOf(sender, parts.losses, 'log records'),
    beginClosing: () => sender.beginClosing(),
    keepNow: () => sender.keepNow(),
  };
}

/** Fails closed: a span that can't be reduced fails the encoding, and the batch is counted as lost. */
export function behindGate(encoding: OtlpEncoding<ReadableSpan>): OtlpEncoding<QueuedSpan> {
  return {
    ...encoding,
    encode: (spans) => encoding.encode(spans.map((span) => ('gated' in span ? span.gated : gateSpan(span)))),
  };
}

/** The first span of a request in this process: without it nobody finds the trace's part in this service. */
function isLocalRoot(span: ReadableSpan): boolean {
  return span.parentSpanContext === undefined || span.parentSpanContext.isRemote === true;
}

function countsOf<Item>(sender: BatchSender<Item>, losses: LossReport, signal: LostSignal): ExportCounts {
  const lost = losses.counts(signal);
  const dropped = (lost.queue_full ?? 0) + (lost.too_large ?? 0) + (lost.shutdown ?? 0);
  const failed = sum(Object.values(lost)) - dropped;
  return { exported: sender.exported, queued: sender.queued, dropped, failed, lost };
}
