import {
  pinoMixin as createMixin,
  type PinoMixinOptions,
  type TraceLogFields,
} from '@spanwise/instrumentation';
import { currentTracing } from '../setup-tracing.ts';

/**
 * A function for pino's `mixin` option: adds `trace_id`, `span_id`, `trace_flags` of the active span and
 * `service.name`, by default the name given to `setupTracing`.
 */
export function pinoMixin(options: PinoMixinOptions = {}): () => TraceLogFields {
  return createMixin({ serviceName: options.serviceName ?? currentTracing()?.serviceName });
}
