/**
 * Attribute keys that Spanwise writes, by the names of the OpenTelemetry GenAI and HTTP conventions
 * (open-telemetry/semantic-conventions-genai `model/gen-ai/registry.yaml`, all of status Development;
 * open-telemetry/semantic-conventions `docs/http/http-spans.md`, stable). Where a name changed, the new
 * one is written; readers go through the dialect table, which knows the old ones.
 */
export const attributeKey = {
  // Identity of an agent step
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  agentName: 'gen_ai.agent.name',
  agentId: 'gen_ai.agent.id',
  conversationId: 'gen_ai.conversation.id',
  /** A pseudonym, never the name or address of a person (registry `enduser`). */
  enduserPseudoId: 'enduser.pseudo.id',
  workflowName: 'gen_ai.workflow.name',
  dataSourceId: 'gen_ai.data_source.id',
  evaluationName: 'gen_ai.evaluation.name',
  evaluationScoreValue: 'gen_ai.evaluation.score.value',
  evaluationScoreLabel: 'gen_ai.evaluation.score.label',
  tokenType: 'gen_ai.token.type',
  // The conventions do not name these yet.
  guardrailName: 'spanwise.guardrail.name',
  guardrailStage: 'spanwise.guardrail.stage',
  guardrailOutcome: 'spanwise.guardrail.outcome',
  handoffSource: 'spanwise.handoff.source',
  outputType: 'gen_ai.output.type',

  // Request of a model call
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestTopK: 'gen_ai.request.top_k',
  requestFrequencyPenalty: 'gen_ai.request.frequency_penalty',
  requestPresencePenalty: 'gen_ai.request.presence_penalty',
  requestSeed: 'gen_ai.request.seed',
  requestChoiceCount: 'gen_ai.request.choice.count',
  requestEncodingFormats: 'gen_ai.request.encoding_formats',
  requestReasoningLevel: 'gen_ai.request.reasoning.level',
  requestPreviousResponseId: 'gen_ai.request.previous_response.id',
  embeddingsDimensionCount: 'gen_ai.embeddings.dimension.count',

  // Response of a model call
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  /** Seconds, a double. */
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  /** Ours: names of the tools that the answer asks for, in its order. Never their arguments. */
  responseToolCalls: 'spanwise.response.tool_calls',

  /** Ours: output tokens divided by the seconds of the whole call, a double. */
  responseTokensPerSecond: 'spanwise.response.tokens_per_second',

  // Tokens. Input and output are totals: cached tokens are part of input, reasoning tokens of output.
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  /** Called `gen_ai.usage.cache_creation.input_tokens` before semantic-conventions-genai#440. */
  usageCacheWriteInputTokens: 'gen_ai.usage.cache_write.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  /** US dollars, as the provider says (semantic-conventions-genai#443, not merged). */
  usageCostAmount: 'gen_ai.usage.cost.amount',
  usageAudioInputTokens: 'gen_ai.usage.audio.input_tokens',
  usageImageInputTokens: 'gen_ai.usage.image.input_tokens',
  usageAudioOutputTokens: 'gen_ai.usage.audio.output_tokens',
  usageImageOutputTokens: 'gen_ai.usage.image.output_tokens',
  /** Ours, for the conventions have no word for it: `unknown` on an answered call whose tokens nobody told, `partial` where a stream was left after its first part. */
  usageState: 'spanwise.usage.state',

  // What OpenAI's API adds
  openaiApiType: 'openai.api.type',
  openaiRequestServiceTier: 'openai.request.service_tier',
  openaiResponseServiceTier: 'openai.response.service_tier',
  openaiResponseSystemFingerprint: 'openai.response.system_fingerprint',

  // What Anthropic's API adds, by the names of its own client. Cache writes cost by how long they live.
  anthropicRequestServiceTier: 'anthropic.request.service_tier',
  anthropicResponseServiceTier: 'anthropic.response.service_tier',
  anthropicThinkingType: 'anthropic.thinking.type',
  anthropicThinkingBudgetTokens: 'anthropic.thinking.budget_tokens',
  anthropicUsageCacheWrite5m: 'anthropic.usage.cache_creation.ephemeral_5m_input_tokens',
  anthropicUsageCacheWrite1h: 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',

  // MCP and the JSON-RPC below it (semantic-conventions `docs/gen-ai/mcp.md`)
  mcpMethodName: 'mcp.method.name',
  mcpProtocolVersion: 'mcp.protocol.version',
  mcpSessionId: 'mcp.session.id',
  mcpResourceUri: 'mcp.resource.uri',
  jsonRpcRequestId: 'jsonrpc.request.id',
  rpcResponseStatusCode: 'rpc.response.status_code',
  networkTransport: 'network.transport',
  promptName: 'gen_ai.prompt.name',

  // Tools, retrieval, memory
  toolName: 'gen_ai.tool.name',
  toolCallId: 'gen_ai.tool.call.id',
  toolType: 'gen_ai.tool.type',
  retrievalTopK: 'gen_ai.retrieval.top_k',
  memoryStoreId: 'gen_ai.memory.store.id',
  memoryRecordId: 'gen_ai.memory.record.id',

  // Any span
  errorType: 'error.type',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStacktrace: 'exception.stacktrace',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  httpRequestMethod: 'http.request.method',
  httpRequestResendCount: 'http.request.resend_count',
  httpResponseStatusCode: 'http.response.status_code',
  httpRoute: 'http.route',
  urlFull: 'url.full',

  // Resource
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
  deploymentEnvironmentName: 'deployment.environment.name',
  containerId: 'container.id',
  k8sPodName: 'k8s.pod.name',
  k8sPodUid: 'k8s.pod.uid',
  k8sNamespaceName: 'k8s.namespace.name',
  k8sNodeName: 'k8s.node.name',
  hostName: 'host.name',
  hostArch: 'host.arch',
  osType: 'os.type',
  processPid: 'process.pid',
  processExecutableName: 'process.executable.name',
  processRuntimeName: 'process.runtime.name',
  processRuntimeVersion: 'process.runtime.version',
} as const;

/** Well-known values of `gen_ai.operation.name`, and `create_batch`, `rerank`, `guardrail`, `handoff` and `evaluate`, which the conventions do not name yet. */
export const genAiOperation = {
  chat: 'chat',
  generateContent: 'generate_content',
  createBatch: 'create_batch',
  textCompletion: 'text_completion',
  embeddings: 'embeddings',
  retrieval: 'retrieval',
  rerank: 'rerank',
  guardrail: 'guardrail',
  handoff: 'handoff',
  evaluate: 'evaluate',
  invokeAgent: 'invoke_agent',
  invokeWorkflow: 'invoke_workflow',
  executeTool: 'execute_tool',
  searchMemory: 'search_memory',
  createMemory: 'create_memory',
  updateMemory: 'update_memory',
  upsertMemory: 'upsert_memory',
  deleteMemory: 'delete_memory',
} as const;

/** Operations that are one call to a model: only their usage and cost are counted. */
export const modelOperations: ReadonlySet<string> = new Set([
  genAiOperation.chat,
  genAiOperation.textCompletion,
  genAiOperation.generateContent,
  genAiOperation.embeddings,
]);
