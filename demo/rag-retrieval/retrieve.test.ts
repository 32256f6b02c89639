import { describe, expect, it } from 'vitest';
import { createApp } from '../shared/app.ts';
import type { ChunkStore } from './chunk-store.ts';
import { addRetrieveRoute } from './retrieve.ts';

function createService() {
  const asked: number[] = [];
  const titles = ['Warranty', 'Descaling', 'Gift cards', 'Shipping', 'Beans', 'Milk'];
  const store: ChunkStore = {
    holds: async () => true,
    replaceAll: async () => {},
    findNearest: async (_vector, count) => {
      asked.push(count);
      return titles
        .slice(0, count)
        .map((title) => ({ id: title, title, text: `About ${title}.`, score: 0.5 }));
    },
  };
  const app = createApp('rag-retrieval');
  addRetrieveRoute(app, { store, embed: async () => ({ model: 'm', vectors: [[1, 0]] }) });
  const retrieve = (payload: unknown) =>
    app.inject({ method: 'POST', url: '/retrieve', payload: payload as object });
  return { asked, retrieve };
}

describe('POST /retrieve', () => {
  it('asks for three times top_k candidates and gives the best top_k, best first', async () => {
    const { asked, retrieve } = createService();
    const response = await retrieve({ query: 'descaling', top_k: 2 });
    const { documents } = response.json() as { documents: { title: string }[] };
    expect(asked).toEqual([6]);
    expect(documents).toHaveLength(2);
    expect(documents[0]?.title).toBe('Descaling');
  });

  it.each([
    ['nothing', {}, 'query'],
    ['an empty query', { query: '  ' }, 'query'],
    ['a query that is too long', { query: 'x'.repeat(2001) }, 'query'],
    ['half a document', { query: 'x', top_k: 1.5 }, 'top_k'],
    ['too many', { query: 'x', top_k: 21 }, 'top_k'],
  ])('refuses %s', async (_name, payload, path) => {
    const response = await createService().retrieve(payload);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'invalid_request', problems: [{ path }] });
  });
});
