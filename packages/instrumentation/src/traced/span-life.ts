import type { Context, Span } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { recordModelMetrics } from '../metrics/model-metrics.ts';
import type { StepMeasure } from '../metrics/step-metrics.ts';
import { errorType } from './error-type.ts';
import { ModelSpan } from './model-span.ts';
import { isAsyncIterable, keepOpenWhileRead, type Life } from './stream-life.ts';
import type { TracedSpan } from './traced-span.ts';

/** The life of one span around what a function returns: it ends once, whatever happens. */
export class SpanLife implements Life {
  readonly #span: Span;
  readonly #handle: TracedSpan;
  readonly #measure: StepMeasure | undefined;
  #ended = false;

  /** @param measure Told at the end. A model call is measured by itself. */
  constructor(span: Span, handle: TracedSpan, measure?: StepMeasure) {
    this.#span = span;
    this.#handle = handle;
    this.#measure = measure;
  }

  /** @param endTime Epoch milliseconds; now, if absent. */
  end(endTime?: number): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#handle instanceof ModelSpan) {
      this.#handle.recordSpeed(endTime);
      recordModelMetrics(this.#handle, this.#span, endTime);
    }
    this.#measure?.(this.#span, this.#handle.failure, endTime);
    this.#span.end(endTime);
  }

  fail(thrown: unknown): void {
    if (!this.#ended) this.#handle.recordError(errorType(thrown));
    this.end();
  }
}

/**
 * Runs `fn` with `span` active in `spanContext` and ends the span when the work is over: at the return of a
 * plain value, when a promise settles, when an async iterable has been read or given up. The result and any
 * error reach the caller unchanged. One exception: a native promise is followed by another promise of the
 * same outcome, because a listener on the first one would hide an unhandled rejection. Other thenables keep
 * their identity, since they may have methods of their own.
 */
export function runInSpan<Handle extends TracedSpan, Result>(
  span: Span,
  handle: Handle,
  spanContext: Context,
  fn: (span: Handle) => Result,
  measure?: StepMeasure,
): Result {
  const life = new SpanLife(span, handle, measure);
  let result: Result;
  try {
    result = context.with(spanContext, fn, undefined, handle);
  } catch (thrown) {
    life.fail(thrown);
    throw thrown;
  }
  if (!isThenable(result)) {
    endWith(result, life, spanContext);
    return result;
  }
  const settled = result.then(
    (value) => {
      endWith(value, life, spanContext);
      return value;
    },
    (thrown: unknown) => {
      life.fail(thrown);
      throw thrown;
    },
  );
  if (result.constructor === Promise) return settled as Result;
  settled.then(undefined, () => {});
  return result;
}

/** A value ends the span now; a stream ends it later. */
function endWith(value: unknown, life: SpanLife, spanContext: Context): void {
  if (isAsyncIterable(value)) keepOpenWhileRead(value, life, spanContext);
  else life.end();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
