import { ServiceError, type TracedServiceClient } from '@spanwise/sdk';
import { describe, expect, it } from 'vitest';
import { createApp } from '../shared/app.ts';
import { addChatPage } from './chat-page.ts';
import { addChatRoute } from './chat-route.ts';

function createGateway(post: TracedServiceClient['post']) {
  const app = createApp('api-gateway', { maxBodyBytes: 16 * 1024 });
  addChatRoute(app, {
    conversationManager: { post } as TracedServiceClient,
    conversationManagerUrl: 'http://127.0.0.1:9',
    uiUrl: 'http://127.0.0.1:16686',
  });
  addChatPage(app);
  return app;
}

const echo = (async (_path: string, body: unknown) => ({
  answer: 'yes',
  ...(body as object),
})) as TracedServiceClient['post'];
const failing =
  (code: string): TracedServiceClient['post'] =>
  async () => {
    throw new ServiceError('POST /messages', code);
  };
const chat = (payload: unknown, post = echo) =>
  createGateway(post).inject({ method: 'POST', url: '/chat', payload: payload as object });

describe('POST /chat', () => {
  it('starts a session where there is none, and keeps the one given', async () => {
    expect((await chat({ message: 'hi' })).json().sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await chat({ message: 'hi', sessionId: 'mine' })).json()).toMatchObject({ sessionId: 'mine' });
  });

  it.each([
    ['no message', {}, 'message', 'a message is a text'],
    ['an empty message', { message: '   ' }, 'message', 'the message is empty'],
    ['a long message', { message: 'x'.repeat(2001) }, 'message', 'a message has at most 2000 characters'],
    ['a number', { message: 7 }, 'message', 'a message is a text'],
    ['a strange session', { message: 'x', sessionId: 'a b' }, 'sessionId', 'a session id has 1 to 64'],
  ])('refuses %s and says what is wrong', async (_name, payload, path, problem) => {
    const response = await chat(payload);
    expect(response.statusCode).toBe(400);
    const { problems } = response.json() as { problems: { path: string; problem: string }[] };
    expect(problems[0]?.path).toBe(path);
    expect(problems[0]?.problem).toContain(problem);
  });

  it.each([
    ['no JSON', '{', 400, 'invalid_json'],
    ['no body', '', 400, 'empty_body'],
    ['too large a body', JSON.stringify({ message: 'x'.repeat(20_000) }), 413, 'body_too_large'],
  ])('refuses %s', async (_name, payload, status, code) => {
    const headers = { 'content-type': 'application/json' };
    const response = await createGateway(echo).inject({ method: 'POST', url: '/chat', headers, payload });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
  });

  it('refuses other content types', async () => {
    const headers = { 'content-type': 'text/xml' };
    const response = await createGateway(echo).inject({
      method: 'POST',
      url: '/chat',
      headers,
      payload: '<a/>',
    });
    expect(response.statusCode).toBe(415);
  });

  it('tells a time-out from other failures, by code', async () => {
    const late = await chat({ message: 'hi' }, failing('timeout'));
    expect([late.statusCode, late.json()]).toEqual([504, { code: 'timeout' }]);
    const broken = await chat({ message: 'hi' }, failing('ECONNREFUSED'));
    expect([broken.statusCode, broken.json()]).toEqual([502, { code: 'ECONNREFUSED' }]);
  });
});

describe('the rest', () => {
  it('has a page that loads nothing from elsewhere', async () => {
    const response = await createGateway(echo).inject('/');
    expect(response.headers['content-security-policy']).toContain("default-src 'self'");
    expect(response.body).not.toMatch(/(?:src|href)="https?:/);
  });

  it('is healthy', async () => {
    expect((await createGateway(echo).inject('/health')).json()).toEqual({
      status: 'ok',
      service: 'api-gateway',
    });
  });

  it('has no other page', async () => {
    const response = await createGateway(echo).inject('/etc/passwd');
    expect([response.statusCode, response.json()]).toEqual([404, { code: 'not_found' }]);
  });
});
