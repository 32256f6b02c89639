import { type TraceLogFields, traceLogFields } from './trace-log-fields.ts';

export interface PinoMixinOptions {
  /** Put into each line, also outside a span. */
  readonly serviceName?: string | undefined;
}

/**
 * A function for pino's `mixin` option: `pino({ mixin: pinoMixin() })`. Each line gets the ids of the span
 * that is active when it is written, read at that moment and not by patching pino, so it works in ES modules.
 */
export function pinoMixin(options: PinoMixinOptions = {}): () => TraceLogFields {
  return () => traceLogFields(options.serviceName);
}
