import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { parseFault, parseFaultHeader } from './faults.ts';

describe('parseFaultHeader', () => {
  it('reads several services', () => {
    expect(parseFaultHeader('llm-proxy=slow:2000ms, memory-store=error,rag-retrieval=drop')).toEqual(
      new Map<string, unknown>([
        ['llm-proxy', { kind: 'slow', delayMillis: 2000 }],
        ['memory-store', { kind: 'error' }],
        ['rag-retrieval', { kind: 'drop' }],
      ]),
    );
  });

  it.each(['', 'llm-proxy', 'nobody=error', 'llm-proxy=boom', 'llm-proxy=error,,'])(
    'refuses "%s"',
    (header) => {
      expect(() => parseFaultHeader(header)).toThrow('invalid_fault');
    },
  );
});

describe('parseFault', () => {
  it.each(['slow:20001ms', 'slow:-1ms', 'slow:2s', 'slow:ms', 'slow'])('refuses "%s"', (text) => {
    expect(() => parseFault(text)).toThrow('invalid_fault');
  });
});

describe('POST /faults', () => {
  const control = (options: { remoteAddress?: string; host?: string }) =>
    createApp('llm-proxy').inject({
      method: 'POST',
      url: '/faults',
      payload: { fault: 'error' },
      headers: { host: options.host ?? '127.0.0.1:8085' },
      remoteAddress: options.remoteAddress ?? '127.0.0.1',
    });

  it('is for this machine only, by its own name', async () => {
    expect((await control({})).statusCode).toBe(200);
    expect((await control({ remoteAddress: '10.0.0.7' })).statusCode).toBe(403);
    expect((await control({ host: 'evil.example' })).statusCode).toBe(403);
  });

  it('leaves health and itself alone', async () => {
    const app = createApp('llm-proxy');
    app.get('/work', () => ({ done: true }));
    await app.inject({ method: 'POST', url: '/faults', payload: { fault: 'error' } });
    expect((await app.inject('/work')).statusCode).toBe(500);
    expect((await app.inject('/health')).statusCode).toBe(200);
    await app.inject({ method: 'DELETE', url: '/faults' });
    expect((await app.inject('/work')).statusCode).toBe(200);
  });
});
