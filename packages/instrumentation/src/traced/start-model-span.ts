import { type Attributes, context, SpanKind, trace } from '@opentelemetry/api';
import { genAiOperation } from '@spanwise/semconv';
import { conversationAttributes } from '../conversation/conversation.ts';
import { countInference } from '../metrics/step-metrics.ts';
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
  if (isInference(operation)) countInference(parent);
  const name = model === undefined ? operation : `${operation} ${model}`;
  const span = currentTracer().startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  return { span, handle: new ModelSpan(span, attributes), spanContext: trace.setSpan(parent, span) };
}

/** Embeddings, rerankings and jobs handed in are no answers of a model. */
function isInference(operation: string): boolean {
  return (
    operation === genAiOperation.chat ||
    operation === genAiOperation.generateContent ||
    operation === genAiOperation.textCompletion
  );
}
