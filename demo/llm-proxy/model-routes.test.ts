import { describe, expect, it } from 'vitest';
import { createApp } from '../shared/app.ts';
import { addModelRoutes } from './model-routes.ts';
import { createOfflineModels } from './offline/offline-models.ts';
import { createProviderModels } from './provider-models.ts';

const offline = createOfflineModels({ firstChunkMillis: () => 0, tokensPerSecond: 1e9 });

function createProxy(models = offline, requestsPerMinute = 1000) {
  const app = createApp('llm-proxy');
  addModelRoutes(app, models, requestsPerMinute);
  return app;
}

const hello = { messages: [{ role: 'user', content: 'hello' }] };
const post = (payload: object, url = '/v1/chat/completions') => ({ method: 'POST' as const, url, payload });

describe('chat completions', () => {
  it('answer in the shape of the API', async () => {
    const response = await createProxy().inject(post(hello));
    expect(response.json()).toMatchObject({
      object: 'chat.completion',
      model: 'spanwise-offline-1',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    });
  });

  it('stream chunks and end with [DONE]', async () => {
    const response = await createProxy().inject(post({ ...hello, stream: true }));
    const data = response.body.trim().split('\n\n');
    expect(data.at(-1)).toBe('data: [DONE]');
    expect(JSON.parse(data.at(-2)?.slice('data: '.length) ?? '')).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [{ finish_reason: 'stop' }],
      usage: { total_tokens: expect.any(Number) },
    });
  });

  it.each([
    ['no messages', { messages: [] }, 'messages'],
    ['an unknown role', { messages: [{ role: 'king', content: 'x' }] }, 'messages.0.role'],
    ['a number for text', { messages: [{ role: 'user', content: 4 }] }, 'messages.0.content'],
    ['an endless answer', { ...hello, max_tokens: 1e9 }, 'max_tokens'],
  ])('refuse %s', async (_name, payload, path) => {
    const response = await createProxy().inject(post(payload));
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'invalid_request', problems: [{ path }] });
  });

  it('refuse a model that is not there', async () => {
    const response = await createProxy().inject(post({ ...hello, model: 'gpt-4o' }));
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({ code: 'model_not_found' });
  });

  it('say when to come again once the minute is used up', async () => {
    const proxy = createProxy(offline, 2);
    const answers = [];
    for (let call = 0; call < 3; call++) answers.push(await proxy.inject(post(hello)));
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers['retry-after']).toBe('30');
    expect(answers[2]?.json()).toEqual({ code: 'rate_limited' });
  });
});

describe('embeddings', () => {
  it('come in the order of the texts', async () => {
    const response = await createProxy().inject(post({ input: ['a text', 'another'] }, '/v1/embeddings'));
    const { data, model } = response.json() as {
      data: { index: number; embedding: number[] }[];
      model: string;
    };
    expect(model).toBe('spanwise-offline-embed-256');
    expect(data.map((item) => [item.index, item.embedding.length])).toEqual([
      [0, 256],
      [1, 256],
    ]);
  });

  it('refuse an empty list', async () => {
    expect((await createProxy().inject(post({ input: [] }, '/v1/embeddings'))).statusCode).toBe(400);
  });
});

describe('with a provider', () => {
  /** The provider is another proxy, over a real socket. */
  async function withProvider(run: (proxy: ReturnType<typeof createProxy>) => Promise<void>) {
    const provider = createProxy();
    const baseUrl = `${await provider.listen({ host: '127.0.0.1', port: 0 })}/v1`;
    const models = createProviderModels({
      apiKey: 'key',
      baseUrl,
      chatModel: offline.chatModel,
      embeddingModel: offline.embeddingModel,
    });
    try {
      await run(createProxy(models));
    } finally {
      await provider.close();
    }
  }

  it('hands on the answer and the embeddings', () =>
    withProvider(async (proxy) => {
      const own = (await createProxy().inject(post(hello))).json();
      const forwarded = (await proxy.inject(post(hello))).json();
      expect(forwarded.choices).toEqual(own.choices);
      const embedded = (await proxy.inject(post({ input: 'a text' }, '/v1/embeddings'))).json();
      expect(embedded.data[0].embedding).toHaveLength(256);
    }));

  it('hands on tool calls', () =>
    withProvider(async (proxy) => {
      const messages = [{ role: 'user', content: 'What is 2 + 3?' }];
      const tools = [{ type: 'function', function: { name: 'calculator', parameters: {} } }];
      const answer = (await proxy.inject(post({ messages, tools }))).json();
      expect(answer.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { tool_calls: [{ function: { name: 'calculator', arguments: '{"expression":"2 + 3"}' } }] },
      });
    }));

  it('answers with a code when the provider refuses, without its text', () =>
    withProvider(async (proxy) => {
      const response = await proxy.inject(post({ ...hello, model: 'other' }));
      expect(response.statusCode).toBe(502);
      expect(response.json()).toEqual({ code: 'provider_404' });
    }));
});
