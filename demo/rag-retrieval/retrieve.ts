import { traced } from '@spanwise/sdk';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RequestError, validate } from '../shared/request-error.ts';
import { scoreBm25 } from './bm25.ts';
import type { ChunkStore, ScoredChunk } from './chunk-store.ts';
import type { Embed } from './embedder.ts';

const RetrieveRequest = z.object({
  query: z.string().trim().min(1).max(2000),
  top_k: z.number().int().min(1).max(20).default(4),
});

/** As many candidates for each document wanted: the vectors find them, the words of the query order them. */
const CANDIDATES_PER_DOCUMENT = 3;

const DATA_SOURCE = 'brightcup-handbook';

export function addRetrieveRoute(
  app: FastifyInstance,
  { embed, store }: { readonly embed: Embed; readonly store: ChunkStore },
): void {
  app.post('/retrieve', async (request) => {
    const { query, top_k: topK } = validate(RetrieveRequest, request.body);
    return { documents: await retrieveDocuments(query, topK) };
  });

  function retrieveDocuments(query: string, topK: number): Promise<ScoredChunk[]> {
    const attributes = { 'query.length': query.length, top_k: topK };
    return traced.retrieval(
      { spanName: 'retrieve_documents', dataSourceId: DATA_SOURCE, topK, attributes },
      async (span) => {
        const vector = await embedQuery(query);
        const candidates = await searchVectors(vector, topK * CANDIDATES_PER_DOCUMENT);
        const documents = rerank(query, candidates).slice(0, topK);
        span.setAttribute('results.count', documents.length);
        return documents;
      },
    );
  }

  function embedQuery(query: string): Promise<readonly number[]> {
    return traced.step('generate_embedding', async () => {
      const [vector] = (await embed([query])).vectors;
      if (vector === undefined) throw new RequestError(502, 'no_embedding');
      return vector;
    });
  }

  function searchVectors(vector: readonly number[], count: number): Promise<ScoredChunk[]> {
    return traced.step('vector_search', async (span) => {
      const candidates = await store.findNearest(vector, count);
      span.setAttribute('candidates.count', candidates.length);
      return candidates;
    });
  }

  function rerank(query: string, candidates: readonly ScoredChunk[]): ScoredChunk[] {
    return traced.rerank({ spanName: 'rerank', model: 'bm25' }, (span) => {
      const scores = scoreBm25(
        query,
        candidates.map(({ title, text }) => `${title} ${title} ${text}`),
      );
      span.setAttribute('reranked.count', candidates.length);
      return candidates
        .map((candidate, index) => ({ ...candidate, score: candidate.score + (scores[index] ?? 0) }))
        .sort((left, right) => right.score - left.score);
    });
  }
}
