import { type Context, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ExportQueue } from './export-queue.ts';

/** Lets a span into the batch processor only when the queue has a place for it. */
export class BoundedSpanProcessor implements SpanProcessor {
  readonly #next: SpanProcessor;
  readonly #queue: ExportQueue;

  constructor(next: SpanProcessor, queue: ExportQueue) {
    this.#next = next;
    this.#queue = queue;
  }

  onStart(span: Span, parentContext: Context): void {
    this.#next.onStart(span, parentContext);
  }

  onEnd(span: ReadableSpan): void {
    const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
    if (isSampled && this.#queue.enter()) this.#next.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}
