import { createPrefixMatcher } from './prefix-matcher.ts';

/*
 * Attribute keys under which libraries send prompts, answers, tool arguments, retrieved text and the like, and
 * the events that exist to carry them. Sources: OpenTelemetry GenAI conventions (semantic-conventions-genai
 * model/gen-ai), OpenInference spec/semantic_conventions.md, Vercel AI SDK 60-telemetry.mdx, OpenLLMetry
 * ai-semantic-conventions, and the attribute lists of Laminar, Langfuse, MLflow, AgentOps, Pydantic AI, LiveKit.
 */

/** A key that begins with one of these holds content; `a.` also means `a` itself. Compared in lower case. */
export const contentKeyPrefixes: readonly string[] = [
  // OpenTelemetry GenAI, new and old
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.retrieval.query.text',
  'gen_ai.retrieval.documents',
  'gen_ai.memory.query.text',
  'gen_ai.memory.records',
  'gen_ai.evaluation.explanation',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.content.',
  'gen_ai.guardrail.input',
  'gen_ai.guardrail.output',
  'gen_ai.request.instructions',
  'gen_ai.request.system_instruction',
  'gen_ai.request.functions',
  'gen_ai.request.headers',
  'gen_ai.openai.instructions',
  // OpenInference
  'input.value',
  'output.value',
  'llm.input_messages.',
  'llm.output_messages.',
  'llm.prompts.',
  'llm.choices.',
  'llm.prompt_template.',
  'llm.tools.',
  'llm.function_call',
  'llm.invocation_parameters',
  'retrieval.documents.',
  'reranker.input_documents.',
  'reranker.output_documents.',
  'reranker.query',
  'embedding.embeddings.',
  'document.',
  'tool.parameters',
  'tool_call.function.arguments',
  'metadata',
  // Vercel AI SDK
  'ai.prompt',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolcalls',
  'ai.response.providermetadata',
  'ai.result.',
  'ai.toolcall.args',
  'ai.toolcall.result',
  'ai.value',
  'ai.embedding',
  'ai.documents',
  'ai.ranking',
  'ai.request.headers.',
  'ai.settings.context.',
  // OpenLLMetry, Laminar, Langfuse, MLflow, AgentOps, Pydantic AI, LiveKit, Google ADK
  'llm.request.functions',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'mcp.response.value',
  'db.query.result.',
  'db.query.embeddings.',
  'lmnr.span.input',
  'lmnr.span.output',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.observation.metadata',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'langfuse.trace.metadata',
  'mlflow.spaninputs',
  'mlflow.spanoutputs',
  'mlflow.traceinputs',
  'mlflow.traceoutputs',
  'mlflow.chat.tools',
  'mlflow.chunk.',
  'agentops.entity.input',
  'agentops.entity.output',
  'agent.reasoning',
  'tool.result',
  'pydantic_ai.all_messages',
  'logfire.msg',
  'lk.',
  'gcp.vertex.agent.',
  // Bodies, headers and bound values of plain services
  'http.request.body',
  'http.response.body',
  'http.request.headers',
  'http.request.header.',
  'http.response.headers',
  'http.response.header.',
  'rpc.request.metadata.',
  'rpc.response.metadata.',
  'rpc.grpc.request.metadata.',
  'rpc.grpc.response.metadata.',
  'db.query.parameter.',
  'db.operation.parameter.',
  'graphql.variables.',
];

const beginsAsContent = createPrefixMatcher(contentKeyPrefixes);

/** Exceptions from the list above: names, versions and sizes. `*` stands for one segment. */
const keptKeys: readonly string[] = [
  'gen_ai.prompt.name',
  'gen_ai.prompt.version',
  'llm.prompt_template.version',
];
const keptBodySize = /^http\.[^.]+\.body\.size$/;

/** True for a key whose value is content. */
export function isContentKey(key: string): boolean {
  const lower = key.toLowerCase();
  return beginsAsContent(lower) && !keptKeys.includes(lower) && !keptBodySize.test(lower);
}

const contentEvent = /^gen_ai\.(.+\.message|choice|client\.inference\.operation\.details|content\..+)$/;

/** True for the name of a span event or log event that carries messages in its attributes or body. */
export function isContentEvent(name: string): boolean {
  return contentEvent.test(name.toLowerCase());
}

/** True for any event of the GenAI conventions; its body and exception texts may quote content. */
export function isGenAiEvent(name: string): boolean {
  return name.toLowerCase().startsWith('gen_ai.');
}

/** What may stay on an event that carries messages. Anything else there is content until known better. */
export const contentEventMetadataKeys: readonly string[] = [
  'event.name',
  'error.type',
  'finish_reason',
  'id',
  'index',
  'role',
];
