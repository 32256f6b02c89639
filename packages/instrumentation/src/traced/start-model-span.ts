import { type Attributes, context, SpanKind, trace } from '@opentelemetry/api';
import { conversationAttributes } from '../conversation/conversation.ts';
import { currentTracer } from '../tracer.ts';
import { ModelSpan } from './model-span.ts';

/** Starts `{operation} {model}` below the active span. The caller owns its end. */
export function startModelSpan(operation: string, model: string | undefined, given: Attributes) {
  const attributes = conversationAttributes();
  for (const key in given) {
    const value = given[key];
    // An option that was left out does not hide what the context says.
    if (value !== undefined) attributes[key] = value;
  }
  const parent = context.active();
  const name = model === undefined ? operation : `${operation} ${model}`;
  const span = currentTracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  return { span, handle: new ModelSpan(span, attributes), spanContext: trace.setSpan(parent, span) };
}
