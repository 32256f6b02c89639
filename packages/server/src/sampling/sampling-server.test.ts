import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../listening/listen.ts';
import { createSamplingServer } from './sampling-server.ts';
import { parseStrategies } from './strategies.ts';
import { StrategiesFile } from './strategies-file.ts';

// The example of Jaeger's documentation, shortened.
const EXAMPLE = {
  service_strategies: [
    {
      service: 'foo',
      type: 'probabilistic',
      param: 0.8,
      operation_strategies: [{ operation: 'op1', type: 'probabilistic', param: 0.2 }],
    },
    { service: 'bar', type: 'ratelimiting', param: 5 },
  ],
  default_strategy: {
    type: 'probabilistic',
    param: 0.5,
    operation_strategies: [{ operation: '/health', type: 'probabilistic', param: 0.0 }],
  },
};

const folder = mkdtempSync(join(tmpdir(), 'spanwise-sampling-'));
const file = join(folder, 'strategies.json');
const logs: string[] = [];
let server: Server;
let port: number;

let clock = 1_000;
function write(text: string): void {
  writeFileSync(file, text);
  // Two writes within a tick of the file system's clock would look like one.
  clock += 1;
  utimesSync(file, clock, clock);
}

beforeAll(async () => {
  write(JSON.stringify(EXAMPLE));
  const logger = pino({ level: 'warn' }, { write: (line) => logs.push(line) });
  server = createSamplingServer(new StrategiesFile(file, logger));
  port = await listen(server, 'samplingPort', '127.0.0.1', 0);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const ask = (query: string) => fetch(`http://127.0.0.1:${port}/sampling${query}`);

describe('GET /sampling', () => {
  it('answers as Jaeger does', async () => {
    expect(await (await ask('?service=foo')).json()).toEqual({
      strategyType: 'PROBABILISTIC',
      probabilisticSampling: { samplingRate: 0.8 },
      operationSampling: {
        defaultSamplingProbability: 0.8,
        defaultLowerBoundTracesPerSecond: 0,
        perOperationStrategies: [
          { operation: '/health', probabilisticSampling: { samplingRate: 0 } },
          { operation: 'op1', probabilisticSampling: { samplingRate: 0.2 } },
        ],
      },
    });
    expect(await (await ask('?service=bar')).json()).toEqual({
      strategyType: 'RATE_LIMITING',
      rateLimitingSampling: { maxTracesPerSecond: 5 },
    });
    expect(await (await ask('?service=unknown')).json()).toMatchObject({
      probabilisticSampling: { samplingRate: 0.5 },
    });
    expect((await ask('')).status).toBe(400);
  });

  it('follows the file, and keeps the last good one', async () => {
    write('{"default_strategy": {"type": "probabilistic", "param": 7}}');
    expect(await (await ask('?service=bar')).json()).toMatchObject({ strategyType: 'RATE_LIMITING' });
    await ask('?service=bar');
    expect(logs).toHaveLength(1);
    write('{"default_strategy": {"type": "probabilistic", "param": 0.25}}');
    expect(await (await ask('?service=bar')).json()).toEqual({
      strategyType: 'PROBABILISTIC',
      probabilisticSampling: { samplingRate: 0.25 },
    });
  });

  it('without a word for anybody keeps one trace in a thousand', async () => {
    write('{}');
    expect(await (await ask('?service=bar')).json()).toMatchObject({
      probabilisticSampling: { samplingRate: 0.001 },
    });
  });
});

it.each([
  ['{"default_strategy":{"type":"adaptive","param":1}}', 'default_strategy.type'],
  ['{"service_strategies":[{"type":"ratelimiting","param":1}]}', 'service_strategies.0.service'],
  ['[]', 'the file'],
])('a file that is not one says where: %s', (text, where) => {
  expect(() => parseStrategies(text)).toThrow(where);
});
