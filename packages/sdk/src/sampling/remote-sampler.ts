import {
  type Attributes,
  type Context,
  context,
  diag,
  type Link,
  ROOT_CONTEXT,
  type SpanKind,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type Sampler, type SamplingResult, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { samplerOf } from './sampling-strategy.ts';

export interface RemoteSamplerOptions {
  /** Of the sampling server: `http://127.0.0.1:5778`. */
  readonly endpoint: string;
  readonly pollingIntervalMillis: number;
  /** The ratio until the server has answered. */
  readonly initialSamplingRate: number;
  readonly serviceName: string;
}

const REQUEST_TIMEOUT_MILLIS = 2000;

/** A strategy is some lines; a file of ten thousand operations is still below. */
const MAX_ANSWER_CHARACTERS = 1_000_000;

/**
 * Asks a server which share of traces to keep (Jaeger's remote sampling: `GET /sampling?service=…`) and asks
 * again from time to time. A server that is away, or answers nonsense, changes nothing, and is told once until
 * it answers again. Neither timers nor requests hold the process for long.
 */
export class RemoteSampler implements Sampler {
  readonly #options: RemoteSamplerOptions;
  readonly #url: string;
  #current: Sampler;
  #isAway = false;
  #answer = '';

  constructor(options: RemoteSamplerOptions) {
    this.#options = options;
    this.#url = `${options.endpoint.replace(/\/+$/, '')}/sampling?service=${encodeURIComponent(options.serviceName)}`;
    this.#current = new TraceIdRatioBasedSampler(options.initialSamplingRate);
    setInterval(() => void this.update(), options.pollingIntervalMillis).unref();
    // Not now: instrumentations patch the HTTP client in this turn, and must be told that it is our own request.
    setImmediate(() => void this.update());
  }

  shouldSample(
    parent: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    return this.#current.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  /** One question to the server. Never rejects. */
  async update(): Promise<void> {
    try {
      const answer = await context.with(suppressTracing(ROOT_CONTEXT), () => this.#ask());
      this.#isAway = false;
      // A rate limit's bucket goes on as it is while nothing changes.
      if (answer === this.#answer) return;
      const sampler = samplerOf(JSON.parse(answer));
      if (sampler === undefined) throw new Error('the answer is no sampling strategy');
      this.#answer = answer;
      this.#current = sampler;
    } catch (thrown) {
      if (!this.#isAway) {
        const why = thrown instanceof Error ? thrown.message.split('\n', 1)[0] : 'no answer';
        diag.warn(`Spanwise: no sampling strategy from ${this.#options.endpoint} (${why}); ${this} goes on.`);
      }
      this.#isAway = true;
    }
  }

  async #ask(): Promise<string> {
    const response = await fetch(this.#url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS) });
    const text = await response.text();
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    if (text.length > MAX_ANSWER_CHARACTERS) throw new Error('the answer is too long');
    return text;
  }

  toString(): string {
    return `Remote{${this.#current}}`;
  }
}
