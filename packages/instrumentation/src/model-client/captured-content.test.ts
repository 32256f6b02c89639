import { afterEach, describe, expect, it } from 'vitest';
import { wrapAnthropic } from '../anthropic/wrap-anthropic.ts';
import { wrapOpenAI } from '../openai/wrap-openai.ts';
import { configureCapture } from '../privacy/content-capture.ts';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';

const recorder = startSpanRecorder();
afterEach(() => {
  recorder.clear();
  configureCapture({ content: 'none' });
});

async function* streamOf(chunks: readonly object[]) {
  yield* chunks;
}

/** Clients that answer with what they are given. */
const openAi = (answer: unknown) => {
  const create = async (_body: object) => answer;
  return wrapOpenAI({ chat: { completions: { create } }, responses: { create } });
};
const anthropic = (answer: unknown) => {
  const create = async (_body: object) => answer;
  return wrapAnthropic({ messages: { create } });
};

async function readAll(stream: unknown): Promise<void> {
  for await (const _ of stream as AsyncIterable<unknown>);
}

function kept(key: 'input' | 'output', name = 'chat m'): unknown {
  const text = recorder.getSpan(name).attributes[`gen_ai.${key}.messages`];
  return typeof text === 'string' ? JSON.parse(text) : text;
}

const question = [{ role: 'user', parts: [{ type: 'text', content: 'Where is it?' }] }];
const messages = [{ role: 'user', content: 'Where is it?' }];
const answer = [{ role: 'assistant', parts: [{ type: 'text', content: 'Here.' }], finish_reason: 'stop' }];
const choices = [{ message: { role: 'assistant', content: 'Here.' }, finish_reason: 'stop' }];

describe('content that a rule allows', () => {
  it('of a chat', async () => {
    configureCapture({ content: 'full' });
    await openAi({ choices }).chat.completions.create({ model: 'm', messages });
    expect(kept('input')).toEqual(question);
    expect(kept('output')).toEqual(answer);
  });

  it('of a streamed chat with a tool call', async () => {
    configureCapture({ content: 'full' });
    const tool = (fields: object) => ({ index: 0, ...fields });
    const stream = streamOf([
      { choices: [{ index: 0, delta: { content: 'He' } }] },
      { choices: [{ index: 0, delta: { content: 're.' } }] },
      {
        choices: [
          { delta: { tool_calls: [tool({ id: 'c1', function: { name: 'look', arguments: '{' } })] } },
        ],
      },
      {
        choices: [
          { delta: { tool_calls: [tool({ function: { arguments: '}' } })] }, finish_reason: 'tool_calls' },
        ],
      },
    ]);
    await readAll(await openAi(stream).chat.completions.create({ model: 'm', messages }));
    expect(kept('output')).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'Here.' },
          { type: 'tool_call', id: 'c1', name: 'look', arguments: '{}' },
        ],
        finish_reason: 'tool_calls',
      },
    ]);
  });

  it('of a response, with its instructions; pictures are named only', async () => {
    configureCapture({ content: 'full' });
    const output = [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Here.' }] },
    ];
    const input = [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:…' }] }];
    await openAi({ status: 'completed', output }).responses.create({
      model: 'm',
      instructions: 'Be brief.',
      input,
    });
    expect(kept('input')).toEqual([{ role: 'user', parts: [{ type: 'input_image' }] }]);
    expect(kept('output')).toEqual([{ role: 'assistant', parts: [{ type: 'text', content: 'Here.' }] }]);
    expect(recorder.getSpan('chat m').attributes['gen_ai.system_instructions']).toContain('Be brief.');
  });

  it('of a streamed response that was left early', async () => {
    configureCapture({ content: 'full' });
    const stream = streamOf([
      { type: 'response.output_text.delta', delta: 'He' },
      { type: 'response.output_text.delta', delta: 're' },
    ]);
    for await (const _ of (await openAi(stream).responses.create({
      model: 'm',
      input: 'Where?',
    })) as AsyncIterable<unknown>)
      break;
    expect(kept('output')).toEqual([{ role: 'assistant', parts: [{ type: 'text', content: 'He' }] }]);
  });

  it("of Anthropic's messages, whole and streamed; thinking is named only", async () => {
    configureCapture({ content: 'full' });
    const tool = { type: 'tool_use', id: 't1', name: 'look' };
    const parts = [
      { type: 'thinking' },
      { type: 'text', content: 'Here.' },
      { type: 'tool_call', id: 't1', name: 'look' },
    ];
    const body = { model: 'm', system: 'Be brief.', messages };
    await anthropic({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'Here.' },
        { ...tool, input: {} },
      ],
    }).messages.create(body);
    expect(kept('input')).toEqual(question);
    expect(kept('output')).toMatchObject([{ role: 'assistant', parts }]);
    recorder.clear();

    const delta = (index: number, fields: object) => ({ type: 'content_block_delta', index, delta: fields });
    const stream = streamOf([
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking' } },
      delta(0, { thinking: 'hm' }),
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      delta(1, { text: 'Here.' }),
      { type: 'content_block_start', index: 2, content_block: tool },
      delta(2, { partial_json: '{}' }),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    ]);
    await readAll(await anthropic(stream).messages.create(body));
    expect(kept('output')).toMatchObject([{ role: 'assistant', parts, finish_reason: 'tool_use' }]);
    expect(recorder.getSpan('chat m').attributes['gen_ai.output.messages']).not.toContain('hm');
  });

  it('only for the model, and only for the agent that the rule names', async () => {
    configureCapture({ content: 'none,model:open=full,agent:support=full' });
    const client = openAi({ choices });
    await client.chat.completions.create({ model: 'open', messages });
    await client.chat.completions.create({ model: 'closed', messages });
    await traced.agent({ name: 'support' }, () => client.chat.completions.create({ model: 'm', messages }));
    expect(kept('output', 'chat open')).toEqual(answer);
    expect(kept('output', 'chat closed')).toBeUndefined();
    expect(kept('output', 'chat m')).toEqual(answer);
  });

  it('as a mark in mode hash, the same for the same answer', async () => {
    configureCapture({ content: 'hash', key: 'a key of 16 chars' });
    const client = openAi({ choices });
    await client.chat.completions.create({ model: 'one', messages });
    await client.chat.completions.create({ model: 'two', messages });
    const [one, two] = ['one', 'two'].map((model) => recorder.getSpan(`chat ${model}`).attributes);
    expect(one?.['spanwise.content.output.hmac']).toMatch(/^[0-9a-f]{64}$/);
    expect(two?.['spanwise.content.output.hmac']).toBe(one?.['spanwise.content.output.hmac']);
    expect(JSON.stringify(one)).not.toContain('Here');
  });
});

describe.each(['none', 'strict', 'nonsense', 'full,model:m=none'])(
  'in mode %s nothing is touched',
  (content) => {
    const untouchable = (fields: object, ...names: string[]) => {
      for (const name of names) {
        Object.defineProperty(fields, name, {
          enumerable: true,
          get() {
            throw new Error(`${name} was touched`);
          },
        });
      }
      return fields;
    };

    it("of Anthropic's messages, whole and streamed", async () => {
      configureCapture({ content });
      const request = untouchable(
        {
          model: 'm',
          output_config: { format: untouchable({ type: 'json_schema' }, 'schema') },
        },
        ...['messages', 'system', 'tools', 'stop_sequences', 'metadata'],
      );
      const blocks = [
        untouchable({ type: 'text' }, 'text'),
        untouchable({ type: 'thinking' }, 'thinking', 'signature'),
        untouchable({ type: 'tool_use', name: 'look' }, 'input'),
      ];
      const message = { id: 'id', content: blocks, stop_reason: 'tool_use', usage: { input_tokens: 4 } };
      expect(await anthropic(message).messages.create(request)).toBe(message);
      expect(recorder.getSpan('chat m').attributes).toMatchObject({
        'gen_ai.output.type': 'json',
        'gen_ai.usage.input_tokens': 4,
        'spanwise.response.tool_calls': ['look'],
      });
      recorder.clear();

      const stream = streamOf([
        { type: 'content_block_start', index: 0, content_block: blocks[2] },
        untouchable({ type: 'content_block_delta', index: 0 }, 'delta'),
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 2 } },
      ]);
      await readAll(await anthropic(stream).messages.create(request));
      expect(recorder.getSpan('chat m').attributes).toMatchObject({
        'gen_ai.usage.output_tokens': 2,
        'spanwise.response.tool_calls': ['look'],
      });
    });

    it('of a chat and a response', async () => {
      configureCapture({ content });
      const chat = untouchable({ model: 'm' }, 'messages', 'tools');
      const message = untouchable({}, 'content', 'refusal');
      await openAi({ choices: [{ message }] }).chat.completions.create(chat);
      await openAi(streamOf([{ choices: [{ delta: message }] }]))
        .chat.completions.create(chat)
        .then(readAll);
      await openAi({ output: [untouchable({ type: 'message' }, 'content')] }).responses.create(
        untouchable({ model: 'm' }, 'input', 'instructions'),
      );
      expect(recorder.spans()).toHaveLength(3);
    });
  },
);
