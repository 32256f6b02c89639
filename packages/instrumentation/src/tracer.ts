import { type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import { SCOPE_NAME, SCOPE_VERSION } from './version.ts';

let provider: TracerProvider | undefined;
let tracer: Tracer | undefined;

/** Our tracer of the registered provider. A provider looks its tracers up by a text it puts together; spans are many. */
export function currentTracer(): Tracer {
  const current = trace.getTracerProvider();
  if (tracer === undefined || provider !== current) {
    provider = current;
    tracer = current.getTracer(SCOPE_NAME, SCOPE_VERSION);
  }
  return tracer;
}
