import { z } from 'zod';

const probability = z.number().min(0).max(1);

const strategy = z.discriminatedUnion('type', [
  z.object({ type: z.literal('probabilistic'), param: probability }),
  z.object({ type: z.literal('ratelimiting'), param: z.number().min(0) }),
]);

/** An operation has no rate limit: Jaeger's answer has no place for one. */
const operationStrategy = z.object({
  operation: z.string().min(1),
  type: z.literal('probabilistic'),
  param: probability,
});

const operations = { operation_strategies: z.array(operationStrategy).optional() };
const withOperations = strategy.and(z.object(operations));

/** Jaeger's strategies file (jaegertracing.io/docs, "File-based Sampling Configuration"). Keys we don't know are let be. */
const strategiesSchema = z.object({
  default_strategy: withOperations.optional(),
  service_strategies: z.array(withOperations.and(z.object({ service: z.string().min(1) }))).optional(),
});

export type SamplingStrategies = z.output<typeof strategiesSchema>;

/** What Jaeger answers where no file says anything: one trace in a thousand. */
const FALLBACK = { type: 'probabilistic', param: 0.001 } as const;

/** @throws Error that names the first place which is not as Jaeger's format has it. */
export function parseStrategies(text: string): SamplingStrategies {
  const parsed = strategiesSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/** Jaeger's answer for a service (jaeger-idl `proto/api_v2/sampling.proto`, as JSON). */
export interface StrategyAnswer {
  readonly strategyType: 'PROBABILISTIC' | 'RATE_LIMITING';
  readonly probabilisticSampling?: { readonly samplingRate: number };
  readonly rateLimitingSampling?: { readonly maxTracesPerSecond: number };
  readonly operationSampling?: {
    readonly defaultSamplingProbability: number;
    readonly defaultLowerBoundTracesPerSecond: number;
    readonly perOperationStrategies: readonly {
      readonly operation: string;
      readonly probabilisticSampling: { readonly samplingRate: number };
    }[];
  };
}

/**
 * The strategy of a service, else the default one. Operations of the default hold for each service that does
 * not name them itself; a rate limit is for a whole service and takes none.
 */
export function answerFor(strategies: SamplingStrategies, service: string): StrategyAnswer {
  const common = strategies.default_strategy;
  const own = strategies.service_strategies?.find((candidate) => candidate.service === service);
  const { type, param } = own ?? common ?? FALLBACK;
  if (type === 'ratelimiting') {
    return { strategyType: 'RATE_LIMITING', rateLimitingSampling: { maxTracesPerSecond: param } };
  }
  const answer = { strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: param } } as const;
  const byOperation = new Map(
    [...(common?.operation_strategies ?? []), ...(own?.operation_strategies ?? [])].map(
      (entry) => [entry.operation, entry.param] as const,
    ),
  );
  if (byOperation.size === 0) return answer;
  return {
    ...answer,
    operationSampling: {
      defaultSamplingProbability: param,
      defaultLowerBoundTracesPerSecond: 0,
      perOperationStrategies: [...byOperation].map(([operation, samplingRate]) => ({
        operation,
        probabilisticSampling: { samplingRate },
      })),
    },
  };
}
