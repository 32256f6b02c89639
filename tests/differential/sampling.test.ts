import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RemoteSampler } from '../../packages/sdk/src/sampling/remote-sampler.ts';
import { answerFor, parseStrategies } from '../../packages/server/src/sampling/strategies.ts';
import { findPortOffset } from '../support/ports.ts';
import { samplingStrategies } from '../support/sampling-strategies.ts';
import { temporaryFolder } from '../support/start-system.ts';
import { type RunningJaeger, startJaeger } from './support/start-jaeger.ts';

/* Remote sampling: a real Jaeger answers from the same file as we do, and the SDK understands it. */

const binary = process.env.JAEGER_BINARY;

describe.skipIf(binary === undefined)("Jaeger's sampling (skipped: JAEGER_BINARY is not set)", () => {
  const folder = temporaryFolder('jaeger-sampling');
  let jaeger: RunningJaeger;

  beforeAll(async () => {
    const file = join(folder, 'strategies.json');
    writeFileSync(file, JSON.stringify(samplingStrategies));
    jaeger = await startJaeger(binary!, folder, await findPortOffset(), { samplingFile: file });
  });
  afterAll(async () => {
    await jaeger?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['api-gateway', 'llm-proxy', 'memory-store'])('answers for %s as we do', async (service) => {
    const response = await fetch(`${jaeger.sampling}/sampling?service=${service}`);
    const { strategyType, ...answer } = (await response.json()) as { readonly strategyType: number };
    const strategies = parseStrategies(JSON.stringify(samplingStrategies));
    const { strategyType: ourType, ...ourAnswer } = answerFor(strategies, service);
    // This Jaeger writes the enum's number, and an upper bound that its file format can't set.
    expect(answer).toMatchObject(ourAnswer);
    expect(['PROBABILISTIC', 'RATE_LIMITING'][strategyType]).toBe(ourType);
  });

  it.each([
    ['api-gateway', 'Remote{PerOperation{1, TraceIdRatioBased{0}}}'],
    ['llm-proxy', 'Remote{RateLimiting{1}}'],
    ['memory-store', 'Remote{TraceIdRatioBased{0.5}}'],
  ])('is what the SDK goes by: %s', async (serviceName, expected) => {
    const sampler = new RemoteSampler({
      endpoint: jaeger.sampling,
      serviceName,
      pollingIntervalMillis: 3_600_000,
      initialSamplingRate: 1,
    });
    await sampler.update();
    expect(sampler.toString()).toBe(expected);
  });
});
