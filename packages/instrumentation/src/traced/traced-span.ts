import {
  type Attributes,
  type AttributeValue,
  context,
  type Link,
  type Span,
  type SpanContext,
  SpanStatusCode,
} from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { type ContentOfSpan, captureContent, isContentWanted } from '../privacy/content-capture.ts';

/**
 * The span of one step, as the step's function sees it. The end belongs to `traced`, so there is no
 * `end()`; messages of errors stay out, so there is no `recordException()`. For the bare OpenTelemetry span
 * use `trace.getActiveSpan()`.
 */
export class TracedSpan {
  readonly #span: Span;
  #failure: string | undefined;

  constructor(span: Span) {
    this.#span = span;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#span.setAttribute(key, value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    this.#span.setAttributes(attributes);
    return this;
  }

  addEvent(name: string, attributes?: Attributes): this {
    this.#span.addEvent(name, attributes);
    return this;
  }

  /** A relation that is not the parent: the request that a resumed conversation goes on from, a queue message. */
  addLink(link: Link): this {
    this.#span.addLink(link);
    return this;
  }

  /** False when the trace is not sampled or tracing is off: work for attributes alone can be skipped. */
  isRecording(): boolean {
    return this.#span.isRecording();
  }

  spanContext(): SpanContext {
    return this.#span.spanContext();
  }

  /**
   * Hands over content, for those who have allowed it (`SPANWISE_CAPTURE_CONTENT`, `configureCapture`); by
   * default nothing happens and no function is called: `span.recordContent({ output: () => reply.text })`.
   * Never throws.
   */
  recordContent(content: ContentOfSpan): this {
    captureContent(this.#span, context.active(), content);
    return this;
  }

  /** Whether {@link TracedSpan.recordContent} would keep anything here: for content that has to be gathered first. */
  wantsContent(): boolean {
    return isContentWanted(this.#span, context.active());
  }

  /** `error.type` of a step that has failed so far. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Marks the step as failed without a throw. `type` is a code or class name, never a message. The first
   * one stands; an error thrown later does not replace it.
   */
  recordError(type: string): this {
    if (this.#failure !== undefined) return this;
    this.#failure = type;
    this.#span.setAttribute(attributeKey.errorType, type).setStatus({ code: SpanStatusCode.ERROR });
    return this;
  }
}

/** The span of a tool call. */
export class ToolSpan extends TracedSpan {
  /**
   * The tool answered, but with an error (an MCP result with `isError`, a refused argument). `type` as in
   * {@link TracedSpan.recordError}; `tool_error` is the MCP conventions' word when nothing more is known.
   */
  recordToolError(type = 'tool_error'): this {
    return this.recordError(type);
  }
}

/** The span of a guardrail's check. */
export class GuardrailSpan extends TracedSpan {
  /** What the check decided. A block is its work and no error. Never what it found. */
  recordOutcome(outcome: 'passed' | 'blocked' | 'changed'): this {
    return this.setAttribute(attributeKey.guardrailOutcome, outcome);
  }
}

/** The span of an evaluation. */
export class EvaluationSpan extends TracedSpan {
  /** The result: a number, one of few words (`pass`), or both. Explanations are content and have no place here. */
  recordScore(score: { readonly value?: number | undefined; readonly label?: string | undefined }): this {
    if (score.value !== undefined) this.setAttribute(attributeKey.evaluationScoreValue, score.value);
    if (score.label !== undefined) this.setAttribute(attributeKey.evaluationScoreLabel, score.label);
    return this;
  }
}
