import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { context, propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CANARY, type OpenAiServer, startOpenAiServer } from '../testing/openai-server.ts';
import { drawTree, startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';
import { wrapOpenAI } from './wrap-openai.ts';

/*
 * One call, one span, whatever happens, and the caller sees nothing of it. Each case runs first without the
 * wrapper, then with it, and must come out the same. After each, no exported byte may hold the canary that
 * stands in every prompt, answer, argument and error message.
 */

const recorder = startSpanRecorder();
let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());
afterEach(() => {
  const bytes = JsonTraceSerializer.serializeRequest([...recorder.spans()]) ?? new Uint8Array();
  expect(Buffer.from(bytes).toString()).not.toContain(CANARY);
  recorder.clear();
});

type ClientOptions = ConstructorParameters<typeof OpenAI>[0];
type Request = Readonly<Record<string, unknown>>;

/** The two ways to ask for an answer. Their streams differ in type, and are read alike. */
interface Api {
  readonly id: string;
  readonly finishReason: string;
  create(client: OpenAI, request: Request, options?: object): ApiPromise;
}
interface ApiStream extends AsyncIterable<object> {
  readonly controller: AbortController;
  tee(): [ApiStream, ApiStream];
  toReadableStream(): ReadableStream<Uint8Array>;
}
interface ApiPromise extends Promise<ApiStream> {
  asResponse(): Promise<Response>;
  withResponse(): Promise<{ data: ApiStream; response: Response }>;
}

const chat: Api = {
  id: 'chatcmpl-1',
  finishReason: 'stop',
  create: (client, request, options) =>
    client.chat.completions.create(
      {
        messages: [{ role: 'user', content: CANARY }],
        ...(request.stream === true ? { stream_options: { include_usage: true } } : {}),
        ...request,
      } as never,
      options,
    ) as unknown as ApiPromise,
};
const responses: Api = {
  id: 'resp_1',
  finishReason: 'stop',
  create: (client, request, options) =>
    client.responses.create(
      { input: CANARY, instructions: CANARY, ...request } as never,
      options,
    ) as unknown as ApiPromise,
};

const usage = {
  'gen_ai.usage.input_tokens': 100,
  'gen_ai.usage.output_tokens': 30,
  'gen_ai.usage.cache_read.input_tokens': 80,
  'gen_ai.usage.reasoning.output_tokens': 10,
};
const unknownUsage = { 'spanwise.usage.state': 'unknown' };
const firstChunk = { 'gen_ai.response.time_to_first_chunk': expect.any(Number) };

interface Case {
  readonly name: string;
  /** Uses the library as an application does; what it returns must be the same without the wrapper. */
  run(create: (request?: Request, options?: object) => ApiPromise): Promise<unknown>;
  /** What the one span has, besides what each has. */
  readonly attributes: (api: Api) => Readonly<Record<string, unknown>>;
  readonly error?: string | RegExp;
  readonly clientOptions?: ClientOptions;
}

const streamed = { stream: true };

async function readAll(stream: AsyncIterable<object>): Promise<object[]> {
  const chunks: object[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

async function readSome(stream: AsyncIterable<object>, count = 3): Promise<object[]> {
  const chunks: object[] = [];
  for await (const chunk of stream) if (chunks.push(chunk) === count) break;
  return chunks;
}

/** How a call fails, as the application sees it. */
async function failureOf(work: PromiseLike<unknown>): Promise<object> {
  try {
    await work;
  } catch (thrown) {
    const { message, status } = thrown as Error & { status?: number };
    return { name: thrown?.constructor.name, message, status };
  }
  throw new Error('nothing failed');
}

const cases: readonly Case[] = [
  {
    name: 'an answer in one piece',
    run: async (create) => await create(),
    attributes: (api) => ({
      ...usage,
      'gen_ai.response.id': api.id,
      'gen_ai.response.model': 'answerer-2026',
      'gen_ai.response.finish_reasons': [api.finishReason],
      'openai.response.service_tier': 'flex',
    }),
  },
  {
    name: 'tool calls in one piece',
    run: async (create) => await create({ model: 'tools' }),
    attributes: () => ({
      ...usage,
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'spanwise.response.tool_calls': ['order_lookup'],
    }),
  },
  {
    name: 'an answer without usage',
    run: async (create) => await create({ model: 'no-usage' }),
    attributes: () => unknownUsage,
  },
  {
    name: 'the data with its raw response',
    run: async (create) => {
      const { data, response } = await create().withResponse();
      return [data, response.status, response.headers.get('x-request-id')];
    },
    attributes: () => usage,
  },
  {
    name: 'the raw response alone',
    run: async (create) => (await create().asResponse()).json(),
    attributes: () => unknownUsage,
  },
  {
    name: 'a stream read to its end',
    run: async (create) => readAll(await create(streamed)),
    attributes: (api) => ({
      ...usage,
      ...firstChunk,
      'gen_ai.request.stream': true,
      'gen_ai.response.id': api.id,
      'gen_ai.response.model': 'answerer-2026',
      'gen_ai.response.finish_reasons': [api.finishReason],
      'openai.response.service_tier': 'flex',
    }),
  },
  {
    name: 'a stream with its raw response',
    run: async (create) => {
      const { data, response } = await create(streamed).withResponse();
      return [await readAll(data), response.status];
    },
    attributes: () => ({ ...usage, ...firstChunk }),
  },
  {
    name: 'a stream of tool calls',
    run: async (create) => readAll(await create({ ...streamed, model: 'tools' })),
    attributes: () => ({
      ...usage,
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'spanwise.response.tool_calls': ['order_lookup'],
    }),
  },
  {
    name: 'a stream without usage',
    run: async (create) => readAll(await create({ ...streamed, model: 'no-usage' })),
    attributes: () => ({ ...unknownUsage, ...firstChunk }),
  },
  {
    name: 'a stream left early',
    run: async (create) => {
      const stream = await create({ ...streamed, model: 'endless' });
      return [await readSome(stream), stream.controller.signal.aborted];
    },
    attributes: (api) => ({ ...unknownUsage, ...firstChunk, 'gen_ai.response.id': api.id }),
  },
  {
    name: 'a stream given back unread',
    run: async (create) => {
      const stream = await create({ ...streamed, model: 'endless' });
      const result = await stream[Symbol.asyncIterator]().return?.();
      stream.controller.abort();
      return result;
    },
    attributes: () => unknownUsage,
  },
  {
    name: 'a socket that dies',
    run: async (create) => failureOf(readAll(await create({ ...streamed, model: 'dies' }))),
    attributes: () => ({ ...unknownUsage, ...firstChunk }),
    error: /^(UND_ERR_SOCKET|ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/,
  },
  {
    name: 'an HTTP 400',
    run: (create) => failureOf(create({ model: 'status-400' })),
    attributes: () => ({ 'http.response.status_code': 400 }),
    error: 'BadRequestError',
  },
  {
    name: 'an HTTP 500 of a stream',
    run: (create) => failureOf(create({ ...streamed, model: 'status-500' }, { maxRetries: 0 })),
    attributes: () => ({ 'http.response.status_code': 500 }),
    error: 'InternalServerError',
  },
  {
    name: 'an HTTP 429 without retries',
    run: (create) => failureOf(create({ model: 'status-429' }, { maxRetries: 0 })),
    attributes: () => ({ 'http.response.status_code': 429 }),
    error: 'rate_limit_exceeded',
  },
  {
    name: 'an HTTP 429, then the answer',
    run: async (create) => await create({ model: 'busy-once' }),
    attributes: () => ({ ...usage, 'http.request.resend_count': 1 }),
  },
  {
    name: 'a raw response that is an error',
    run: (create) => failureOf(create({ model: 'status-400' }).asResponse()),
    attributes: () => ({ 'http.response.status_code': 400 }),
    error: 'BadRequestError',
  },
  {
    name: 'nobody there',
    run: (create) => failureOf(create({}, { maxRetries: 0 })),
    attributes: () => ({}),
    // A port that fetch does not refuse by itself, and where nothing ever listens.
    clientOptions: { baseURL: 'http://127.0.0.1:2/v1' },
    error: 'ECONNREFUSED',
  },
  {
    name: 'an abort before the answer',
    run: async (create) => {
      const abort = new AbortController();
      const call = failureOf(create({ model: 'silent' }, { signal: abort.signal }));
      setImmediate(() => abort.abort());
      return call;
    },
    attributes: () => ({}),
    error: 'APIUserAbortError',
  },
  {
    name: 'an abort while the stream is read',
    run: async (create) => {
      const abort = new AbortController();
      const chunks: object[] = [];
      const stream = await create({ ...streamed, model: 'endless' }, { signal: abort.signal });
      for await (const chunk of stream) if (chunks.push(chunk) === 3) abort.abort();
      return chunks.slice(0, 3);
    },
    attributes: () => ({ ...unknownUsage, ...firstChunk }),
    error: 'AbortError',
  },
  {
    name: 'a timeout',
    run: (create) => failureOf(create({ model: 'silent' }, { timeout: 50, maxRetries: 0 })),
    attributes: () => ({}),
    error: 'APIConnectionTimeoutError',
  },
  {
    name: 'tee(), both read',
    run: async (create) => {
      const [left, right] = (await create(streamed)).tee();
      return Promise.all([readAll(left), readAll(right)]);
    },
    attributes: () => ({ ...usage, ...firstChunk }),
  },
  {
    name: 'tee(), one left early',
    run: async (create) => {
      const [left, right] = (await create(streamed)).tee();
      return [await readSome(left), await readAll(right)];
    },
    attributes: () => ({ ...usage, ...firstChunk }),
  },
  {
    name: 'toReadableStream()',
    run: async (create) => new Response((await create(streamed)).toReadableStream()).text(),
    attributes: () => ({ ...usage, ...firstChunk }),
  },
];

/** Each major has types of its own; what is used of them here is the same in all. */
const versions: readonly (readonly [major: string, load: () => Promise<unknown>])[] = [
  ['7', () => import('openai')],
  ['6', () => import('openai-v6')],
  ['5', () => import('openai-v5')],
  ['4', () => import('openai-v4')],
];

describe.each(versions)('openai %s', (_major, load) => {
  let Client: typeof OpenAI;
  beforeAll(async () => {
    ({ default: Client } = (await load()) as { default: typeof OpenAI });
  });
  const createClient = (options?: ClientOptions) =>
    new Client({ apiKey: 'key', baseURL: server.baseUrl, ...options });

  describe.each([
    ['chat', chat],
    ['responses', responses],
  ])('%s', (_apiName, api) => {
    it.each(cases)('$name: one span, same outcome', async ({ run, attributes, error, clientOptions }) => {
      const use = (client: OpenAI) =>
        run((request, options) => api.create(client, { model: 'asked-for', ...request }, options));
      const expected = await use(createClient(clientOptions));
      expect(recorder.spans()).toHaveLength(0);

      expect(await use(wrapOpenAI(createClient(clientOptions)))).toEqual(expected);

      expect(recorder.spans()).toHaveLength(1);
      const [span] = recorder.spans();
      const { 'server.port': port, ...others } = span?.attributes ?? {};
      expect(port).toBe(Number(new URL(clientOptions?.baseURL ?? server.baseUrl).port));
      expect(others).toMatchObject({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'server.address': '127.0.0.1',
        'openai.api.type': api === chat ? 'chat_completions' : 'responses',
        ...attributes(api),
      });
      expect(span?.name).toBe(`chat ${others['gen_ai.request.model']}`);
      expect(span?.kind).toBe(SpanKind.CLIENT);
      // Told or unknown, never both.
      expect('gen_ai.usage.input_tokens' in others && 'spanwise.usage.state' in others).toBe(false);
      expect(span?.status).toEqual({
        code: error === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR,
      });
      if (error === undefined) expect(others).not.toHaveProperty('error.type');
      else expect(others['error.type']).toEqual(expect.stringMatching(error));
    });

    it('a retry is an event of its call', async () => {
      await api.create(wrapOpenAI(createClient()), { model: 'busy-once' });
      const [span] = recorder.spans();
      expect(span?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
        ['retry', { 'http.request.resend_count': 1, 'http.response.status_code': 429 }],
      ]);
    });

    it.each(['the stream', 'the promise'])(
      '%s that nobody reads ends its span when collected',
      async (what) => {
        setFlagsFromString('--expose-gc');
        const collectGarbage: () => void = runInNewContext('gc');
        const client = wrapOpenAI(createClient());
        const forget = async () => {
          const promise = api.create(client, { model: 'endless', ...streamed });
          const stream = what === 'the stream' ? await promise : undefined;
          return stream?.controller.signal.aborted;
        };
        await forget();
        await vi.waitFor(
          () => {
            collectGarbage();
            expect(recorder.spans()).toHaveLength(1);
          },
          { timeout: 5000 },
        );
      },
    );

    it('two streams at once, inside an async generator: each its own span below the step', async () => {
      const client = wrapOpenAI(createClient());
      const merged = traced.step('merge', async function* () {
        const streams = await Promise.all([
          api.create(client, { ...streamed, model: 'left' }),
          api.create(client, { ...streamed, model: 'right' }),
        ]);
        const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
        for (let open = true; open; ) {
          const results = await Promise.all(iterators.map((iterator) => iterator.next()));
          open = results.some(({ done }) => done !== true);
          yield traced.step('chunk', () => results.length);
        }
      });
      for await (const _ of merged);
      const tree = drawTree(recorder.spans());
      expect(tree.filter((line) => line.startsWith('chat')).sort()).toEqual([
        'chat left < merge',
        'chat right < merge',
      ]);
      expect(new Set(tree.filter((line) => line.startsWith('chunk')))).toEqual(new Set(['chunk < merge']));
    });

    it('the next service is told the span of the call as its parent', async () => {
      const client = wrapOpenAI(
        createClient({
          fetch: (url, init) => {
            const headers = Object.fromEntries(new Headers(init?.headers));
            propagation.inject(context.active(), headers);
            return fetch(url as string, { ...init, headers } as RequestInit) as never;
          },
        }),
      );
      await readAll(await api.create(client, { ...streamed, model: 'hop' }));
      const { traceId, spanId } = recorder.getSpan('chat hop').spanContext();
      expect(server.headers.at(-1)?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    });

    it('directly inside traced.llm() fills that span', async () => {
      const client = wrapOpenAI(createClient());
      const stream = traced.llm({ model: 'outer', provider: 'gateway' }, async function* () {
        yield* await api.create(client, { ...streamed, model: 'inner' });
      });
      await readAll(stream as AsyncIterable<object>);
      expect(recorder.spans()).toHaveLength(1);
      expect(recorder.getSpan('chat outer').attributes).toMatchObject({ ...usage, ...firstChunk });
    });

    it('a second call inside traced.llm(), or one below another step, is a call of its own', async () => {
      const client = wrapOpenAI(createClient());
      await traced.llm({ model: 'outer', provider: 'gateway' }, async () => {
        await traced.step('retrieve', () => api.create(client, { model: 'below' }));
        await api.create(client, { model: 'first' });
        await api.create(client, { model: 'second' });
      });
      expect(drawTree(recorder.spans())).toEqual([
        'chat below < retrieve',
        'retrieve < chat outer',
        'chat second < chat outer',
        'chat outer',
      ]);
    });
  });

  it('embeddings: one span, decoded vectors', async () => {
    const request = { model: 'embedder', input: CANARY, dimensions: 2 };
    const expected = await createClient().embeddings.create(request);
    expect(await wrapOpenAI(createClient()).embeddings.create(request)).toEqual(expected);
    const span = recorder.getSpan('embeddings embedder');
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.embeddings.dimension.count': 2,
      'gen_ai.response.model': 'embedder-2026',
      'gen_ai.usage.input_tokens': 12,
    });
  });

  it('embeddings without usage say so', async () => {
    await wrapOpenAI(createClient()).embeddings.create({ model: 'no-usage', input: CANARY });
    expect(recorder.spans()[0]?.attributes).toMatchObject(unknownUsage);
  });

  it('.stream() of responses works as before, from one call', async () => {
    const client = wrapOpenAI(createClient());
    const stream = client.responses.stream({ model: 'helper', input: CANARY });
    expect((await stream.finalResponse()).id).toBe('resp_1');
    expect(recorder.getSpan('chat helper').attributes).toMatchObject({ ...usage, ...firstChunk });
  });

  it('.parse() and .stream() of chat give the parsed answer from one call', async () => {
    const client = wrapOpenAI(createClient());
    // In version 4 it is among the beta methods.
    const completions =
      'parse' in client.chat.completions
        ? client.chat.completions
        : (client as OpenAI & { beta: { chat: OpenAI['chat'] } }).beta.chat.completions;
    const request = {
      model: 'helper',
      messages: [{ role: 'user' as const, content: CANARY }],
      response_format: {
        type: 'json_schema' as const,
        json_schema: { name: 'answer', schema: {} },
      },
    };
    const answer = await completions.parse(request);
    expect(answer.choices[0]?.message.content).toContain(CANARY);
    expect(recorder.spans()).toHaveLength(1);
    expect(await failureOf(completions.parse({ ...request, model: 'status-400' }))).toMatchObject({
      status: 400,
    });
    expect(recorder.getSpan('chat status-400').attributes['error.type']).toBe('BadRequestError');
    const stream = completions.stream({ model: 'streaming-helper', messages: request.messages });
    expect((await stream.finalChatCompletion()).id).toBe('chatcmpl-1');
    expect(recorder.getSpan('chat streaming-helper').attributes).toMatchObject(firstChunk);
    expect(recorder.getSpan('chat helper').attributes).toMatchObject({
      ...usage,
      'gen_ai.output.type': 'json',
    });
  });

  it('the client, its promises and its streams stay what they are', async () => {
    const client = createClient();
    const bare = client.chat.completions.create({ model: 'bare', messages: [] });
    expect(wrapOpenAI(client)).toBe(client);
    expect(wrapOpenAI(client)).toBe(client);
    const promise = client.chat.completions.create({ model: 'asked-for', messages: [] });
    expect(promise.constructor).toBe(bare.constructor);
    expect(Object.keys(promise)).toEqual(Object.keys(bare));
    await Promise.all([bare, promise]);
    expect(recorder.spans()).toHaveLength(1);
  });

  it('a failure that nobody handles is still reported by the process', async () => {
    const unhandled = Promise.withResolvers<unknown>();
    const listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.once('unhandledRejection', unhandled.resolve);
    const client = wrapOpenAI(createClient());
    client.chat.completions.create({ model: 'status-400', messages: [] }).then(() => {});
    expect(await unhandled.promise).toMatchObject({ status: 400 });
    for (const listener of listeners) process.on('unhandledRejection', listener);
    expect(recorder.spans()).toHaveLength(1);
  });

  it('a client made by withOptions() is wrapped as well', async () => {
    const clone = wrapOpenAI(createClient()).withOptions?.({ maxRetries: 1 });
    if (clone === undefined) return; // Version 4 has no such method.
    await clone.chat.completions.create({ model: 'busy-once', messages: [] });
    expect(recorder.spans()).toHaveLength(1);
    expect(recorder.spans()[0]?.events).toHaveLength(1);
  });
});
