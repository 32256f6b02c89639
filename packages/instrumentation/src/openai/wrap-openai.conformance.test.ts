import type OpenAI from 'openai';
import { type AzureOpenAI as AzureClient, toFile } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../testing/conformance/cases.ts';
import {
  type ClientClass,
  describeConformance,
  expectNoCanary,
} from '../testing/conformance/describe-conformance.ts';
import { openAiChat, openAiResponses } from '../testing/conformance/model-clients.ts';
import { type ModelServer, startModelServer } from '../testing/model-server.ts';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { openAiWire } from '../testing/wire/openai-wire.ts';
import { CANARY } from '../testing/wire/wire.ts';
import { isAsyncIterable } from '../traced/stream-life.ts';
import { wrapOpenAI } from './wrap-openai.ts';

const recorder = startSpanRecorder();

/** Each major has types of its own; what is used of them here is the same in all. */
const versions: readonly (readonly [major: string, load: () => Promise<unknown>])[] = [
  ['openai 7', () => import('openai')],
  ['openai 6', () => import('openai-v6')],
  ['openai 5', () => import('openai-v5')],
  ['openai 4', () => import('openai-v4')],
];

describeConformance({
  recorder,
  wire: openAiWire,
  provider: 'openai',
  apis: [openAiChat, openAiResponses],
  versions: versions.map(([version, load]) => [
    version,
    async () => ((await load()) as { default: ClientClass }).default,
  ]),
  wrap: wrapOpenAI,
});

describe.each(versions)('the other methods and the helpers of %s', (_version, load) => {
  let server: ModelServer;
  let Client: typeof OpenAI;
  beforeAll(async () => {
    server = await startModelServer(openAiWire);
    ({ default: Client } = (await load()) as { default: typeof OpenAI });
  });
  afterAll(() => server.close());
  afterEach(() => {
    expectNoCanary(recorder);
    recorder.clear();
  });
  const createClient = () => new Client({ apiKey: 'key', baseURL: `${server.origin}/v1` });

  /** One span, and the same answer as without the wrapper. */
  async function callBoth(name: string, call: (client: OpenAI) => PromiseLike<unknown>) {
    const expected = await call(createClient());
    expect(await call(wrapOpenAI(createClient()))).toEqual(expected);
    expect(recorder.spans()).toHaveLength(1);
    return recorder.getSpan(name).attributes;
  }

  it('an Azure client, also one that is bound to a deployment', async () => {
    const { AzureOpenAI } = (await load()) as { AzureOpenAI: typeof AzureClient };
    const settings = { apiKey: 'key', apiVersion: '2026-01-01', endpoint: server.origin };
    const request = { model: 'asked-for', messages: [{ role: 'user' as const, content: CANARY }] };
    await wrapOpenAI(new AzureOpenAI(settings)).chat.completions.create(request);
    const bound = wrapOpenAI(new AzureOpenAI({ ...settings, deployment: 'ours' }));
    await bound.chat.completions.create({ ...request, model: '' });
    for (const name of ['chat asked-for', 'chat ours']) {
      expect(recorder.getSpan(name).attributes['gen_ai.provider.name']).toBe('azure.ai.openai');
    }
  });

  it('embeddings, decoded', async () => {
    const attributes = await callBoth('embeddings embedder', (client) =>
      client.embeddings.create({ model: 'embedder', input: CANARY, dimensions: 2 }),
    );
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.embeddings.dimension.count': 2,
      'gen_ai.response.model': 'embedder-2026',
      'gen_ai.usage.input_tokens': 12,
    });
  });

  it('embeddings without usage', async () => {
    const attributes = await callBoth('embeddings no-usage', (client) =>
      client.embeddings.create({ model: 'no-usage', input: CANARY }),
    );
    expect(attributes).toMatchObject({ 'spanwise.usage.state': 'unknown' });
  });

  it('text completions', async () => {
    const attributes = await callBoth('text_completion old', (client) =>
      client.completions.create({ model: 'old', prompt: CANARY, max_tokens: 7 }),
    );
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.usage.output_tokens': 7,
    });
  });

  it('images', async () => {
    const attributes = await callBoth('generate_content painter', (client) =>
      client.images.generate({ model: 'painter', prompt: CANARY, n: 2 }),
    );
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.output.type': 'image',
      'gen_ai.request.choice.count': 2,
      'gen_ai.usage.input_tokens': 20,
      'gen_ai.usage.image.input_tokens': 12,
      'gen_ai.usage.output_tokens': 300,
    });
  });

  it('images that come in parts', async () => {
    const attributes = await callBoth('generate_content painter', async (client) => {
      // Version 4 does not know the option, and gives the events as text.
      const stream: unknown = await client.images.generate({
        model: 'painter',
        prompt: CANARY,
        stream: true,
      });
      if (!isAsyncIterable(stream)) return stream;
      const events: unknown[] = [];
      for await (const event of stream) events.push(event);
      return events;
    });
    expect(attributes['gen_ai.output.type']).toBe('image');
  });

  it('an edited image, from a form', async () => {
    const attributes = await callBoth('generate_content painter', async (client) =>
      client.images.edit({
        model: 'painter',
        prompt: CANARY,
        image: await toFile(Buffer.from(CANARY), 'a.png'),
      }),
    );
    expect(attributes['gen_ai.usage.output_tokens']).toBe(300);
  });

  it('speech: the bytes are the callers, and nobody tells tokens', async () => {
    const attributes = await callBoth('generate_content speaker', async (client) => {
      const speech = await client.audio.speech.create({ model: 'speaker', voice: 'alloy', input: CANARY });
      return speech.text();
    });
    expect(attributes).toMatchObject({ 'gen_ai.output.type': 'speech', 'spanwise.usage.state': 'unknown' });
  });

  it.each(['transcriptions', 'translations'] as const)('%s', async (kind) => {
    const attributes = await callBoth('generate_content listener', async (client) =>
      client.audio[kind].create({ model: 'listener', file: await toFile(Buffer.from(CANARY), 'a.wav') }),
    );
    expect(attributes).toMatchObject({
      'gen_ai.output.type': 'text',
      'gen_ai.usage.input_tokens': 42,
      'gen_ai.usage.audio.input_tokens': 40,
      'gen_ai.usage.output_tokens': 9,
    });
  });

  it('a batch, which has used nothing yet', async () => {
    const attributes = await callBoth('create_batch /v1/chat/completions', (client) =>
      client.batches.create({
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
        input_file_id: 'file-1',
      }),
    );
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'create_batch',
      'gen_ai.response.id': 'batch_1',
    });
    expect(attributes).not.toHaveProperty('spanwise.usage.state');
  });

  it('.stream() of responses', async () => {
    const client = wrapOpenAI(createClient());
    const stream = client.responses.stream({ model: 'helper', input: CANARY });
    expect((await stream.finalResponse()).id).toBe('resp_1');
    expect(recorder.getSpan('chat helper').attributes).toMatchObject({
      ...openAiResponses.usage,
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
    });
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
    expect(recorder.getSpan('chat streaming-helper').attributes).toHaveProperty(
      'gen_ai.response.time_to_first_chunk',
    );
    expect(recorder.getSpan('chat helper').attributes).toMatchObject({
      ...openAiChat.usage,
      'gen_ai.output.type': 'json',
    });
  });
});
