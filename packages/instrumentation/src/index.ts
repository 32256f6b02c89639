/** Spans for the steps of an agent, a traced client for services, log fields: on top of any OpenTelemetry set-up. */
export { type PinoMixinOptions, pinoMixin, type TraceLogFields } from './logs/pino-mixin.ts';
export { currentTraceId } from './logs/trace-ids.ts';
export { type WrapOpenAIOptions, wrapOpenAI } from './openai/wrap-openai.ts';
export { ServiceError } from './service-client/service-error.ts';
export {
  TracedServiceClient,
  type TracedServiceClientOptions,
} from './service-client/traced-service-client.ts';
export { type ModelResponse, ModelSpan, type TokenUsage } from './traced/model-span.ts';
export type {
  AgentOptions,
  EmbeddingOptions,
  LlmOptions,
  MemoryOptions,
  RerankOptions,
  RetrievalOptions,
  StepOptions,
  ToolOptions,
  WorkflowOptions,
} from './traced/step-options.ts';
export { type StepFunction, traced } from './traced/traced.ts';
export { ToolSpan, TracedSpan } from './traced/traced-span.ts';
export { SCOPE_NAME } from './version.ts';
