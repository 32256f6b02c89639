import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../testing/conformance/cases.ts';
import {
  type ClientClass,
  describeConformance,
  expectNoCanary,
} from '../testing/conformance/describe-conformance.ts';
import { anthropicMessages } from '../testing/conformance/model-clients.ts';
import { type ModelServer, startModelServer } from '../testing/model-server.ts';
import { drawTree, startSpanRecorder } from '../testing/span-recorder.ts';
import { anthropicWire } from '../testing/wire/anthropic-wire.ts';
import { CANARY } from '../testing/wire/wire.ts';
import { traced } from '../traced/traced.ts';
import { wrapAnthropic } from './wrap-anthropic.ts';

const recorder = startSpanRecorder();

/** 0.39 is of the older generation of clients, 0.137 the last before 1 and the first here with spans of its own. */
const versions: readonly (readonly [version: string, load: () => Promise<unknown>])[] = [
  ['anthropic 1', () => import('@anthropic-ai/sdk')],
  ['anthropic 0.137', () => import('anthropic-v0')],
  ['anthropic 0.39', () => import('anthropic-v0-39')],
];

describeConformance({
  recorder,
  wire: anthropicWire,
  provider: 'anthropic',
  apis: [anthropicMessages],
  versions: versions.map(([version, load]) => [
    version,
    async () => ((await load()) as { default: ClientClass }).default,
  ]),
  wrap: wrapAnthropic,
});

describe.each(versions)('the other methods and the helpers of %s', (_version, load) => {
  let server: ModelServer;
  let Client: typeof Anthropic;
  beforeAll(async () => {
    server = await startModelServer(anthropicWire);
    ({ default: Client } = (await load()) as { default: typeof Anthropic });
  });
  afterAll(() => server.close());
  afterEach(() => {
    expectNoCanary(recorder);
    recorder.clear();
  });
  const createClient = () => wrapAnthropic(new Client({ apiKey: 'key', baseURL: server.origin }));
  const request = { max_tokens: 10, messages: [{ role: 'user' as const, content: CANARY }] };

  it('.stream(): the final message, from one call below the step that made it', async () => {
    await traced.step('ask', async () => {
      const stream = createClient().messages.stream({ model: 'helper', ...request });
      expect((await stream.finalMessage()).stop_reason).toBe('end_turn');
    });
    expect(drawTree(recorder.spans())).toEqual(['chat helper < ask', 'ask']);
    expect(recorder.getSpan('chat helper').attributes).toMatchObject({
      ...anthropicMessages.usage,
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
    });
  });

  it('.stream() that is aborted', async () => {
    const stream = createClient().messages.stream({ model: 'endless', ...request });
    stream.on('text', () => stream.abort());
    expect(await failureOf(stream.finalMessage())).toMatchObject({ name: 'APIUserAbortError' });
    expect(recorder.getSpan('chat endless').attributes).toMatchObject({
      'error.type': 'AbortError',
      'spanwise.usage.state': 'partial',
    });
  });

  it('an error in the middle of a stream', async () => {
    const stream = await createClient().messages.create({ model: 'overloaded', stream: true, ...request });
    const read = async () => {
      for await (const _ of stream);
    };
    const { name } = (await failureOf(read())) as { name: string };
    // The older generation takes it for a broken connection.
    const errorType = name === 'APIError' ? 'overloaded_error' : 'APIConnectionError';
    expect(recorder.getSpan('chat overloaded').attributes['error.type']).toBe(errorType);
  });

  it('cache writes by their lives, thinking, effort and service tier', async () => {
    await createClient().messages.create({
      model: 'm',
      ...request,
      thinking: { type: 'enabled', budget_tokens: 1024 },
      output_config: { effort: 'low' },
      service_tier: 'auto',
    });
    expect(recorder.getSpan('chat m').attributes).toMatchObject({
      'gen_ai.request.max_tokens': 10,
      'gen_ai.request.reasoning.level': 'low',
      'anthropic.thinking.type': 'enabled',
      'anthropic.thinking.budget_tokens': 1024,
      'anthropic.request.service_tier': 'auto',
      'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 2,
      'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 3,
    });
  });

  it('beta.messages and a batch', async () => {
    const client = createClient();
    await client.beta.messages.create({ model: 'beta', ...request });
    const params = { model: 'm', ...request };
    await client.messages.batches.create({ requests: [{ custom_id: 'a', params }] });
    expect(recorder.spans().map(({ name }) => name)).toEqual(['chat beta', 'create_batch']);
    expect(recorder.getSpan('create_batch').attributes).not.toHaveProperty('spanwise.usage.state');
  });

  it("what is not ours keeps the client's own span, if it makes one", async () => {
    await createClient().messages.countTokens({ model: 'm', messages: request.messages });
    expect(recorder.spans().filter(({ name }) => name.startsWith('chat'))).toEqual([]);
  });
});
