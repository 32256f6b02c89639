import type { Attributes, AttributeValue, Span } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { recordOutputChunk } from '../metrics/model-metrics.ts';
import { secondsSince } from '../metrics/seconds-since.ts';
import { TracedSpan } from './traced-span.ts';

/**
 * Tokens of one model call, by the conventions' way of counting: `inputTokens` holds the cached ones too
 * (Anthropic's own `input_tokens` does not: add them up first), `outputTokens` the reasoning ones. What the
 * provider did not say is absent, never 0.
 */
export interface TokenUsage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly cacheReadTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
  /** Of the totals, those that stand for sound or pictures. */
  readonly audioInputTokens?: number | undefined;
  readonly imageInputTokens?: number | undefined;
  readonly audioOutputTokens?: number | undefined;
  readonly imageOutputTokens?: number | undefined;
}

/** What a model's answer says about itself. */
export interface ModelResponse {
  /** The model that answered; often more exact than the one asked for. */
  readonly model?: string | undefined;
  readonly id?: string | undefined;
  /** `stop`, `length`, `tool_calls`…, one for each choice. */
  readonly finishReasons?: readonly string[] | undefined;
}

/** What the metrics of a call are made of. Times in seconds. */
export interface ModelCallFigures {
  /** Of the span: operation, provider, models, address, error. */
  readonly attributes: Attributes;
  readonly duration: number;
  readonly timeToFirstChunk: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** The span of a call to a model: an answer or an embedding. */
export class ModelSpan extends TracedSpan {
  readonly #span: Span;
  readonly #startedAt = performance.now();
  readonly #attributes: Record<string, AttributeValue | undefined>;
  #timeToFirstChunk: number | undefined;
  #lastChunkAt = 0;

  /** @param attributes Those the span was started with; this object keeps and changes them. */
  constructor(span: Span, attributes: Attributes) {
    super(span);
    this.#span = span;
    this.#attributes = attributes;
  }

  override setAttribute(key: string, value: AttributeValue): this {
    this.#attributes[key] = value;
    return super.setAttribute(key, value);
  }

  override recordError(type: string): this {
    this.#attributes[attributeKey.errorType] ??= type;
    return super.recordError(type);
  }

  /**
   * As far as it is known now.
   *
   * @param endTime When the call ended, in epoch milliseconds; now, if absent.
   */
  figures(endTime?: number): ModelCallFigures {
    return {
      attributes: this.#attributes,
      duration: secondsSince(this.#startedAt, endTime),
      timeToFirstChunk: this.#timeToFirstChunk,
      inputTokens: countOf(this.#attributes[attributeKey.usageInputTokens]),
      outputTokens: countOf(this.#attributes[attributeKey.usageOutputTokens]),
    };
  }

  /** May be called again as a stream tells more; later numbers replace earlier ones. Anything but a count is left out. */
  recordUsage(usage: TokenUsage): this {
    this.#setCount(attributeKey.usageInputTokens, usage.inputTokens);
    this.#setCount(attributeKey.usageOutputTokens, usage.outputTokens);
    this.#setCount(attributeKey.usageCacheReadInputTokens, usage.cacheReadTokens);
    this.#setCount(attributeKey.usageCacheWriteInputTokens, usage.cacheWriteTokens);
    this.#setCount(attributeKey.usageReasoningOutputTokens, usage.reasoningTokens);
    this.#setCount(attributeKey.usageAudioInputTokens, usage.audioInputTokens);
    this.#setCount(attributeKey.usageImageInputTokens, usage.imageInputTokens);
    this.#setCount(attributeKey.usageAudioOutputTokens, usage.audioOutputTokens);
    this.#setCount(attributeKey.usageImageOutputTokens, usage.imageOutputTokens);
    return this;
  }

  recordResponse(response: ModelResponse): this {
    if (response.model !== undefined) this.setAttribute(attributeKey.responseModel, response.model);
    if (response.id !== undefined) this.setAttribute(attributeKey.responseId, response.id);
    if (response.finishReasons !== undefined) {
      this.setAttribute(attributeKey.responseFinishReasons, [...response.finishReasons]);
    }
    return this;
  }

  /** The first piece of a streamed answer is here. Only the first call counts, so a loop may call it each time. */
  recordFirstChunk(): this {
    if (this.#timeToFirstChunk !== undefined) return this;
    this.#timeToFirstChunk = secondsSince(this.#startedAt);
    return this.setAttribute(attributeKey.responseTimeToFirstChunk, this.#timeToFirstChunk);
  }

  /** A piece of a streamed answer is here: the first one, as {@link ModelSpan.recordFirstChunk}, or a later one, which only metrics tell. */
  recordChunk(): this {
    if (this.#timeToFirstChunk === undefined) this.recordFirstChunk();
    else if (this.#lastChunkAt > 0) {
      recordOutputChunk(secondsSince(this.#lastChunkAt), this.#attributes, this.#span);
    }
    this.#lastChunkAt = performance.now();
    return this;
  }

  /** What is known only at the end; the owner of the span calls it just before that. @param endTime As of {@link ModelSpan.figures}. */
  recordSpeed(endTime?: number): void {
    const outputTokens = countOf(this.#attributes[attributeKey.usageOutputTokens]);
    if (outputTokens === undefined || outputTokens === 0) return;
    const seconds = secondsSince(this.#startedAt, endTime);
    if (seconds <= 0) return;
    this.setAttribute(attributeKey.responseTokensPerSecond, Math.round((outputTokens / seconds) * 10) / 10);
  }

  #setCount(key: string, count: number | undefined): void {
    if (count !== undefined && Number.isSafeInteger(count) && count >= 0) this.setAttribute(key, count);
  }
}

function countOf(value: AttributeValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
