/** Spans for the steps of an agent, a traced client for services, log fields: on top of any OpenTelemetry set-up. */
export { type TraceAiSdkOptions, traceAiSdk } from './ai-sdk/trace-ai-sdk.ts';
export { type WrapAnthropicOptions, wrapAnthropic } from './anthropic/wrap-anthropic.ts';
export { bindTrace, continueTrace, injectTrace, type TraceCarrier } from './conversation/carry-context.ts';
export {
  type ConversationOptions,
  conversationBaggageKeys,
  withConversation,
} from './conversation/conversation.ts';
export { type PinoMixinOptions, pinoMixin } from './logs/pino-mixin.ts';
export { currentTraceId } from './logs/trace-ids.ts';
export { type TraceLogFields, traceLogFields } from './logs/trace-log-fields.ts';
export { type WinstonFormat, type WinstonFormatOptions, winstonFormat } from './logs/winston-format.ts';
export { wrapMcpClient, wrapMcpServer } from './mcp/wrap-mcp.ts';
export { type WrapOpenAIOptions, wrapOpenAI } from './openai/wrap-openai.ts';
export type { CaptureMode } from './privacy/capture-rules.ts';
export {
  type CaptureOptions,
  type ContentKind,
  type ContentOfSpan,
  capturedContent,
  configureCapture,
  isStrictCapture,
} from './privacy/content-capture.ts';
export { ServiceError } from './service-client/service-error.ts';
export {
  TracedServiceClient,
  type TracedServiceClientOptions,
} from './service-client/traced-service-client.ts';
export {
  type ModelCallFigures,
  type ModelResponse,
  ModelSpan,
  type TokenUsage,
} from './traced/model-span.ts';
export { OpenSpan } from './traced/open-span.ts';
export type {
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
} from './traced/step-options.ts';
export { type StepFunction, traced } from './traced/traced.ts';
export { EvaluationSpan, GuardrailSpan, ToolSpan, TracedSpan } from './traced/traced-span.ts';
export { SCOPE_NAME } from './version.ts';
