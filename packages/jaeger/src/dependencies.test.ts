import { describe, expect, it } from 'vitest';
import { dependenciesQueryOf, parseJaegerDependencies, toJaegerDependencies } from './dependencies.ts';

const now = 1_700_000_000_000;
const day = 24 * 3_600_000;

describe('GET /api/dependencies', () => {
  it.each([
    ['', { startMillis: now - day, endMillis: now }],
    ['endTs=&lookback=&service=', { startMillis: now - day, endMillis: now }],
    ['endTs=5000&lookback=2000', { startMillis: 3_000, endMillis: 5_000 }],
    ['endTs=5000&lookback=604800000', { startMillis: 0, endMillis: 5_000 }],
    ['service=web', { startMillis: now - day, endMillis: now, service: 'web' }],
  ])('understands %j', (query, value) => {
    expect(parseJaegerDependencies(new URLSearchParams(query), now)).toEqual({ ok: true, value });
  });

  it.each(['endTs=now', 'lookback=1d', 'lookback=-1', 'endTs=9999999999999999999'])('refuses %j', (query) => {
    const message = expect.stringContaining(`unable to parse param '${query.split('=')[0]}'`);
    expect(parseJaegerDependencies(new URLSearchParams(query), now)).toEqual({ ok: false, message });
  });
});

describe('GetDependencies', () => {
  const at = (seconds: number, nanos = 0) => ({ seconds: String(seconds), nanos });

  it('takes the last moment too', () => {
    expect(dependenciesQueryOf({ startTime: at(1), endTime: at(2, 500_000_001) })).toEqual({
      ok: true,
      value: { startMillis: 1_000, endMillis: 2_501 },
    });
  });

  it.each([
    [{ endTime: at(2) }, 'start_time: required'],
    [{ startTime: at(2) }, 'end_time: required'],
    [{ startTime: at(2), endTime: at(2) }, 'end_time: must be after start_time'],
  ])('refuses %j', (request, message) => {
    expect(dependenciesQueryOf(request)).toEqual({ ok: false, message });
  });
});

describe('edges', () => {
  const calls = [
    { caller: 'web', callee: 'agent', callCount: 2 },
    { caller: 'agent', callee: 'tools', callCount: 0.2 },
    { caller: 'agent', callee: 'queue', callCount: 1.4 },
    { caller: 'web', callee: 'agent', callCount: 1 },
  ];
  const edges = [
    { parent: 'agent', child: 'queue', callCount: 1 },
    { parent: 'agent', child: 'tools', callCount: 1 },
    { parent: 'web', child: 'agent', callCount: 3 },
  ];

  it('are one for each pair, with whole counts', () => {
    expect(toJaegerDependencies(calls)).toEqual(edges);
  });

  it('may be those of one service', () => {
    expect(toJaegerDependencies(calls, 'web')).toEqual(edges.slice(2));
    expect(toJaegerDependencies(calls, 'nobody')).toEqual([]);
  });
});
