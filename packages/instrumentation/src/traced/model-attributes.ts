import type { Attributes } from '@opentelemetry/api';
import { attributeKey, genAiOperation } from '@spanwise/semconv';
import type { EmbeddingOptions, LlmOptions } from './step-options.ts';

/** A library's caller may leave the model out; ours may not. */
type ModelMayBeAbsent<Options extends { readonly model: string }> = Omit<Options, 'model'> & {
  readonly model: string | undefined;
};

/** What an embeddings span carries from its start. */
export function buildEmbeddingAttributes(options: ModelMayBeAbsent<EmbeddingOptions>): Attributes {
  return {
    ...options.attributes,
    [attributeKey.operationName]: genAiOperation.embeddings,
    [attributeKey.providerName]: options.provider,
    [attributeKey.requestModel]: options.model,
    [attributeKey.embeddingsDimensionCount]: options.dimensions,
    [attributeKey.requestEncodingFormats]: options.encodingFormats && [...options.encodingFormats],
    [attributeKey.serverAddress]: options.serverAddress,
    [attributeKey.serverPort]: options.serverPort,
  };
}

/** What a model call's span carries from its start. */
export function buildLlmAttributes(options: ModelMayBeAbsent<LlmOptions>): Attributes {
  return {
    ...options.attributes,
    [attributeKey.operationName]: options.operation ?? genAiOperation.chat,
    [attributeKey.providerName]: options.provider,
    [attributeKey.requestModel]: options.model,
    [attributeKey.conversationId]: options.conversationId,
    [attributeKey.requestStream]: options.stream,
    [attributeKey.requestMaxTokens]: options.maxTokens,
    [attributeKey.requestTemperature]: options.temperature,
    [attributeKey.requestTopP]: options.topP,
    [attributeKey.requestTopK]: options.topK,
    [attributeKey.requestFrequencyPenalty]: options.frequencyPenalty,
    [attributeKey.requestPresencePenalty]: options.presencePenalty,
    [attributeKey.requestSeed]: options.seed,
    [attributeKey.requestChoiceCount]: options.choiceCount,
    [attributeKey.outputType]: options.outputType,
    [attributeKey.serverAddress]: options.serverAddress,
    [attributeKey.serverPort]: options.serverPort,
  };
}
