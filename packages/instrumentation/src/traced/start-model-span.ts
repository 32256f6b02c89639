import { type Attributes, context, SpanKind, trace } from '@opentelemetry/api';
import { conversationAttributes } from '../conversation/conversation.ts';
import { SCOPE_NAME, SCOPE_VERSION } from '../version.ts';
import { ModelSpan } from './model-span.ts';

/** Starts `{operation} {model}` below the active span. The caller owns its end. */
export function startModelSpan(operation: string, model: string | undefined, given: Attributes) {
  const attributes = { ...conversationAttributes(), ...defined(given) };
  const parent = context.active();
  const name = model === undefined ? operation : `${operation} ${model}`;
  const span = trace
    .getTracer(SCOPE_NAME, SCOPE_VERSION)
    .startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  return { span, handle: new ModelSpan(span, attributes), spanContext: trace.setSpan(parent, span) };
}

/** An option that was left out does not hide what the context says. */
function defined(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
