import { tracingChannel } from 'node:diagnostics_channel';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { embed, embedMany, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { configureCapture } from '../privacy/content-capture.ts';
import {
  type ApiPromise,
  type CaseNeed,
  type CaseOptions,
  type CaseRequest,
  conformanceCases,
  readAll,
} from '../testing/conformance/cases.ts';
import {
  CLOSED_MODES,
  captureNothing,
  expectFigures,
  expectNoCanary,
} from '../testing/conformance/describe-conformance.ts';
import { type ExpectedFigures, openAiChat } from '../testing/conformance/model-clients.ts';
import { type ModelServer, startModelServer } from '../testing/model-server.ts';
import { drawTree, startSpanRecorder } from '../testing/span-recorder.ts';
import { openAiWire } from '../testing/wire/openai-wire.ts';
import { CANARY } from '../testing/wire/wire.ts';
import { traced } from '../traced/traced.ts';
import { traceAiSdk } from './trace-ai-sdk.ts';

const recorder = startSpanRecorder();
/** A port that fetch does not refuse by itself, and where nothing ever listens. */
const NOBODY = 'http://127.0.0.1:2';

let server: ModelServer;
let stop: () => void;
beforeAll(async () => {
  server = await startModelServer(openAiWire);
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
});
afterAll(() => server.close());
beforeEach(() => {
  stop = traceAiSdk();
});
afterEach(() => {
  stop();
  configureCapture({ content: 'none' });
  expectNoCanary(recorder);
  recorder.clear();
});

function provider(origin = server.origin) {
  return createOpenAICompatible({
    name: 'openai',
    baseURL: `${origin}/v1`,
    apiKey: 'key',
    includeUsage: true,
  });
}

const tools = {
  order_lookup: tool({
    description: CANARY,
    inputSchema: jsonSchema<{ q: string }>({ type: 'object', properties: { q: { type: 'string' } } }),
    execute: async () => CANARY,
  }),
};

/** A call of the AI SDK in the table's terms. Its streams throw what went wrong where the reader sees it. */
function create(
  origin: string,
  { model = 'asked-for', stream }: CaseRequest = {},
  { timeout, signal, maxRetries }: CaseOptions = {},
): ApiPromise {
  const settings = {
    model: provider(origin)(model),
    prompt: CANARY,
    ...(model === 'tools' ? { tools: { order_lookup: { ...tools.order_lookup, execute: undefined } } } : {}),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
  if (stream !== true) {
    return generateText(settings as never).then(({ text, usage, finishReason }) => ({
      text,
      usage,
      finishReason,
    })) as never;
  }
  const { stream: parts } = streamText({ ...settings, onError: () => {} } as never);
  async function* read() {
    for await (const part of parts) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'text-delta' || part.type === 'tool-call') yield { ...part, id: undefined };
    }
  }
  // The table's clients fail before the stream is there, the AI SDK with its first part.
  async function begin() {
    const rest = read();
    const first = await rest.next();
    return (async function* () {
      try {
        if (!first.done) yield first.value;
        yield* rest;
      } finally {
        await rest.return();
      }
    })();
  }
  return begin() as never;
}

const words: ExpectedFigures = {
  ...openAiChat,
  serviceTier: [] as never,
  errors: {
    ...openAiChat.errors,
    'bad-request': /^AI_APICallError$/,
    'server-error': /^AI_APICallError$/,
    'rate-limit': /^AI_APICallError$/,
    'refused-connection': /^(AI_APICallError|ECONNREFUSED)$/,
    'dead-socket': /^(UND_ERR_SOCKET|ECONNRESET|AI_APICallError)$/,
    abort: /^AbortError$/,
    timeout: /^(TimeoutError|AbortError)$/,
  },
};

const possible: readonly CaseNeed[] = ['streams', 'tokens', 'retries'];
const cases = conformanceCases.filter(
  ({ name, needs = [] }) =>
    needs.every((need) => possible.includes(need)) && name !== 'a stream given back unread',
);

describe.each(['none', ...CLOSED_MODES] as const)('in capture mode %s', (mode) => {
  beforeEach(() => captureNothing(mode));

  it.each(cases)('$name: one span, same outcome', async ({ name, run, span, toNobody }) => {
    const origin = toNobody ? NOBODY : server.origin;
    const use = () =>
      run((request, options) => create(origin, request, options), {
        within: (fn) => fn(),
        collect: async () => {},
      });
    stop();
    const expected = await use();
    expect(recorder.spans()).toHaveLength(0);
    // How long a reader may think is an hour's business for all but the one who leaves.
    stop = traceAiSdk({ abandonedAfterMillis: name === 'a stream left early' ? 100 : 3_600_000 });
    expect(await use()).toEqual(expected);
    await vi.waitFor(() => expect(recorder.spans()).toHaveLength(2));
    const [chat, outer] = ['chat', 'ai'].map((start) =>
      recorder.spans().find((recorded) => recorded.name.startsWith(start)),
    );
    expect(chat?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.name).toMatch(/^ai\.(generate|stream)Text$/);
    expect(chat?.kind).toBe(SpanKind.CLIENT);
    expect(chat?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
    });
    expectFigures(chat?.attributes ?? {}, span, words);
    expect(outer?.status.code).toBe(span.error === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR);
  });
});

it('an agent with tools: one span each, right parents, tokens on the model calls only', async () => {
  await traced.step('turn', () =>
    generateText({
      model: provider()('tools'),
      prompt: CANARY,
      tools,
      stopWhen: stepCountIs(2),
      telemetry: { functionId: 'support' },
    }),
  );
  expect(drawTree(recorder.spans())).toEqual([
    'chat tools < invoke_agent support',
    'execute_tool order_lookup < invoke_agent support',
    'chat tools < invoke_agent support',
    'execute_tool order_lookup < invoke_agent support',
    'invoke_agent support < turn',
    'turn',
  ]);
  const withTokens = recorder.spans().filter(({ attributes }) => 'gen_ai.usage.input_tokens' in attributes);
  expect(withTokens.map(({ name }) => name)).toEqual(['chat tools', 'chat tools']);
  expect(recorder.spans()[1]?.attributes).toMatchObject({ 'gen_ai.tool.call.id': 'call_1' });
});

it('a tool that fails is a tool error, and steps in it are below it', async () => {
  const execute = () =>
    traced.step('look', () => {
      throw new Error(CANARY);
    });
  await generateText({
    model: provider()('tools'),
    prompt: CANARY,
    tools: { order_lookup: { ...tools.order_lookup, execute } },
  });
  expect(recorder.getSpan('execute_tool order_lookup').attributes['error.type']).toBe('tool_error');
  expect(drawTree(recorder.spans())).toContain('look < execute_tool order_lookup');
});

it('two streams at once, each its own', async () => {
  const read = (model: string) => readAll(streamText({ model: provider()(model), prompt: CANARY }).stream);
  await traced.step('both', () => Promise.all([read('left'), read('right')]));
  expect(drawTree(recorder.spans()).sort()).toEqual([
    'ai.streamText < both',
    'ai.streamText < both',
    'both',
    'chat left < ai.streamText',
    'chat right < ai.streamText',
  ]);
});

it('embeddings, one or many', async () => {
  const model = provider().embeddingModel('embedder');
  expect((await embed({ model, value: CANARY })).embedding).toEqual([0.5, -0.5]);
  await embedMany({ model, values: [CANARY] });
  await embed({ model: provider().embeddingModel('status-400'), value: CANARY }).catch(() => {});
  const seen = recorder
    .spans()
    .map(({ name, attributes }) => [name, attributes['gen_ai.usage.input_tokens']]);
  expect(seen).toEqual([
    ['embeddings embedder', 12],
    ['embeddings embedder', 12],
    ['embeddings status-400', undefined],
  ]);
  expect(recorder.getSpan('embeddings status-400').attributes).toMatchObject({
    'error.type': 'AI_APICallError',
    'http.response.status_code': 400,
  });
});

it('nothing of the content is looked at', async () => {
  const untouchable = () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('content was touched');
        },
      },
    );
  const channel = tracingChannel('ai:telemetry');
  const contents = { messages: untouchable(), instructions: untouchable(), tools: untouchable() };
  const event = { modelId: 'm', provider: 'openai.chat', ...contents };
  const part = { type: 'text', text: untouchable() };
  await channel.tracePromise(
    async () => ({
      content: [part],
      usage: { inputTokens: { total: 1 } },
      response: { body: untouchable() },
    }),
    { type: 'languageModelCall', event },
  );
  const toolCall = { toolName: 'look', toolCallId: 'c', input: untouchable() };
  await channel.tracePromise(async () => ({ output: { type: 'tool-result', output: untouchable() } }), {
    type: 'executeTool',
    event: { toolCall },
  });
  expect(recorder.spans().map(({ name }) => name)).toEqual(['chat m', 'execute_tool look']);
});

it('content is kept where a rule names the agent, from a stream too', async () => {
  configureCapture({ content: 'agent:support=full', mask: (text) => text.replaceAll(CANARY, '…') });
  for (const functionId of ['support', 'other']) {
    const settings = { model: provider()(functionId), prompt: CANARY, telemetry: { functionId } };
    await readAll(streamText(settings).stream);
  }
  const kept = recorder.getSpan('chat support').attributes;
  expect(kept['gen_ai.input.messages']).toBe('[{"role":"user","parts":[{"type":"text","content":"…"}]}]');
  expect(kept['gen_ai.output.messages']).toContain('… … …');
  expect(recorder.getSpan('chat other').attributes).not.toHaveProperty('gen_ai.input.messages');
});
