/** Traces a Node.js service with one call; with it everything of `@spanwise/instrumentation`. */
export {
  type AgentOptions,
  bindTrace,
  type CaptureMode,
  type CaptureOptions,
  type ContentKind,
  type ContentOfSpan,
  type ConversationOptions,
  configureCapture,
  continueTrace,
  currentTraceId,
  type EmbeddingOptions,
  type EvaluationOptions,
  EvaluationSpan,
  type GuardrailOptions,
  GuardrailSpan,
  type HandoffOptions,
  injectTrace,
  type LlmOptions,
  type MemoryOptions,
  type ModelCallFigures,
  type ModelResponse,
  ModelSpan,
  OpenSpan,
  type PinoMixinOptions,
  type RerankOptions,
  type RetrievalOptions,
  ServiceError,
  type StepFunction,
  type StepOptions,
  type TokenUsage,
  type ToolOptions,
  ToolSpan,
  type TraceAiSdkOptions,
  type TraceCarrier,
  TracedServiceClient,
  type TracedServiceClientOptions,
  TracedSpan,
  type TraceLogFields,
  traceAiSdk,
  traced,
  traceLogFields,
  type WinstonFormat,
  type WinstonFormatOptions,
  type WorkflowOptions,
  type WrapAnthropicOptions,
  type WrapOpenAIOptions,
  withConversation,
  wrapAnthropic,
  wrapMcpClient,
  wrapMcpServer,
  wrapOpenAI,
} from '@spanwise/instrumentation';
export type { ExportCounts } from './export/export-pipeline.ts';
export { flushAfter } from './flush-after.ts';
export { HEALTH_PATHS } from './instrumentations/http-instrumentation.ts';
export {
  type PinoDestination,
  type PinoDestinationOptions,
  pinoDestination,
} from './logs/pino-destination.ts';
export { pinoMixin } from './logs/pino-mixin.ts';
export { type TracedConsole, type TracedConsoleOptions, tracedConsole } from './logs/traced-console.ts';
export { winstonFormat, winstonStream } from './logs/winston-stream.ts';
export { setupTracing } from './setup-tracing.ts';
export { createSpanProcessor } from './span-processor.ts';
export type { Tracing } from './tracing.ts';
export type { BatchOptions, DiskBufferOptions, OtlpProtocol, TracingOptions } from './tracing-options.ts';
