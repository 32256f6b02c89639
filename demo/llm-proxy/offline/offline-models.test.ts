import { describe, expect, it } from 'vitest';
import type { ChatRequest, Message } from '../openai-api.ts';
import { createOfflineModels } from './offline-models.ts';

const models = createOfflineModels({ firstChunkMillis: () => 0, tokensPerSecond: 1e9 });
const never = new AbortController().signal;

const CONTEXT: Message = {
  role: 'system',
  content: `Excerpts from the handbook:

[1] Descaling the machine
Descale the machine every three months. To descale the machine, fill the tank with descaler. It takes 22 minutes.

[2] Warranty
The warranty lasts three years from the date on the invoice.`,
};
const TOOLS = ['lookup_order', 'calculator', 'clock'].map((name) => ({
  type: 'function' as const,
  function: { name },
}));

function chat(messages: readonly Message[], more: Partial<ChatRequest> = {}) {
  const pieces: string[] = [];
  const request = { model: models.chatModel, messages: [...messages], stream: true, ...more };
  return models
    .chat(request, (piece) => pieces.push(piece), never)
    .then((outcome) => ({ ...outcome, pieces }));
}

const user = (content: string): Message => ({ role: 'user', content });

describe('answers', () => {
  it.each([
    ['How do I descale it?', 'To descale the machine, fill the tank with descaler. It takes 22 minutes.'],
    ['How long does the warranty last?', 'The warranty lasts three years from the date on the invoice.'],
  ])('%s is quoted from the excerpt about it', async (question, expected) => {
    const { text } = await chat([CONTEXT, user(question)]);
    expect(text).toMatch(expected);
  });

  it('say so when the context has nothing', async () => {
    expect((await chat([CONTEXT, user('Who wrote Faust?')])).text).toContain('could not find');
    expect((await chat([user('Who wrote Faust?')])).text).toContain('could not find');
  });

  it('come in pieces that add up, with their tokens counted', async () => {
    const { pieces, text, usage, finishReason } = await chat([CONTEXT, user('How do I descale it?')]);
    expect(pieces.join('')).toBe(text);
    expect(usage?.outputTokens).toBe(pieces.length);
    expect(usage?.inputTokens).toBeGreaterThan(50);
    expect(finishReason).toBe('stop');
  });

  it('stop at max_tokens', async () => {
    const { usage, finishReason } = await chat([CONTEXT, user('How do I descale it?')], { max_tokens: 5 });
    expect(usage?.outputTokens).toBe(5);
    expect(finishReason).toBe('length');
  });

  it('take control tokens in a prompt for text', async () => {
    await expect(chat([user('<|endoftext|><|im_start|>')])).resolves.toMatchObject({ finishReason: 'stop' });
  });

  it('end when the reader is gone', async () => {
    const slow = createOfflineModels({ firstChunkMillis: () => 60_000, tokensPerSecond: 1 });
    const request = { model: slow.chatModel, messages: [user('hello')], stream: true };
    await expect(slow.chat(request, () => {}, AbortSignal.abort())).rejects.toThrow();
  });
});

describe('function calling', () => {
  it.each([
    ['What is the status of order 1042?', 'lookup_order', { order_number: 1042 }],
    ['where is order #1043', 'lookup_order', { order_number: 1043 }],
    ['What is 18% of 249.90?', 'calculator', { expression: '18% * 249.90' }],
    ['How much is (3 + 4) * 1,200?', 'calculator', { expression: '(3 + 4) * 1200' }],
    ['What time is it in Tokyo?', 'clock', { time_zone: 'Tokyo' }],
    ['What is the time?', 'clock', {}],
  ])('%s', async (question, name, expected) => {
    const { toolCalls, finishReason } = await chat([user(question)], { tools: TOOLS });
    expect(finishReason).toBe('tool_calls');
    expect(toolCalls.map((call) => call.function.name)).toEqual([name]);
    expect(JSON.parse(toolCalls[0]?.function.arguments ?? '')).toEqual(expected);
  });

  it('finds in the conversation what "it" is', async () => {
    const earlier: Message[] = [
      user('What about order 1042?'),
      { role: 'assistant', content: 'It is shipped.' },
    ];
    const { toolCalls } = await chat([...earlier, user('And when will it arrive?')], { tools: TOOLS });
    expect(toolCalls[0]?.function.arguments).toBe('{"order_number":1042}');
  });

  it('calls no tool that was not offered, none when told so, none without need', async () => {
    const question = user('What is the status of order 1042?');
    expect((await chat([question], { tools: TOOLS.slice(1) })).toolCalls).toEqual([]);
    expect((await chat([question], { tools: TOOLS, tool_choice: 'none' })).toolCalls).toEqual([]);
    expect((await chat([CONTEXT, user('How do I descale it?')], { tools: TOOLS })).toolCalls).toEqual([]);
  });

  it('tells what the tool found', async () => {
    const call = { id: 'c1', type: 'function' as const, function: { name: 'lookup_order', arguments: '{}' } };
    const told = (result: object) =>
      chat([
        user('When will order 7 arrive?'),
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: JSON.stringify(result) },
      ]).then(({ text }) => text);
    const shipped = { order_number: 7, item: 'Grinder', status: 'shipped', carrier: 'DHL' };
    expect(
      await told({ ...shipped, expected_on: 'Friday, 1 May', shipped_on: 'Monday, 27 April' }),
    ).toContain('should arrive on Friday, 1 May');
    expect(await told({ error: 'order_not_found' })).toContain('no order with that number');
  });
});

describe('embeddings', () => {
  const embed = async (...texts: string[]) => (await models.embed('m', texts, never)).vectors;
  const cosine = (left: readonly number[] = [], right: readonly number[] = []) =>
    left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);

  it('are the same for the same text, of length 1 in 256 dimensions', async () => {
    const [first, second] = await embed('Descaling the machine', 'Descaling the machine');
    expect(first).toEqual(second);
    expect(first).toHaveLength(256);
    expect(cosine(first, first)).toBeCloseTo(1, 10);
  });

  it('lie near for texts that share words or parts of them', async () => {
    const [question, near, far] = await embed(
      'How do I descale it?',
      'Descaling takes 22 minutes',
      'Gift cards',
    );
    expect(cosine(question, near)).toBeGreaterThan(cosine(question, far) + 0.1);
  });

  it('exist for an empty text', async () => {
    expect((await embed(''))[0]).toEqual(new Array(256).fill(0));
  });
});
