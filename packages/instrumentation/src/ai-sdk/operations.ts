import { type Attributes, type Context, context, SpanKind, trace } from '@opentelemetry/api';
import { attributeKey, genAiOperation, providerName } from '@spanwise/semconv';
import { conversationAttributes } from '../conversation/conversation.ts';
import { measureAgent, measureTool, type StepMeasure } from '../metrics/step-metrics.ts';
import { type AnswerReader, ModelCall } from '../model-client/model-call.ts';
import { readField, readNumber, readText } from '../model-client/read-fields.ts';
import { withAgentName } from '../privacy/content-capture.ts';
import { withActiveTool } from '../traced/active-tool.ts';
import { buildEmbeddingAttributes, buildLlmAttributes } from '../traced/model-attributes.ts';
import { SpanLife } from '../traced/span-life.ts';
import { startModelSpan } from '../traced/start-model-span.ts';
import type { LlmOptions } from '../traced/step-options.ts';
import { TracedSpan } from '../traced/traced-span.ts';
import { currentTracer } from '../tracer.ts';
import { contentOfEvent, createAnswerCollector } from './message-content.ts';
import { createEmbeddingReader, createModelReader, createPlainReader } from './model-reader.ts';

/** A span that was started for one event of the AI SDK, and the context that its work runs in. */
export interface StartedSpan {
  readonly span: TracedSpan;
  readonly life: SpanLife;
  readonly spanContext: Context;
}

export interface StartedCall {
  readonly call: ModelCall;
  readonly spanContext: Context;
}

/** `generateText`, `streamText` and agents: with a `functionId` an agent's turn, else the SDK's own name. */
export function startOperation(event: unknown): StartedSpan {
  const functionId = readText(event, 'functionId');
  const active = context.active();
  if (functionId === undefined) {
    return startSpan(readText(event, 'operationId') ?? 'ai', SpanKind.INTERNAL, {}, active);
  }
  const attributes = {
    ...conversationAttributes(),
    [attributeKey.operationName]: genAiOperation.invokeAgent,
    [attributeKey.agentName]: functionId,
    [attributeKey.providerName]: providerOf(event),
    [attributeKey.requestModel]: readText(event, 'modelId'),
  };
  const name = `${genAiOperation.invokeAgent} ${functionId}`;
  const { measure, turnContext } = measureAgent(attributes, active);
  return startSpan(name, SpanKind.INTERNAL, attributes, withAgentName(turnContext, functionId), measure);
}

/** A tool of the application that the AI SDK runs. */
export function startTool(event: unknown): StartedSpan {
  const toolCall = readField(event, 'toolCall');
  const name = readText(toolCall, 'toolName') ?? '_OTHER';
  const attributes = {
    [attributeKey.operationName]: genAiOperation.executeTool,
    [attributeKey.toolName]: name,
    [attributeKey.toolCallId]: readText(toolCall, 'toolCallId'),
    [attributeKey.toolType]: 'function',
  };
  const active = context.active();
  const started = startSpan(
    `${genAiOperation.executeTool} ${name}`,
    SpanKind.INTERNAL,
    attributes,
    active,
    measureTool(attributes, active),
  );
  started.span.recordContent({ toolArguments: () => readField(toolCall, 'input') });
  return { ...started, spanContext: withActiveTool(started.spanContext, name) };
}

/** One request to a language model. */
export function startModelCall(event: unknown, isStream: boolean | undefined): StartedCall {
  const attributes = buildLlmAttributes({
    provider: providerOf(event),
    model: readText(event, 'modelId'),
    stream: isStream,
    maxTokens: readNumber(event, 'maxOutputTokens'),
    temperature: readNumber(event, 'temperature'),
    topP: readNumber(event, 'topP'),
    topK: readNumber(event, 'topK'),
    frequencyPenalty: readNumber(event, 'frequencyPenalty'),
    presencePenalty: readNumber(event, 'presencePenalty'),
    seed: readNumber(event, 'seed'),
    attributes: { [attributeKey.requestReasoningLevel]: readText(event, 'reasoning') },
  });
  return startCall(genAiOperation.chat, event, attributes, createModelReader());
}

export function startEmbedding(event: unknown): StartedCall {
  const attributes = buildEmbeddingAttributes({
    provider: providerOf(event),
    model: readText(event, 'modelId'),
    dimensions: readNumber(event, 'dimensions'),
  });
  return startCall(genAiOperation.embeddings, event, attributes, createEmbeddingReader());
}

/** `generateSpeech`, `transcribe`. */
export function startMedia(event: unknown, outputType: LlmOptions['outputType']): StartedCall {
  const operation = genAiOperation.generateContent;
  const attributes = buildLlmAttributes({
    provider: providerOf(event),
    model: readText(event, 'modelId'),
    operation,
    outputType,
  });
  return startCall(operation, event, attributes, createPlainReader());
}

export function startRerank(event: unknown): StartedCall {
  const attributes = {
    [attributeKey.operationName]: genAiOperation.rerank,
    [attributeKey.providerName]: providerOf(event),
    [attributeKey.requestModel]: readText(event, 'modelId'),
  };
  return startCall(genAiOperation.rerank, event, attributes, createPlainReader());
}

function startCall(
  operation: string,
  event: unknown,
  attributes: Attributes,
  reader: AnswerReader,
): StartedCall {
  const { span, handle, spanContext } = startModelSpan(operation, readText(event, 'modelId'), attributes);
  const wants = operation === genAiOperation.chat && handle.wantsContent();
  if (wants) handle.recordContent(contentOfEvent(event));
  const capture = wants ? { collector: createAnswerCollector(), active: context.active() } : undefined;
  const call = new ModelCall(handle, new SpanLife(span, handle), reader, capture);
  return { call, spanContext };
}

function startSpan(
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  parent: Context,
  measure?: StepMeasure,
): StartedSpan {
  const otelSpan = currentTracer().startSpan(name, { kind, attributes }, parent);
  const span = new TracedSpan(otelSpan);
  return { span, life: new SpanLife(otelSpan, span, measure), spanContext: trace.setSpan(parent, otelSpan) };
}

/** `openai.chat` is OpenAI. */
function providerOf(event: unknown): string {
  return providerName(readText(event, 'provider') ?? 'unknown', 'vercel');
}
