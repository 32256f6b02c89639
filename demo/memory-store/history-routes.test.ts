import { describe, expect, it } from 'vitest';
import { createApp } from '../shared/app.ts';
import type { History, HistoryMessage } from './history.ts';
import { addHistoryRoutes } from './history-routes.ts';

function createService() {
  const sessions = new Map<string, HistoryMessage[]>();
  const history: History = {
    createTable: async () => {},
    read: async (id, limit) => (sessions.get(id) ?? []).slice(-limit),
    append: async (id, messages) => {
      const all = [...(sessions.get(id) ?? []), ...messages];
      sessions.set(id, all);
      return all.length;
    },
  };
  const app = createApp('memory-store');
  addHistoryRoutes(app, history);
  return app;
}

const message = { role: 'user', content: 'hello' };

describe('history', () => {
  it('gives back the newest messages', async () => {
    const app = createService();
    const payload = {
      messages: [message, { role: 'assistant', content: 'hi' }, { role: 'user', content: 'bye' }],
    };
    const posted = await app.inject({ method: 'POST', url: '/sessions/s-1/messages', payload });
    expect([posted.statusCode, posted.json()]).toEqual([201, { count: 3 }]);
    const read = await app.inject('/sessions/s-1/messages?limit=2');
    expect(read.json()).toEqual({ messages: payload.messages.slice(1) });
  });

  it('is empty for a session that nobody has seen', async () => {
    expect((await createService().inject('/sessions/new/messages')).json()).toEqual({ messages: [] });
  });

  it.each([
    ['a session id with a slash', '/sessions/a%2Fb/messages', { messages: [message] }],
    ['no messages', '/sessions/a/messages', { messages: [] }],
    ['an unknown role', '/sessions/a/messages', { messages: [{ role: 'system', content: 'x' }] }],
    ['an empty message', '/sessions/a/messages', { messages: [{ role: 'user', content: '' }] }],
    ['something else', '/sessions/a/messages', { text: 'x' }],
  ])('refuses %s', async (_name, url, payload) => {
    const response = await createService().inject({ method: 'POST', url, payload });
    expect(response.statusCode).toBe(400);
    expect(response.json().code).toBe('invalid_request');
  });

  it.each(['0', '-1', '1000', 'x'])('refuses a window of %s', async (limit) => {
    expect((await createService().inject(`/sessions/a/messages?limit=${limit}`)).statusCode).toBe(400);
  });
});
