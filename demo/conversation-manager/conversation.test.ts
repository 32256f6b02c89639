import { ServiceError, type TracedServiceClient } from '@spanwise/sdk';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createApp } from '../shared/app.ts';
import type { ChatMessage, ToolCall } from './chat-message.ts';
import { createConversation } from './conversation.ts';
import type { LanguageModel, ModelTurn } from './language-model.ts';
import { addMessageRoute } from './message-route.ts';
import { createToolbox } from './toolbox.ts';

const call: ToolCall = { id: 'c1', type: 'function', function: { name: 'clock', arguments: '{}' } };
const said = (text: string): ModelTurn => ({
  text,
  toolCalls: [],
  model: 'm',
  inputTokens: 10,
  outputTokens: 2,
});
const asks: ModelTurn = { ...said(''), toolCalls: [call] };

/** A service that answers by path, or fails with a code. */
function service(answers: Readonly<Record<string, unknown>>): TracedServiceClient {
  const answer = async (path: string) => {
    const found = answers[path.split('?')[0] ?? ''];
    if (found === undefined) throw new ServiceError(path, 'http_500', 500);
    return found;
  };
  return { get: answer, post: answer } as unknown as TracedServiceClient;
}

function createAgent(
  turns: readonly ModelTurn[],
  options: { toolsWork?: boolean; othersWork?: boolean } = {},
) {
  const { toolsWork = true, othersWork = true } = options;
  const prompts: (readonly ChatMessage[])[] = [];
  const offered: number[] = [];
  const model: LanguageModel = async ({ messages, tools, onText }) => {
    const turn = turns[Math.min(prompts.length, turns.length - 1)] as ModelTurn;
    prompts.push(messages);
    offered.push(tools.length);
    if (turn.text !== '') onText(turn.text);
    return turn;
  };
  const tool = { name: 'clock', description: 'Tells the time.', parameters: {} };
  const handleMessage = createConversation({
    model,
    memory: service(othersWork ? { '/sessions/s/messages': { messages: [] } } : {}),
    retrieval: service(othersWork ? { '/retrieve': { documents: [{ title: 'T', text: 'x' }] } } : {}),
    toolbox: createToolbox(
      service({
        '/tools': { tools: [tool] },
        ...(toolsWork ? { '/tools/clock': { result: { time: '1' } } } : {}),
      }),
    ),
    log: pino({ enabled: false }),
  });
  const ask = (text: string) =>
    handleMessage({ sessionId: 's', text }, () => {}, new AbortController().signal);
  return { ask, prompts, offered, handleMessage };
}

describe('an agent turn', () => {
  it('without a tool is one call of the model, with context', async () => {
    const { ask, prompts, offered } = createAgent([said('Answer.')]);
    const reply = await ask('How do I descale?');
    expect(reply).toMatchObject({ answer: 'Answer.', intent: 'question', tools: [], sources: ['T'] });
    expect(reply.tokens).toEqual({ input: 10, output: 2, total: 12 });
    expect(offered).toEqual([0]);
    expect(JSON.stringify(prompts[0])).toContain('[1] T');
  });

  it('with a tool asks, uses it and answers', async () => {
    const { ask, prompts } = createAgent([asks, said('It is one.')]);
    const reply = await ask('What time is it?');
    expect(reply).toMatchObject({ answer: 'It is one.', tools: ['clock'] });
    expect(prompts.at(-1)?.at(-1)).toEqual({ role: 'tool', tool_call_id: 'c1', content: '{"time":"1"}' });
  });

  it('tells the model the code of a tool that failed', async () => {
    const { ask, prompts } = createAgent([asks, said('Sorry.')], { toolsWork: false });
    expect((await ask('What time is it?')).answer).toBe('Sorry.');
    expect(prompts.at(-1)?.at(-1)).toMatchObject({ content: '{"error":"http_500"}' });
  });

  it('ends for a model that always wants another tool', async () => {
    const { ask, offered } = createAgent([asks, asks, asks, said('Enough.')]);
    await ask('What time is it?');
    expect(offered).toEqual([1, 1, 1, 0]);
  });

  it('goes on without memory and handbook', async () => {
    const { ask } = createAgent([said('Answer.')], { othersWork: false });
    expect(await ask('How do I descale?')).toMatchObject({ answer: 'Answer.', sources: [] });
  });
});

describe('POST /messages', () => {
  it.each([
    ['no session', { message: 'hi' }],
    ['a strange session', { sessionId: '../x', message: 'hi' }],
    ['an empty message', { sessionId: 's', message: ' ' }],
    ['a message that is too long', { sessionId: 's', message: 'x'.repeat(2001) }],
  ])('refuses %s', async (_name, payload) => {
    const app = createApp('conversation-manager');
    addMessageRoute(app, createAgent([said('x')]).handleMessage);
    const response = await app.inject({ method: 'POST', url: '/messages', payload });
    expect(response.statusCode).toBe(400);
  });
});
