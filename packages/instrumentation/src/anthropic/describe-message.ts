import { attributeKey, genAiOperation } from '@spanwise/semconv';
import { readField, readNumber, readText } from '../model-client/read-fields.ts';
import type { DescribeRequest } from '../model-client/request-description.ts';
import { buildLlmAttributes } from '../traced/model-attributes.ts';

/** `POST /v1/messages`: `messages`, `system`, `tools`, `stop_sequences` and `metadata` are not read. */
export const describeMessageRequest: DescribeRequest = (body, endpoint) => {
  const model = readText(body, 'model');
  const stream = readField(body, 'stream');
  const thinking = readField(body, 'thinking');
  const outputConfig = readField(body, 'output_config');
  const attributes = buildLlmAttributes({
    ...endpoint,
    model,
    stream: typeof stream === 'boolean' ? stream : undefined,
    maxTokens: readNumber(body, 'max_tokens'),
    temperature: readNumber(body, 'temperature'),
    topP: readNumber(body, 'top_p'),
    topK: readNumber(body, 'top_k'),
    outputType: readText(readField(outputConfig, 'format'), 'type') === 'json_schema' ? 'json' : undefined,
    attributes: {
      [attributeKey.anthropicRequestServiceTier]: readText(body, 'service_tier'),
      [attributeKey.requestReasoningLevel]: readText(outputConfig, 'effort'),
      [attributeKey.anthropicThinkingType]: readText(thinking, 'type'),
      [attributeKey.anthropicThinkingBudgetTokens]: readNumber(thinking, 'budget_tokens'),
    },
  });
  return { operation: genAiOperation.chat, model, attributes };
};

/** `POST /v1/messages/batches`: its requests are not read, so no model is known. */
export const describeBatchRequest: DescribeRequest = (_body, endpoint) => ({
  operation: genAiOperation.createBatch,
  model: undefined,
  attributes: {
    [attributeKey.operationName]: genAiOperation.createBatch,
    [attributeKey.providerName]: endpoint.provider,
    [attributeKey.serverAddress]: endpoint.serverAddress,
    [attributeKey.serverPort]: endpoint.serverPort,
  },
});
