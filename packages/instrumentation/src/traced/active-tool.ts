import { type Context, createContextKey, trace } from '@opentelemetry/api';

const ACTIVE_TOOL = createContextKey('Spanwise: the tool whose span is active');

interface ActiveTool {
  readonly name: string;
  readonly spanId: string;
}

/** @param spanContext In which the tool's span is active. */
export function withActiveTool(spanContext: Context, name: string): Context {
  const spanId = trace.getSpanContext(spanContext)?.spanId;
  if (spanId === undefined) return spanContext;
  return spanContext.setValue(ACTIVE_TOOL, { name, spanId } satisfies ActiveTool);
}

/** Name of the tool whose `traced.tool()` span is the active one; none if another span lies between. */
export function activeToolName(active: Context): string | undefined {
  const tool = active.getValue(ACTIVE_TOOL) as ActiveTool | undefined;
  return tool !== undefined && trace.getSpanContext(active)?.spanId === tool.spanId ? tool.name : undefined;
}
