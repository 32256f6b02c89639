import { diag, type TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, getStringListFromEnv, W3CTraceContextPropagator } from '@opentelemetry/core';
import { B3Propagator } from './b3-propagator.ts';
import { GuardedBaggagePropagator } from './guarded-baggage-propagator.ts';
import { UberTraceIdPropagator } from './uber-trace-id-propagator.ts';

/** By the names of `OTEL_PROPAGATORS`. `jaeger` only reads. */
const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  b3: () => new B3Propagator('single'),
  b3multi: () => new B3Propagator('multi'),
  jaeger: () => new UberTraceIdPropagator(),
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new GuardedBaggagePropagator(),
};

/** The article's B3 multi and today's W3C, both ways. On the way in the last one found wins, so W3C does. */
const DEFAULT_NAMES = ['jaeger', 'b3multi', 'tracecontext', 'baggage'] as const;

/** `OTEL_PROPAGATORS` (a list; `none` for no propagation), else the default. */
export function createPropagator(): TextMapPropagator {
  const names = getStringListFromEnv('OTEL_PROPAGATORS') ?? DEFAULT_NAMES;
  const propagators: TextMapPropagator[] = [];
  for (const name of names) {
    const create = PROPAGATORS[name];
    if (create !== undefined) propagators.push(create());
    else if (name !== 'none') diag.warn(`Spanwise: OTEL_PROPAGATORS: "${name}" is not known and left out`);
  }
  return new CompositePropagator({ propagators });
}
