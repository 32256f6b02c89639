import type { Attributes, Context, Link, SpanKind } from '@opentelemetry/api';
import { type Sampler, type SamplingResult, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { RateLimitingSampler } from './rate-limiting-sampler.ts';

/** The parts of Jaeger's answer that we read (jaeger-idl `proto/api_v2/sampling.proto`, as JSON). */
interface StrategyAnswer {
  readonly probabilisticSampling?: { readonly samplingRate?: unknown } | null;
  readonly rateLimitingSampling?: { readonly maxTracesPerSecond?: unknown } | null;
  readonly operationSampling?: {
    readonly defaultSamplingProbability?: unknown;
    readonly perOperationStrategies?: readonly {
      readonly operation?: unknown;
      readonly probabilisticSampling?: { readonly samplingRate?: unknown } | null;
    }[];
  } | null;
}

/**
 * The sampler that a strategy asks for: by operation, else by rate, else by probability. Absent if the answer
 * is none, or names a probability that is none: then what held before goes on to hold.
 */
export function samplerOf(answer: unknown): Sampler | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { operationSampling, rateLimitingSampling, probabilisticSampling } = answer as StrategyAnswer;
  if (operationSampling !== undefined && operationSampling !== null) {
    const fallback = ratioSampler(operationSampling.defaultSamplingProbability);
    if (fallback === undefined) return undefined;
    const byOperation = new Map<string, Sampler>();
    for (const { operation, probabilisticSampling: given } of operationSampling.perOperationStrategies ??
      []) {
      const sampler = ratioSampler(given?.samplingRate);
      if (typeof operation === 'string' && sampler !== undefined) byOperation.set(operation, sampler);
    }
    return new PerOperationSampler(byOperation, fallback);
  }
  const perSecond = rateLimitingSampling?.maxTracesPerSecond;
  if (typeof perSecond === 'number' && perSecond >= 0) return new RateLimitingSampler(perSecond);
  return ratioSampler(probabilisticSampling?.samplingRate);
}

function ratioSampler(rate: unknown): Sampler | undefined {
  return typeof rate === 'number' && rate >= 0 && rate <= 1 ? new TraceIdRatioBasedSampler(rate) : undefined;
}

/** By the name that a span has at its start. */
class PerOperationSampler implements Sampler {
  readonly #byOperation: ReadonlyMap<string, Sampler>;
  readonly #fallback: Sampler;

  constructor(byOperation: ReadonlyMap<string, Sampler>, fallback: Sampler) {
    this.#byOperation = byOperation;
    this.#fallback = fallback;
  }

  shouldSample(
    context: Context,
    traceId: string,
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SamplingResult {
    const sampler = this.#byOperation.get(name) ?? this.#fallback;
    return sampler.shouldSample(context, traceId, name, kind, attributes, links);
  }

  toString(): string {
    return `PerOperation{${this.#byOperation.size}, ${this.#fallback}}`;
  }
}
