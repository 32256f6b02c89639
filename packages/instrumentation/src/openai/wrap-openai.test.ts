import { afterEach, describe, expect, it } from 'vitest';
import { readEndpoint } from '../model-client/provider-endpoint.ts';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { wrapOpenAI } from './wrap-openai.ts';

const recorder = startSpanRecorder();
afterEach(() => recorder.clear());

/** An object whose content fields throw as soon as anybody looks. */
function withUntouchable<Fields extends object>(fields: Fields, ...contentFields: string[]): Fields {
  for (const name of contentFields) {
    Object.defineProperty(fields, name, {
      enumerable: true,
      get() {
        throw new Error(`${name} was touched`);
      },
    });
  }
  return fields;
}

/** A client that answers with what it is given: by duck typing the wrapper takes any. */
function clientAnswering(answer: unknown) {
  const resource = { create: async (_body: unknown) => answer };
  return wrapOpenAI({
    baseURL: 'https://api.groq.com/openai/v1',
    chat: { completions: { ...resource } },
    responses: { ...resource },
    embeddings: { ...resource },
  });
}

describe('content is not even looked at', () => {
  it('in a chat', async () => {
    const request = withUntouchable(
      { model: 'm', response_format: withUntouchable({ type: 'json_schema' }, 'json_schema') },
      ...['messages', 'tools', 'functions', 'stop', 'user', 'metadata', 'prediction'],
    );
    const call = { function: withUntouchable({ name: 'order_lookup' }, 'arguments') };
    const message = withUntouchable({ tool_calls: [call] }, 'content', 'refusal', 'reasoning', 'audio');
    const choice = withUntouchable({ message, finish_reason: 'tool_calls' }, 'logprobs');
    const answer = { id: 'id', model: 'm-1', choices: [choice], usage: { prompt_tokens: 4 } };
    expect(await clientAnswering(answer).chat.completions.create(request)).toBe(answer);
    expect(recorder.getSpan('chat m').attributes).toMatchObject({
      'gen_ai.provider.name': 'groq',
      'gen_ai.output.type': 'json',
      'gen_ai.usage.input_tokens': 4,
      'spanwise.response.tool_calls': ['order_lookup'],
    });
  });

  it('in a stream of a chat', async () => {
    const part = { index: 0, function: withUntouchable({ name: 'order_lookup' }, 'arguments') };
    const delta = withUntouchable({ tool_calls: [part] }, 'content', 'refusal', 'reasoning_content');
    async function* chunks() {
      yield { id: 'id', choices: [{ index: 0, delta }] };
      yield { id: 'id', choices: [], x_groq: { usage: { prompt_tokens: 4, completion_tokens: 2 } } };
    }
    const stream = (await clientAnswering(chunks()).chat.completions.create({
      model: 'm',
    })) as AsyncIterable<unknown>;
    for await (const _ of stream);
    expect(recorder.getSpan('chat m').attributes).toMatchObject({
      'gen_ai.usage.output_tokens': 2,
      'spanwise.response.tool_calls': ['order_lookup'],
    });
  });

  it('in a response', async () => {
    const request = withUntouchable(
      { model: 'm', text: { format: withUntouchable({ type: 'json_schema' }, 'schema') } },
      ...['input', 'instructions', 'tools', 'prompt', 'user', 'metadata'],
    );
    const output = [
      withUntouchable({ type: 'message' }, 'content'),
      withUntouchable({ type: 'reasoning' }, 'summary', 'content'),
      withUntouchable({ type: 'function_call', name: 'order_lookup' }, 'arguments'),
    ];
    const answer = withUntouchable(
      { id: 'id', status: 'completed', output, usage: { input_tokens: 4 } },
      ...['output_text', 'instructions', 'tools', 'metadata'],
    );
    expect(await clientAnswering(answer).responses.create(request)).toBe(answer);
    expect(recorder.getSpan('chat m').attributes).toMatchObject({
      'gen_ai.response.finish_reasons': ['tool_calls'],
      'gen_ai.usage.input_tokens': 4,
    });
  });

  it('in embeddings', async () => {
    const answer = withUntouchable({ model: 'm-1', usage: { prompt_tokens: 4 } }, 'data');
    const request = withUntouchable({ model: 'm' }, 'input', 'user');
    expect(await clientAnswering(answer).embeddings.create(request)).toBe(answer);
    expect(recorder.getSpan('embeddings m').attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 4 });
  });
});

describe('what the request and the answer say', () => {
  it('parameters of a chat', async () => {
    await clientAnswering({}).chat.completions.create({
      model: 'm',
      max_completion_tokens: 50,
      temperature: 0.2,
      top_p: 0.9,
      n: 2,
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: 0.3,
      service_tier: 'flex',
      reasoning_effort: 'low',
    });
    expect(recorder.getSpan('chat m').attributes).toMatchObject({
      'gen_ai.request.max_tokens': 50,
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.seed': 7,
      'gen_ai.request.frequency_penalty': 0.1,
      'gen_ai.request.presence_penalty': 0.3,
      'openai.request.service_tier': 'flex',
      'gen_ai.request.reasoning.level': 'low',
    });
  });

  it.each([
    ['completed', {}, ['stop'], undefined],
    ['incomplete', { incomplete_details: { reason: 'max_output_tokens' } }, ['length'], undefined],
    ['incomplete', { incomplete_details: { reason: 'content_filter' } }, ['content_filter'], undefined],
    ['failed', { error: { code: 'server_error', message: 'a text' } }, ['error'], 'server_error'],
    ['in_progress', {}, undefined, undefined],
  ])('a response that is %s with %j', async (status, fields, finishReasons, error) => {
    await clientAnswering({ status, ...fields }).responses.create({ model: 'm' });
    const { attributes } = recorder.getSpan('chat m');
    expect(attributes['gen_ai.response.finish_reasons']).toEqual(finishReasons);
    expect(attributes['error.type']).toBe(error);
  });

  it("a tool's name that is none does not become a sentence", async () => {
    const tool_calls = [{ function: { name: 'please look up my order' } }];
    await clientAnswering({ choices: [{ message: { tool_calls } }] }).chat.completions.create({ model: 'm' });
    expect(recorder.getSpan('chat m').attributes['spanwise.response.tool_calls']).toEqual(['_OTHER']);
  });

  it.each([undefined, null, 'text', 42, [], { choices: 'none', usage: 'none' }, { choices: [null] }])(
    'an answer of an unheard-of shape comes back: %j',
    async (answer) => {
      expect(await clientAnswering(answer).chat.completions.create({ model: 'm' })).toBe(answer);
      expect(recorder.getSpan('chat m').attributes['spanwise.usage.state']).toBe('unknown');
    },
  );

  it('a method that throws at once', () => {
    const failure = new TypeError('a text');
    const create = () => {
      throw failure;
    };
    const client = wrapOpenAI({ embeddings: { create } });
    expect(() => client.embeddings.create()).toThrow(failure);
    expect(recorder.getSpan('embeddings').attributes['error.type']).toBe('TypeError');
  });

  it('refuses what is no client', () => {
    expect(() => wrapOpenAI({})).toThrow('no method that calls a model');
  });
});

describe('the provider, by base URL', () => {
  it.each([
    ['https://api.openai.com/v1', 'openai', 'api.openai.com', 443],
    ['https://eu.api.openai.com/v1', 'openai', 'eu.api.openai.com', 443],
    ['https://shop.openai.azure.com/openai', 'azure.ai.openai', 'shop.openai.azure.com', 443],
    ['https://shop.services.ai.azure.com/models', 'azure.ai.inference', 'shop.services.ai.azure.com', 443],
    ['https://api.groq.com/openai/v1', 'groq', 'api.groq.com', 443],
    ['https://api.x.ai/v1', 'x_ai', 'api.x.ai', 443],
    [
      'https://generativelanguage.googleapis.com/v1beta/openai/',
      'gcp.gemini',
      'generativelanguage.googleapis.com',
      443,
    ],
    [
      'https://europe-west4-aiplatform.googleapis.com/v1',
      'gcp.vertex_ai',
      'europe-west4-aiplatform.googleapis.com',
      443,
    ],
    [
      'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1',
      'aws.bedrock',
      'bedrock-runtime.eu-central-1.amazonaws.com',
      443,
    ],
    ['http://localhost:11434/v1', 'ollama', 'localhost', 11434],
    ['http://gateway.internal/v1', 'openai', 'gateway.internal', 80],
    ['https://user:secret@api.groq.com.evil.example:8443/v1', 'openai', 'api.groq.com.evil.example', 8443],
  ])('%s', (baseUrl, provider, serverAddress, serverPort) => {
    expect(readEndpoint(baseUrl, 'openai')).toEqual({ provider, serverAddress, serverPort });
  });

  it("an Azure client behind a host of one's own", () => {
    expect(readEndpoint('https://ai.shop.example/openai', 'azure.ai.openai').provider).toBe(
      'azure.ai.openai',
    );
  });

  it('none, or no URL', () => {
    const none = { provider: 'openai', serverAddress: undefined, serverPort: undefined };
    expect([undefined, '', '/v1'].map((url) => readEndpoint(url, 'openai'))).toEqual([none, none, none]);
  });

  it('said by the application', async () => {
    const client = wrapOpenAI(
      { embeddings: { create: async (_body: object) => ({}) } },
      { provider: 'ours' },
    );
    await client.embeddings.create({ model: 'm' });
    expect(recorder.getSpan('embeddings m').attributes['gen_ai.provider.name']).toBe('ours');
  });
});
