import { type Context, context, type Span } from '@opentelemetry/api';
import { TracedSpan } from './traced-span.ts';

/** A span whose end is the end of the block that holds it with `using`, or a call of {@link OpenSpan.end}. */
export class OpenSpan extends TracedSpan implements Disposable {
  readonly #span: Span;
  readonly #spanContext: Context;

  constructor(span: Span, spanContext: Context) {
    super(span);
    this.#span = span;
    this.#spanContext = spanContext;
  }

  /** Runs `fn` with this span active, so that steps in it are below this one. Does not end the span. */
  run<Result>(fn: () => Result): Result {
    return context.with(this.#spanContext, fn);
  }

  /** A second call has no effect. */
  end(): void {
    if (this.#span.isRecording()) this.#span.end();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
