import { type Attributes, type Context, context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { attributeKey, genAiOperation } from '@spanwise/semconv';
import { conversationAttributes } from '../conversation/conversation.ts';
import { measureAgent, measureTool, measureWorkflow, type StepMeasure } from '../metrics/step-metrics.ts';
import { withAgentName } from '../privacy/content-capture.ts';
import { currentTracer } from '../tracer.ts';
import { offerModelSpan } from './active-model-span.ts';
import { withActiveTool } from './active-tool.ts';
import { buildEmbeddingAttributes, buildLlmAttributes } from './model-attributes.ts';
import type { ModelSpan } from './model-span.ts';
import { OpenSpan } from './open-span.ts';
import { runInSpan } from './span-life.ts';
import { startModelSpan } from './start-model-span.ts';
import type {
  AgentOptions,
  EmbeddingOptions,
  EvaluationOptions,
  GuardrailOptions,
  HandoffOptions,
  LlmOptions,
  MemoryOptions,
  RerankOptions,
  RetrievalOptions,
  StepOptions,
  ToolOptions,
  WorkflowOptions,
} from './step-options.ts';
import { EvaluationSpan, GuardrailSpan, ToolSpan, TracedSpan } from './traced-span.ts';

/** The work of a step. It may return a value, a promise, or an async iterable that is read later. */
export type StepFunction<Handle extends TracedSpan, Result> = (span: Handle) => Result;

function step<Result>(name: string, fn: StepFunction<TracedSpan, Result>): Result;
function step<Result>(name: string, options: StepOptions, fn: StepFunction<TracedSpan, Result>): Result;
function step<Result>(
  name: string,
  optionsOrFn: StepOptions | StepFunction<TracedSpan, Result>,
  fn?: StepFunction<TracedSpan, Result>,
): Result {
  if (typeof optionsOrFn === 'function') return inSpan(name, SpanKind.INTERNAL, {}, TracedSpan, optionsOrFn);
  if (fn === undefined) throw new TypeError(`traced.step('${name}'): the function to run is missing`);
  return inSpan(name, SpanKind.INTERNAL, { ...optionsOrFn.attributes }, TracedSpan, fn);
}

function agent<Result>(options: AgentOptions, fn: StepFunction<TracedSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.invokeAgent,
    [attributeKey.agentName]: options.name,
    [attributeKey.agentId]: options.id,
    ...conversationAttributes(),
    ...(options.conversationId === undefined
      ? {}
      : { [attributeKey.conversationId]: options.conversationId }),
  };
  const name = options.spanName ?? `${genAiOperation.invokeAgent} ${options.name}`;
  const { measure, turnContext } = measureAgent(attributes, context.active());
  const parent = withAgentName(turnContext, options.name);
  return inSpan(name, SpanKind.INTERNAL, attributes, TracedSpan, fn, { parent, measure });
}

function workflow<Result>(options: WorkflowOptions, fn: StepFunction<TracedSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.invokeWorkflow,
    [attributeKey.workflowName]: options.name,
  };
  return inSpan(
    options.spanName ?? `${genAiOperation.invokeWorkflow} ${options.name}`,
    SpanKind.INTERNAL,
    attributes,
    TracedSpan,
    fn,
    { measure: measureWorkflow(attributes) },
  );
}

function tool<Result>(options: ToolOptions, fn: StepFunction<ToolSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.executeTool,
    [attributeKey.toolName]: options.name,
    [attributeKey.toolCallId]: options.callId,
    [attributeKey.toolType]: options.type,
  };
  return inSpan(
    options.spanName ?? `${genAiOperation.executeTool} ${options.name}`,
    SpanKind.INTERNAL,
    attributes,
    ToolSpan,
    fn,
    {
      mark: (spanContext) => withActiveTool(spanContext, options.name),
      measure: measureTool(attributes, context.active()),
    },
  );
}

function retrieval<Result>(options: RetrievalOptions, fn: StepFunction<TracedSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.retrieval,
    [attributeKey.dataSourceId]: options.dataSourceId,
    [attributeKey.retrievalTopK]: options.topK,
  };
  return inSpan(
    options.spanName ?? nameOf(genAiOperation.retrieval, options.dataSourceId),
    SpanKind.CLIENT,
    attributes,
    TracedSpan,
    fn,
  );
}

function rerank<Result>(options: RerankOptions, fn: StepFunction<TracedSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.rerank,
    [attributeKey.requestModel]: options.model,
  };
  return inSpan(
    options.spanName ?? nameOf(genAiOperation.rerank, options.model),
    SpanKind.INTERNAL,
    attributes,
    TracedSpan,
    fn,
  );
}

function memory<Result>(options: MemoryOptions, fn: StepFunction<TracedSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: options.operation,
    [attributeKey.memoryStoreId]: options.storeId,
    [attributeKey.memoryRecordId]: options.recordId,
  };
  return inSpan(options.spanName ?? options.operation, SpanKind.CLIENT, attributes, TracedSpan, fn);
}

function guardrail<Result>(options: GuardrailOptions, fn: StepFunction<GuardrailSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.guardrail,
    [attributeKey.guardrailName]: options.name,
    [attributeKey.guardrailStage]: options.stage,
  };
  const name = options.spanName ?? nameOf(genAiOperation.guardrail, options.name);
  return inSpan(name, SpanKind.INTERNAL, attributes, GuardrailSpan, fn);
}

function handoff<Result>(options: HandoffOptions, fn: StepFunction<TracedSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.handoff,
    [attributeKey.agentName]: options.to,
    [attributeKey.handoffSource]: options.from,
  };
  const name = options.spanName ?? nameOf(genAiOperation.handoff, options.to);
  return inSpan(name, SpanKind.INTERNAL, attributes, TracedSpan, fn);
}

function evaluation<Result>(options: EvaluationOptions, fn: StepFunction<EvaluationSpan, Result>): Result {
  const attributes = {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.evaluate,
    [attributeKey.evaluationName]: options.name,
  };
  const name = options.spanName ?? nameOf(genAiOperation.evaluate, options.name);
  return inSpan(name, SpanKind.INTERNAL, attributes, EvaluationSpan, fn);
}

/**
 * A span that lives as long as a block: `using span = traced.open('load');`. It is the parent of what runs in
 * `span.run(fn)`, and of nothing else: no block can tell its callers' context from its own. A block that
 * throws does not tell why, so mark the failure with `span.recordError(type)`.
 */
function open(name: string, options: StepOptions = {}): OpenSpan {
  const parent = context.active();
  const span = currentTracer().startSpan(name, { attributes: { ...options.attributes } }, parent);
  return new OpenSpan(span, trace.setSpan(parent, span));
}

function embedding<Result>(options: EmbeddingOptions, fn: StepFunction<ModelSpan, Result>): Result {
  return inModelSpan(genAiOperation.embeddings, options.model, buildEmbeddingAttributes(options), fn);
}

function llm<Result>(options: LlmOptions, fn: StepFunction<ModelSpan, Result>): Result {
  return inModelSpan(
    options.operation ?? genAiOperation.chat,
    options.model,
    buildLlmAttributes(options),
    fn,
  );
}

/**
 * Spans for the steps of an agent's work. Each takes what the step is, then the function that does it, and
 * returns what the function returns:
 *
 *     const answer = await traced.llm({ model, provider: 'openai' }, async (span) => {
 *       const reply = await client.chat.completions.create(request);
 *       span.recordUsage({ inputTokens: reply.usage.prompt_tokens });
 *       return reply;
 *     });
 *
 * The span is active inside the function, so steps nest by themselves, also over `await` and inside an async
 * generator. It ends when the value, the promise or the stream is done, given up or failed. An error is thrown on as it is; the
 * span keeps its class name or code in `error.type`, never its message. No step takes a text of the
 * conversation. Names and attributes are those of the GenAI conventions. Without an OpenTelemetry SDK in the
 * process a step is a plain call of its function.
 */
export const traced = {
  /** Any step worth seeing in the waterfall: INTERNAL, called `name`. */
  step,
  /** An agent's turn: `invoke_agent {name}`. */
  agent,
  /** A fixed sequence of agent and model steps: `invoke_workflow {name}`. */
  workflow,
  /** A tool call: `execute_tool {name}`. */
  tool,
  /** A search for documents: `retrieval {dataSourceId}`. */
  retrieval,
  /** Ordering of candidates: `rerank {model}`. */
  rerank,
  /** Reading or writing a memory: `{operation}`. */
  memory,
  /** A check of what goes in or out: `guardrail {name}`. */
  guardrail,
  /** One agent gives the conversation to another: `handoff {to}`. The work of the other one is its own `agent`. */
  handoff,
  /** Judging an answer: `evaluate {name}`. */
  evaluation,
  /** A step as long as a block: `using span = traced.open(name)`. */
  open,
  /** A call for embeddings: CLIENT, `embeddings {model}`. */
  embedding,
  /** A call to a model: CLIENT, `{operation} {model}`. */
  llm,
} as const;

/** What some steps have beside the others. */
interface StepParts {
  readonly parent?: Context;
  readonly mark?: (spanContext: Context) => Context;
  readonly measure?: StepMeasure | undefined;
}

function inSpan<Handle extends TracedSpan, Result>(
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  Handle: new (span: Span) => Handle,
  fn: StepFunction<Handle, Result>,
  { parent = context.active(), mark, measure }: StepParts = {},
): Result {
  const span = currentTracer().startSpan(name, { kind, attributes }, parent);
  const spanContext = trace.setSpan(parent, span);
  return runInSpan(span, new Handle(span), mark?.(spanContext) ?? spanContext, fn, measure);
}

function inModelSpan<Result>(
  operation: string,
  model: string,
  attributes: Attributes,
  fn: StepFunction<ModelSpan, Result>,
): Result {
  const { span, handle, spanContext } = startModelSpan(operation, model, attributes);
  return runInSpan(span, handle, offerModelSpan(spanContext, handle, operation), fn);
}

function nameOf(operation: string, subject: string | undefined): string {
  return subject === undefined ? operation : `${operation} ${subject}`;
}
