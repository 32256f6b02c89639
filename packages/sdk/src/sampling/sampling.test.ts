import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DiagLogLevel, diag, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RateLimitingSampler } from './rate-limiting-sampler.ts';
import { RemoteSampler } from './remote-sampler.ts';
import { samplerOf } from './sampling-strategy.ts';

const isSampled = (sampler: Sampler, name = 'GET /', traceId = 'f'.repeat(32)) =>
  sampler.shouldSample(ROOT_CONTEXT, traceId, name, SpanKind.SERVER, {}, []).decision ===
  SamplingDecision.RECORD_AND_SAMPLED;

describe('a rate limit', () => {
  it('lets so many through a second, evenly refilled, and never saves up more than that', () => {
    let now = 0;
    const sampler = new RateLimitingSampler(2, () => now);
    const take = (count: number) => Array.from({ length: count }, () => isSampled(sampler));
    expect(take(3)).toEqual([true, true, false]);
    now = 500;
    expect(take(2)).toEqual([true, false]);
    now = 60_000;
    expect(take(3)).toEqual([true, true, false]);
  });

  it('below one a second takes the first', () => {
    let now = 0;
    const sampler = new RateLimitingSampler(0.1, () => now);
    expect([isSampled(sampler), isSampled(sampler)]).toEqual([true, false]);
    now = 9_999;
    expect(isSampled(sampler)).toBe(false);
    now = 10_001;
    expect(isSampled(sampler)).toBe(true);
    expect(isSampled(new RateLimitingSampler(0))).toBe(false);
  });
});

describe('a strategy of Jaeger', () => {
  it.each([
    [
      { strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: 0.5 } },
      'TraceIdRatioBased{0.5}',
    ],
    [{ strategyType: 'RATE_LIMITING', rateLimitingSampling: { maxTracesPerSecond: 5 } }, 'RateLimiting{5}'],
    [{ probabilisticSampling: { samplingRate: 7 } }, 'undefined'],
    [{ operationSampling: { defaultSamplingProbability: 'much' } }, 'undefined'],
    [{}, 'undefined'],
    [null, 'undefined'],
    ['half', 'undefined'],
  ])('%j', (answer, expected) => {
    expect(String(samplerOf(answer))).toBe(expected);
  });

  it('by operation', () => {
    const sampler = samplerOf({
      operationSampling: {
        defaultSamplingProbability: 0,
        perOperationStrategies: [{ operation: 'POST /chat', probabilisticSampling: { samplingRate: 1 } }],
      },
    });
    expect(sampler && [isSampled(sampler, 'POST /chat'), isSampled(sampler, 'GET /')]).toEqual([true, false]);
  });
});

describe('remote sampling', () => {
  let server: Server;
  let answer: { status: number; body: string };
  const asked: (string | undefined)[] = [];
  const warnings: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(answer.status).end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ignore = () => {};
    const warn = (message: string) => warnings.push(message);
    diag.setLogger(
      { warn, error: warn, info: ignore, debug: ignore, verbose: ignore },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
  });
  afterAll(() => server.close());

  it('does what the server says, and goes on with it when the server is away', async () => {
    answer = { status: 200, body: JSON.stringify({ probabilisticSampling: { samplingRate: 0 } }) };
    const sampler = new RemoteSampler({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      pollingIntervalMillis: 3_600_000,
      initialSamplingRate: 1,
      serviceName: 'api gateway',
    });
    expect(isSampled(sampler)).toBe(true);
    await sampler.update();
    expect(asked[0]).toBe('/sampling?service=api%20gateway');
    expect(isSampled(sampler)).toBe(false);
    answer = { status: 500, body: 'canary' };
    await sampler.update();
    await sampler.update();
    expect(isSampled(sampler)).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('HTTP status 500');
    expect(warnings[0]).not.toContain('canary');
    answer = { status: 200, body: JSON.stringify({ rateLimitingSampling: { maxTracesPerSecond: 1 } }) };
    await sampler.update();
    expect(isSampled(sampler)).toBe(true);
    await sampler.update();
    // The same strategy again fills no bucket.
    expect(isSampled(sampler)).toBe(false);
  });
});
