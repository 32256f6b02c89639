import { attributeKey, genAiOperation } from '@spanwise/semconv';
import { readField, readNumber, readText } from '../model-client/read-fields.ts';
import type { DescribeRequest } from '../model-client/request-description.ts';
import { buildEmbeddingAttributes, buildLlmAttributes } from '../traced/model-attributes.ts';
import type { LlmOptions } from '../traced/step-options.ts';

/** `POST /chat/completions`: `messages`, `tools`, `stop`, `user` and `metadata` are not read. */
export const describeChatRequest: DescribeRequest = (body, endpoint, deployment) => {
  const model = readText(body, 'model') ?? deployment;
  const attributes = buildLlmAttributes({
    ...endpoint,
    model,
    stream: readStream(body),
    maxTokens: readNumber(body, 'max_completion_tokens') ?? readNumber(body, 'max_tokens'),
    temperature: readNumber(body, 'temperature'),
    topP: readNumber(body, 'top_p'),
    frequencyPenalty: readNumber(body, 'frequency_penalty'),
    presencePenalty: readNumber(body, 'presence_penalty'),
    seed: readNumber(body, 'seed'),
    choiceCount: readNumber(body, 'n'),
    outputType: readOutputType(readField(body, 'response_format')),
    attributes: {
      [attributeKey.openaiApiType]: 'chat_completions',
      [attributeKey.openaiRequestServiceTier]: readText(body, 'service_tier'),
      [attributeKey.requestReasoningLevel]: readText(body, 'reasoning_effort'),
    },
  });
  return { operation: genAiOperation.chat, model, attributes };
};

/** `POST /responses`: `input`, `instructions`, `tools`, `prompt`, `user` and `metadata` are not read. */
export const describeResponsesRequest: DescribeRequest = (body, endpoint, deployment) => {
  const model = readText(body, 'model') ?? deployment;
  const conversation = readField(body, 'conversation');
  const attributes = buildLlmAttributes({
    ...endpoint,
    model,
    stream: readStream(body),
    conversationId:
      typeof conversation === 'string' ? readText(body, 'conversation') : readText(conversation, 'id'),
    maxTokens: readNumber(body, 'max_output_tokens'),
    temperature: readNumber(body, 'temperature'),
    topP: readNumber(body, 'top_p'),
    outputType: readOutputType(readField(readField(body, 'text'), 'format')),
    attributes: {
      [attributeKey.openaiApiType]: 'responses',
      [attributeKey.openaiRequestServiceTier]: readText(body, 'service_tier'),
      [attributeKey.requestReasoningLevel]: readText(readField(body, 'reasoning'), 'effort'),
      [attributeKey.requestPreviousResponseId]: readText(body, 'previous_response_id'),
    },
  });
  return { operation: genAiOperation.chat, model, attributes };
};

/** `POST /embeddings`: `input` is not read. */
export const describeEmbeddingsRequest: DescribeRequest = (body, endpoint, deployment) => {
  const model = readText(body, 'model') ?? deployment;
  const encodingFormat = readText(body, 'encoding_format');
  const attributes = buildEmbeddingAttributes({
    ...endpoint,
    model,
    dimensions: readNumber(body, 'dimensions'),
    encodingFormats: encodingFormat === undefined ? undefined : [encodingFormat],
  });
  return { operation: genAiOperation.embeddings, model, attributes };
};

/** `POST /completions`: `prompt`, `suffix`, `stop` and `user` are not read. */
export const describeCompletionRequest: DescribeRequest = (body, endpoint, deployment) => {
  const model = readText(body, 'model') ?? deployment;
  const attributes = buildLlmAttributes({
    ...endpoint,
    model,
    operation: genAiOperation.textCompletion,
    stream: readStream(body),
    maxTokens: readNumber(body, 'max_tokens'),
    temperature: readNumber(body, 'temperature'),
    topP: readNumber(body, 'top_p'),
    frequencyPenalty: readNumber(body, 'frequency_penalty'),
    presencePenalty: readNumber(body, 'presence_penalty'),
    seed: readNumber(body, 'seed'),
    choiceCount: readNumber(body, 'n'),
  });
  return { operation: genAiOperation.textCompletion, model, attributes };
};

/** `POST /images/*` and `/audio/*`: of the body only model, number and whether it is to be streamed. */
export function describeMediaRequest(outputType: 'image' | 'speech' | 'text'): DescribeRequest {
  return (body, endpoint, deployment) => {
    const model = readText(body, 'model') ?? deployment;
    const attributes = buildLlmAttributes({
      ...endpoint,
      model,
      operation: genAiOperation.generateContent,
      outputType,
      stream: readStream(body) ?? (readText(body, 'stream_format') === 'sse' ? true : undefined),
      choiceCount: readNumber(body, 'n'),
      temperature: readNumber(body, 'temperature'),
    });
    return { operation: genAiOperation.generateContent, model, attributes };
  };
}

/** `POST /batches`: the models are in a file. The span is called by the endpoint that its lines are for. */
export const describeBatchRequest: DescribeRequest = (body, endpoint) => {
  const apiPath = readText(body, 'endpoint');
  const attributes = {
    [attributeKey.operationName]: genAiOperation.createBatch,
    [attributeKey.providerName]: endpoint.provider,
    [attributeKey.serverAddress]: endpoint.serverAddress,
    [attributeKey.serverPort]: endpoint.serverPort,
  };
  // One of few, so it may stand in a name.
  return {
    operation: `${genAiOperation.createBatch}${apiPath === undefined ? '' : ` ${apiPath}`}`,
    model: undefined,
    attributes,
  };
};

function readStream(body: unknown): boolean | undefined {
  const stream = readField(body, 'stream');
  return typeof stream === 'boolean' ? stream : undefined;
}

/** Of `response_format` only its type: a schema is the application's own. */
function readOutputType(format: unknown): LlmOptions['outputType'] {
  const type = readText(format, 'type');
  if (type === 'text') return 'text';
  return type === 'json_object' || type === 'json_schema' ? 'json' : undefined;
}
