/** What the normaliser looks for. Ends in `Name` or `Metadata`: a help for other fields, no column. */
export type AgentField =
  | 'operation'
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'agent'
  | 'tool'
  | 'conversation'
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'reasoningTokens'
  | 'firstChunk'
  | 'cost'
  | 'entityName'
  | 'providerMetadata';

export type Dialect =
  | 'otel'
  | 'openinference'
  | 'vercel'
  | 'openllmetry'
  | 'laminar'
  | 'langfuse'
  | 'genkit'
  | 'mlflow'
  | 'agentops';

/** One attribute that one dialect uses for one field. */
export interface AgentSource {
  readonly field: AgentField;
  readonly dialect: Dialect;
  readonly key: string;
  /** Sent value in lower case → our value. A value that is not listed stays as it is. */
  readonly values?: Readonly<Record<string, string>>;
  /** Of `firstChunk`. */
  readonly unit?: 's' | 'ms';
}

const vercelOperations = {
  'ai.generatetext': 'invoke_agent',
  'ai.generatetext.dogenerate': 'chat',
  'ai.streamtext': 'invoke_agent',
  'ai.streamtext.dostream': 'chat',
  'ai.generateobject': 'invoke_agent',
  'ai.generateobject.dogenerate': 'chat',
  'ai.streamobject': 'invoke_agent',
  'ai.streamobject.dostream': 'chat',
  // The outer span repeats the usage of the inner one: it must not count as a second model call.
  'ai.embed': 'invoke_workflow',
  'ai.embed.doembed': 'embeddings',
  'ai.embedmany': 'invoke_workflow',
  'ai.embedmany.doembed': 'embeddings',
  'ai.rerank': 'invoke_workflow',
  'ai.rerank.dorerank': 'rerank',
  'ai.toolcall': 'execute_tool',
} as const;

const openInferenceKinds = {
  llm: 'chat',
  embedding: 'embeddings',
  retriever: 'retrieval',
  reranker: 'rerank',
  tool: 'execute_tool',
  agent: 'invoke_agent',
  chain: 'chain',
  guardrail: 'guardrail',
  evaluator: 'evaluate',
  prompt: 'prompt',
} as const;

const spanTypes = {
  workflow: 'invoke_workflow',
  task: 'task',
  agent: 'invoke_agent',
  tool: 'execute_tool',
  session: 'session',
  llm: 'chat',
  chat_model: 'chat',
  generation: 'chat',
  embedding: 'embeddings',
  retriever: 'retrieval',
  reranker: 'rerank',
  chain: 'chain',
  guardrail: 'guardrail',
  evaluator: 'evaluate',
} as const;

const requestTypes = {
  completion: 'text_completion',
  embedding: 'embeddings',
} as const;

/**
 * The attributes that name each field, in order of trust: where a span carries several, the first row wins.
 * Another dialect is some more rows here.
 */
export const agentSources: readonly AgentSource[] = [
  { field: 'operation', dialect: 'otel', key: 'gen_ai.operation.name' },
  {
    field: 'operation',
    dialect: 'openinference',
    key: 'openinference.span.kind',
    values: openInferenceKinds,
  },
  { field: 'operation', dialect: 'vercel', key: 'ai.operationId', values: vercelOperations },
  { field: 'operation', dialect: 'openllmetry', key: 'llm.request.type', values: requestTypes },
  { field: 'operation', dialect: 'openllmetry', key: 'traceloop.span.kind', values: spanTypes },
  { field: 'operation', dialect: 'laminar', key: 'lmnr.span.type', values: spanTypes },
  { field: 'operation', dialect: 'langfuse', key: 'langfuse.observation.type', values: spanTypes },
  { field: 'operation', dialect: 'mlflow', key: 'mlflow.spanType', values: spanTypes },
  { field: 'operation', dialect: 'agentops', key: 'agentops.span.kind', values: spanTypes },
  { field: 'operation', dialect: 'genkit', key: 'genkit:metadata:subtype', values: spanTypes },

  { field: 'provider', dialect: 'otel', key: 'gen_ai.provider.name' },
  { field: 'provider', dialect: 'otel', key: 'gen_ai.system' },
  { field: 'provider', dialect: 'openinference', key: 'llm.provider' },
  { field: 'provider', dialect: 'openinference', key: 'llm.system' },
  { field: 'provider', dialect: 'vercel', key: 'ai.model.provider' },

  { field: 'requestModel', dialect: 'otel', key: 'gen_ai.request.model' },
  { field: 'requestModel', dialect: 'openinference', key: 'llm.request.model_name' },
  { field: 'requestModel', dialect: 'openinference', key: 'llm.model_name' },
  { field: 'requestModel', dialect: 'openinference', key: 'embedding.model_name' },
  { field: 'requestModel', dialect: 'openinference', key: 'reranker.model_name' },
  { field: 'requestModel', dialect: 'vercel', key: 'ai.model.id' },

  { field: 'responseModel', dialect: 'otel', key: 'gen_ai.response.model' },
  { field: 'responseModel', dialect: 'openinference', key: 'llm.response.model_name' },
  { field: 'responseModel', dialect: 'vercel', key: 'ai.response.model' },
  { field: 'responseModel', dialect: 'openllmetry', key: 'llm.response.model' },

  { field: 'agent', dialect: 'otel', key: 'gen_ai.agent.name' },
  { field: 'agent', dialect: 'openinference', key: 'agent.name' },
  { field: 'agent', dialect: 'vercel', key: 'ai.telemetry.functionId' },

  { field: 'tool', dialect: 'otel', key: 'gen_ai.tool.name' },
  { field: 'tool', dialect: 'openinference', key: 'tool.name' },
  { field: 'tool', dialect: 'vercel', key: 'ai.toolCall.name' },

  { field: 'entityName', dialect: 'openllmetry', key: 'traceloop.entity.name' },

  { field: 'conversation', dialect: 'otel', key: 'gen_ai.conversation.id' },
  { field: 'conversation', dialect: 'openinference', key: 'session.id' },
  { field: 'conversation', dialect: 'vercel', key: 'ai.telemetry.metadata.sessionId' },
  { field: 'conversation', dialect: 'openllmetry', key: 'traceloop.association.properties.session_id' },
  { field: 'conversation', dialect: 'laminar', key: 'lmnr.association.properties.session_id' },
  { field: 'conversation', dialect: 'langfuse', key: 'langfuse.session.id' },

  { field: 'inputTokens', dialect: 'otel', key: 'gen_ai.usage.input_tokens' },
  { field: 'inputTokens', dialect: 'otel', key: 'gen_ai.usage.prompt_tokens' },
  { field: 'inputTokens', dialect: 'openinference', key: 'llm.token_count.prompt' },
  { field: 'inputTokens', dialect: 'vercel', key: 'ai.usage.inputTokens' },
  { field: 'inputTokens', dialect: 'vercel', key: 'ai.usage.promptTokens' },
  { field: 'inputTokens', dialect: 'vercel', key: 'ai.usage.tokens' },

  { field: 'outputTokens', dialect: 'otel', key: 'gen_ai.usage.output_tokens' },
  { field: 'outputTokens', dialect: 'otel', key: 'gen_ai.usage.completion_tokens' },
  { field: 'outputTokens', dialect: 'openinference', key: 'llm.token_count.completion' },
  { field: 'outputTokens', dialect: 'vercel', key: 'ai.usage.outputTokens' },
  { field: 'outputTokens', dialect: 'vercel', key: 'ai.usage.completionTokens' },

  { field: 'cacheReadTokens', dialect: 'otel', key: 'gen_ai.usage.cache_read.input_tokens' },
  { field: 'cacheReadTokens', dialect: 'openinference', key: 'llm.token_count.prompt_details.cache_read' },
  { field: 'cacheReadTokens', dialect: 'vercel', key: 'ai.usage.cachedInputTokens' },
  { field: 'cacheReadTokens', dialect: 'openllmetry', key: 'gen_ai.usage.cache_read_input_tokens' },
  { field: 'cacheReadTokens', dialect: 'openllmetry', key: 'gen_ai.usage.cache_read_tokens' },
  { field: 'cacheReadTokens', dialect: 'openllmetry', key: 'gen_ai.usage.details.cache_read_tokens' },

  { field: 'cacheWriteTokens', dialect: 'otel', key: 'gen_ai.usage.cache_write.input_tokens' },
  { field: 'cacheWriteTokens', dialect: 'otel', key: 'gen_ai.usage.cache_creation.input_tokens' },
  { field: 'cacheWriteTokens', dialect: 'openinference', key: 'llm.token_count.prompt_details.cache_write' },
  { field: 'cacheWriteTokens', dialect: 'openllmetry', key: 'gen_ai.usage.cache_creation_input_tokens' },
  { field: 'cacheWriteTokens', dialect: 'openllmetry', key: 'gen_ai.usage.cache_write_tokens' },
  { field: 'cacheWriteTokens', dialect: 'openllmetry', key: 'gen_ai.usage.details.cache_write_tokens' },
  { field: 'cacheWriteTokens', dialect: 'openllmetry', key: 'gen_ai.usage.input_tokens.cache_write' },

  { field: 'reasoningTokens', dialect: 'otel', key: 'gen_ai.usage.reasoning.output_tokens' },
  { field: 'reasoningTokens', dialect: 'openinference', key: 'llm.token_count.completion_details.reasoning' },
  { field: 'reasoningTokens', dialect: 'vercel', key: 'ai.usage.reasoningTokens' },
  { field: 'reasoningTokens', dialect: 'openllmetry', key: 'gen_ai.usage.reasoning_tokens' },

  { field: 'providerMetadata', dialect: 'vercel', key: 'ai.response.providerMetadata' },

  { field: 'firstChunk', dialect: 'otel', key: 'gen_ai.response.time_to_first_chunk', unit: 's' },
  { field: 'firstChunk', dialect: 'vercel', key: 'gen_ai.client.operation.time_to_first_chunk', unit: 's' },
  { field: 'firstChunk', dialect: 'vercel', key: 'ai.response.msToFirstChunk', unit: 'ms' },
  { field: 'firstChunk', dialect: 'vercel', key: 'ai.stream.msToFirstChunk', unit: 'ms' },

  { field: 'cost', dialect: 'otel', key: 'gen_ai.usage.cost.amount' },
  { field: 'cost', dialect: 'openinference', key: 'llm.cost.total' },
  { field: 'cost', dialect: 'openllmetry', key: 'gen_ai.usage.cost' },
];

/** Old or foreign spellings of `gen_ai.provider.name` values, in lower case. */
const providerNames: Readonly<Record<string, string>> = {
  'az.ai.inference': 'azure.ai.inference',
  'az.ai.openai': 'azure.ai.openai',
  amazon: 'aws.bedrock',
  'amazon-bedrock': 'aws.bedrock',
  aws: 'aws.bedrock',
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  google: 'gcp.gen_ai',
  'google-vertex': 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  vertex_ai: 'gcp.vertex_ai',
  vertexai: 'gcp.vertex_ai',
  xai: 'x_ai',
};

/** A provider as the conventions spell it. The AI SDK sends `openai.chat`: what follows the dot is the API. */
export function providerName(sent: string, dialect: Dialect): string {
  let name = sent.toLowerCase();
  if (dialect === 'vercel') name = name.split('.', 1)[0]!;
  return Object.hasOwn(providerNames, name) ? providerNames[name]! : name;
}

/** Our spelling of an operation or kind that `source` sent. */
export function operationName(sent: string, source: AgentSource): string {
  const lower = sent.toLowerCase();
  const values = source.values;
  return values !== undefined && Object.hasOwn(values, lower) ? values[lower]! : lower;
}
