import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RemoteSampler } from '../../packages/sdk/src/sampling/remote-sampler.ts';
import { listen } from '../../packages/server/src/listening/listen.ts';
import { createSamplingServer } from '../../packages/server/src/sampling/sampling-server.ts';
import { StrategiesFile } from '../../packages/server/src/sampling/strategies-file.ts';
import { samplingStrategies } from '../support/sampling-strategies.ts';

/* What `spanwise serve --sampling-file` answers, and what the SDK makes of it. */

const folder = mkdtempSync(join(tmpdir(), 'spanwise-remote-sampling-'));
let server: Server;
let endpoint: string;
beforeAll(async () => {
  const file = join(folder, 'strategies.json');
  writeFileSync(file, JSON.stringify(samplingStrategies));
  server = createSamplingServer(new StrategiesFile(file, pino({ level: 'silent' })));
  endpoint = `http://127.0.0.1:${await listen(server, 'samplingPort', '127.0.0.1', 0)}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

async function samplerFor(serviceName: string): Promise<(name: string, traceId?: string) => boolean> {
  const sampler = new RemoteSampler({
    endpoint,
    serviceName,
    pollingIntervalMillis: 3_600_000,
    initialSamplingRate: 0,
  });
  await sampler.update();
  return (name, traceId = 'f'.repeat(32)) =>
    sampler.shouldSample(ROOT_CONTEXT, traceId, name, SpanKind.SERVER, {}, []).decision ===
    SamplingDecision.RECORD_AND_SAMPLED;
}

it('by operation', async () => {
  const keeps = await samplerFor('api-gateway');
  expect([keeps('POST /chat'), keeps('GET /')]).toEqual([true, false]);
});

it('by rate', async () => {
  const keeps = await samplerFor('llm-proxy');
  expect([keeps('chat'), keeps('chat')]).toEqual([true, false]);
});

it('by ratio, the default of services that are not named', async () => {
  const keeps = await samplerFor('memory-store');
  const traceIds = Array.from({ length: 64 }, (_, index) =>
    createHash('sha256').update(`${index}`).digest('hex').slice(0, 32),
  );
  const kept = traceIds.filter((traceId) => keeps('GET /', traceId)).length;
  expect(kept).toBeGreaterThan(16);
  expect(kept).toBeLessThan(48);
});
