import { type Attributes, context, SpanKind, trace } from '@opentelemetry/api';
import { SCOPE_NAME, SCOPE_VERSION } from '../version.ts';
import { ModelSpan } from './model-span.ts';

/** Starts `{operation} {model}` below the active span. The caller owns its end. */
export function startModelSpan(operation: string, model: string | undefined, attributes: Attributes) {
  const parent = context.active();
  const name = model === undefined ? operation : `${operation} ${model}`;
  const span = trace
    .getTracer(SCOPE_NAME, SCOPE_VERSION)
    .startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  return { span, handle: new ModelSpan(span), spanContext: trace.setSpan(parent, span) };
}
