import type { TracedServiceClient } from '@spanwise/sdk';

export interface Embeddings {
  /** The model that made them; vectors of two models cannot be compared. */
  readonly model: string;
  readonly vectors: readonly (readonly number[])[];
}

/** Vectors for texts, in the texts' order. @throws ServiceError */
export type Embed = (texts: readonly string[]) => Promise<Embeddings>;

/** The fields of OpenAI's answer that are read. */
interface EmbeddingsAnswer {
  readonly model: string;
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[];
}

export function createEmbedder(llmProxy: TracedServiceClient): Embed {
  return async (texts) => {
    const answer = await llmProxy.post<EmbeddingsAnswer>('/v1/embeddings', { input: texts });
    const inOrder = answer.data.toSorted((left, right) => left.index - right.index);
    return { model: answer.model, vectors: inOrder.map((item) => item.embedding) };
  };
}
