import { describe, expect, it } from 'vitest';
import { describeTurn } from './report.ts';
import type { FinishedTrace } from './traces.ts';

const trace: FinishedTrace = {
  durationNanos: 1_234_000_000,
  services: ['api-gateway', 'llm-proxy'],
  analysis: {
    version: '1',
    rootCount: 1,
    orphanCount: 0,
    byService: [
      { nanos: 700_000_000, share: 0.567 },
      { service: 'llm-proxy', nanos: 500_000_000, share: 0.405 },
    ],
    bottleneck: { service: 'llm-proxy', name: 'chat small', nanos: 432_100_000 },
    usage: { modelCalls: 2, inputTokens: 1204, outputTokens: -1 },
  },
};

describe('describeTurn', () => {
  it('says where the time went, and gives the address on a line of its own', () => {
    const traceUrl = `http://127.0.0.1:16686/trace/${'a'.repeat(32)}`;
    const text = describeTurn({ question: 'How?', answer: 'So.\nAnd more.', traceUrl, trace });
    expect(text.split('\n')).toEqual([
      'You    How?',
      'Agent  So.',
      '       1.23 s · slowest service llm-proxy (41 %) · slowest step chat small (432 ms) · 1,204 → – tokens',
      traceUrl,
    ]);
  });
});
