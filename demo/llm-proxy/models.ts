import type { ChatRequest, ToolCall } from './openai-api.ts';

/** Tokens as the model counts them. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface ChatOutcome {
  readonly id: string;
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: string;
  /** Absent when a provider does not say. */
  readonly usage: Usage | undefined;
}

export interface EmbeddingOutcome {
  readonly model: string;
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens: number | undefined;
}

/** Where answers and embeddings come from: a provider, or the offline answerer. */
export interface Models {
  /** `gen_ai.provider.name`, as far as it is known before the call. */
  readonly provider: string;
  readonly chatModel: string;
  readonly embeddingModel: string;
  /** False when only the models above exist. */
  readonly acceptsOtherModels: boolean;
  /** `onText` gets the answer piece by piece, as it comes. @throws RequestError */
  chat(
    request: ChatRequest & { readonly model: string },
    onText: (piece: string) => void,
    signal: AbortSignal,
  ): Promise<ChatOutcome>;
  embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<EmbeddingOutcome>;
}
