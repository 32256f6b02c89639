import { diag } from '@opentelemetry/api';
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

import { RateLimitingSampler } from '../sampling/rate-limiting-sampler.ts';
import { RemoteSampler } from '../sampling/remote-sampler.ts';

const DEFAULT_SAMPLER = 'parentbased_always_on';

/** Jaeger's own port for it, and how often its clients ask. */
const DEFAULT_SAMPLING_ENDPOINT = 'http://127.0.0.1:5778';
const DEFAULT_POLLING_MILLIS = 60_000;
/** What Jaeger's clients do until they have an answer. */
const DEFAULT_INITIAL_RATE = 0.001;

/**
 * `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`, by the specification's names, and `ratelimiting` by
 * Jaeger's.
 */
export function createSampler(serviceName: string): Sampler {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? DEFAULT_SAMPLER;
  const root = createRootSampler(name.replace(/^parentbased_/, ''), serviceName);
  if (root === undefined) {
    diag.warn(`Spanwise: OTEL_TRACES_SAMPLER=${name} is not known; ${DEFAULT_SAMPLER} is used`);
    return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function createRootSampler(name: string, serviceName: string): Sampler | undefined {
  if (name === 'always_on') return new AlwaysOnSampler();
  if (name === 'always_off') return new AlwaysOffSampler();
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratioFromEnv());
  if (name === 'ratelimiting') return new RateLimitingSampler(tracesPerSecondFromEnv());
  if (name === 'jaeger_remote') return createRemoteSampler(serviceName);
  return undefined;
}

function tracesPerSecondFromEnv(): number {
  const perSecond = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1;
  if (perSecond >= 0) return perSecond;
  diag.warn(`Spanwise: OTEL_TRACES_SAMPLER_ARG=${perSecond} is no number of traces a second; 1 is used`);
  return 1;
}

/** `endpoint=http://…:5778,pollingIntervalMs=5000,initialSamplingRate=0.25` (specification, "Jaeger Remote Sampler"). */
function createRemoteSampler(serviceName: string): Sampler {
  const text = getStringFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? '';
  const settings = new Map(
    text.split(',').map((part) => {
      const [key = '', ...value] = part.split('=');
      return [key.trim(), value.join('=').trim()] as const;
    }),
  );
  const endpoint = settings.get('endpoint') || DEFAULT_SAMPLING_ENDPOINT;
  const isUrl = /^https?:/.test(endpoint) && URL.canParse(endpoint);
  if (!isUrl) diag.warn('Spanwise: OTEL_TRACES_SAMPLER_ARG: endpoint is not a URL; loopback 5778 is used');
  const polling = Number(settings.get('pollingIntervalMs') || DEFAULT_POLLING_MILLIS);
  const rate = Number(settings.get('initialSamplingRate') || DEFAULT_INITIAL_RATE);
  return new RemoteSampler({
    serviceName,
    endpoint: isUrl ? endpoint : DEFAULT_SAMPLING_ENDPOINT,
    pollingIntervalMillis: polling >= 1000 ? polling : DEFAULT_POLLING_MILLIS,
    initialSamplingRate: rate >= 0 && rate <= 1 ? rate : DEFAULT_INITIAL_RATE,
  });
}

function ratioFromEnv(): number {
  const ratio = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1;
  if (ratio >= 0 && ratio <= 1) return ratio;
  diag.warn(`Spanwise: OTEL_TRACES_SAMPLER_ARG=${ratio} is not between 0 and 1; 1 is used`);
  return 1;
}
