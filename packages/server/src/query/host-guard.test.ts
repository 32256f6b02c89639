import { describe, expect, it } from 'vitest';
import { createHostGuard } from './host-guard.ts';

describe('host guard', () => {
  const isAllowed = createHostGuard('127.0.0.1', ['traces.example.com']);

  it.each([
    'localhost',
    'localhost:16686',
    'LOCALHOST',
    'localhost.',
    'app.localhost:1',
    '127.0.0.1:16686',
    '[::1]:16686',
    '192.168.1.7',
    'traces.example.com',
    'Traces.Example.com:443',
  ])('lets %j in', (host) => {
    expect(isAllowed(host)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:16686',
    'localhost.evil.example',
    'traces.example.com.evil.example',
    'sub.traces.example.com',
    'evil.example@localhost',
    'evil.example/localhost',
    'evil.example#localhost',
    'notlocalhost',
  ])('keeps %j out', (host) => {
    expect(isAllowed(host)).toBe(false);
  });

  it('lets the name in that the server was told to listen on', () => {
    expect(createHostGuard('Build-Box', [])('build-box:16686')).toBe(true);
  });
});
