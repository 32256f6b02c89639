import { type AttributeValue, type Context, context, diag } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { errorType } from '../traced/error-type.ts';
import type { ModelSpan, TokenUsage } from '../traced/model-span.ts';
import type { Life, StreamReading } from '../traced/stream-life.ts';
import { readField, readNumber, readText } from './read-fields.ts';

/** Reads one kind of answer into a call: whole, or chunk by chunk. Only what is no content. */
export interface AnswerReader {
  readAnswer(answer: unknown, call: ModelCall): void;
  readChunk(chunk: unknown, call: ModelCall): void;
  /** False for answers that never tell tokens because none were used: a job taken on. */
  readonly tellsUsage?: boolean;
}

/** Gathers what an answer says. Made only for a call whose content the rules allow to be kept. */
export interface AnswerCollector {
  readAnswer(answer: unknown): void;
  readChunk(chunk: unknown): void;
  /** In the form of the conventions' output messages; absent if there was none. */
  messages(): unknown;
}

export interface ContentCapture {
  readonly collector: AnswerCollector;
  /** Where the call was made: which agent's turn it is decides what may be kept. */
  readonly active: Context;
}

/**
 * One call to a model with its span, from the request to the last byte of the answer. It ends once; what
 * comes later is dropped. It refers to nothing that the caller of the library holds, so that a call nobody
 * can go on with is collected around it.
 */
export class ModelCall implements Life {
  readonly #span: ModelSpan;
  /** Absent when the span belongs to a `traced.llm()` around the call. */
  readonly #spanLife: Life | undefined;
  readonly #reader: AnswerReader;
  readonly #capture: ContentCapture | undefined;
  readonly #seen = new Map<string, AttributeValue>();
  /** For the moment when the call is collected. */
  readonly reading: StreamReading = { life: this, lastActivity: Date.now() };
  #isOpen = true;
  #isAnswered = false;
  #usageState: 'unknown' | 'partial' | undefined = 'unknown';
  #attempts = 0;
  #lastAttempt: { readonly [key: string]: AttributeValue } = {};

  constructor(
    span: ModelSpan,
    spanLife: Life | undefined,
    reader: AnswerReader,
    capture?: ContentCapture | undefined,
  ) {
    this.#span = span;
    this.#spanLife = spanLife;
    this.#reader = reader;
    this.#capture = capture;
  }

  /** The whole answer is here: the end of the call. */
  readAnswer(answer: unknown): void {
    this.readHead();
    this.#readSafely(() => this.#reader.readAnswer(answer, this));
    this.#readSafely(() => this.#capture?.collector.readAnswer(answer));
    this.end();
  }

  /** The provider takes the call: the answer follows, or belongs to the caller as raw bytes. */
  readHead(): void {
    this.#isAnswered = true;
    this.reading.lastActivity = Date.now();
  }

  /** A chunk that the model has said nothing in yet. */
  readMetadata(chunk: unknown): void {
    this.#readSafely(() => this.#reader.readChunk(chunk, this));
  }

  readChunk(chunk: unknown): void {
    if (!this.#isOpen) return;
    this.#span.recordChunk();
    this.#readSafely(() => this.#reader.readChunk(chunk, this));
    this.#readSafely(() => this.#capture?.collector.readChunk(chunk));
  }

  /** Absent values and values told before cost nothing, so a reader may call it for each chunk. */
  record(key: string, value: string | undefined): void {
    if (value === undefined || this.#seen.get(key) === value) return;
    this.#seen.set(key, value);
    this.#span.setAttribute(key, value);
  }

  recordList(key: string, values: readonly string[]): void {
    if (values.length > 0) this.#span.setAttribute(key, [...values]);
  }

  /** @param isFinal False for what a stream tells before the rest; if that never comes, the span says so. */
  recordUsage(usage: TokenUsage, isFinal = true): void {
    if (usage.inputTokens === undefined && usage.outputTokens === undefined) return;
    if (isFinal) this.#usageState = undefined;
    else if (this.#usageState === 'unknown') this.#usageState = 'partial';
    this.#span.recordUsage(usage);
  }

  recordCount(key: string, count: number | undefined): void {
    if (count !== undefined) this.#span.setAttribute(key, count);
  }

  /** The provider says in its answer that it failed. `code` is no message. */
  recordError(code: string): void {
    this.#span.recordError(errorType({ code }));
  }

  /** The client sends the request, for the first time or again. */
  startAttempt(): void {
    if (!this.#isOpen) return;
    if (this.#attempts > 0) {
      const resent = { [attributeKey.httpRequestResendCount]: this.#attempts };
      this.#span.addEvent('retry', { ...resent, ...this.#lastAttempt }).setAttributes(resent);
    }
    this.#attempts += 1;
    this.#lastAttempt = {};
  }

  endAttempt(response: unknown): void {
    const status = readNumber(response, 'status');
    if (status !== undefined) this.#lastAttempt = { [attributeKey.httpResponseStatusCode]: status };
  }

  failAttempt(thrown: unknown): void {
    this.#lastAttempt = { [attributeKey.errorType]: providerErrorType(thrown) };
  }

  end(endTime?: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#isAnswered && this.#usageState !== undefined && this.#reader.tellsUsage !== false) {
      this.#span.setAttribute(attributeKey.usageState, this.#usageState);
    }
    if (this.#capture !== undefined) {
      const { collector, active } = this.#capture;
      context.with(active, () => this.#span.recordContent({ output: () => collector.messages() }));
    }
    this.#spanLife?.end(endTime);
  }

  fail(thrown: unknown): void {
    if (!this.#isOpen) return;
    const status = readNumber(thrown, 'status');
    if (status !== undefined) this.#span.setAttribute(attributeKey.httpResponseStatusCode, status);
    // Around a span that is not ours the application decides what is an error: it may try again.
    if (this.#spanLife !== undefined) this.#span.recordError(providerErrorType(thrown));
    this.end();
  }

  /** An answer of an unheard-of shape must not break the call that got it. */
  #readSafely(read: () => void): void {
    if (!this.#isOpen) return;
    try {
      read();
    } catch (thrown) {
      diag.debug(`An answer could not be read for its span: ${errorType(thrown)}`);
    }
  }
}

/** `fetch` and the client put a broken connection into the cause; its code says more than their class. */
function providerErrorType(thrown: unknown): string {
  const className = thrown?.constructor?.name;
  if (className === 'APIError' && readText(thrown, 'code') === undefined) {
    // Told in the middle of a stream, so without a status that would give it a class. Anthropic: `{ error: { type } }`.
    const told = readField(readField(thrown, 'error'), 'error') ?? readField(thrown, 'error');
    return errorType({ code: readText(told, 'type'), constructor: thrown?.constructor });
  }
  const isWrapper = thrown instanceof TypeError || className === 'APIConnectionError';
  if (!isWrapper || readText(thrown, 'code') !== undefined) return errorType(thrown);
  let cause = readField(thrown, 'cause');
  // The client wraps what fetch wrapped.
  if (readText(cause, 'code') === undefined) cause = readField(cause, 'cause');
  return readText(cause, 'code') === undefined ? errorType(thrown) : errorType(cause);
}
