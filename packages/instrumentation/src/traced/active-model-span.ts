import { type Context, createContextKey, trace } from '@opentelemetry/api';
import type { ModelSpan } from './model-span.ts';

const OFFERED_SPAN = createContextKey('Spanwise: the model span that a wrapped client may fill');

interface OfferedSpan {
  readonly handle: ModelSpan;
  readonly operation: string;
  isTaken: boolean;
}

/** Lets the first wrapped client called directly in the context fill this span instead of making one below it. */
export function offerModelSpan(spanContext: Context, handle: ModelSpan, operation: string): Context {
  return spanContext.setValue(OFFERED_SPAN, { handle, operation, isTaken: false } satisfies OfferedSpan);
}

/**
 * The open span offered for such a call, once. None if another span lies between, or if the call is of
 * another kind: then it is another call.
 */
export function takeModelSpan(active: Context, operation: string): ModelSpan | undefined {
  const offered = active.getValue(OFFERED_SPAN) as OfferedSpan | undefined;
  if (offered === undefined || offered.isTaken || offered.operation !== operation) return undefined;
  const { handle } = offered;
  if (trace.getSpan(active)?.spanContext().spanId !== handle.spanContext().spanId) return undefined;
  if (!handle.isRecording()) return undefined;
  offered.isTaken = true;
  return handle;
}
