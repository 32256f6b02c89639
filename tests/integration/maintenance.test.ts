import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../support/api-client.ts';
import { type OtlpRequest, sendUntilAcknowledged, spansRequest } from '../support/otlp.ts';
import { searchDataFolder } from '../support/search-data-folder.ts';
import { type RunningSystem, runNode, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder('maintenance');
const dataDir = join(folder, 'data');
const marker = 'leaked-4111-1111';
let system: RunningSystem;
let withKey: OtlpRequest;
let withName: OtlpRequest;

async function spanwise(...args: readonly string[]) {
  const run = runNode(['packages/cli/src/main.ts', ...args, '--data-dir', dataDir]);
  return { code: await run.ended, output: run.output() };
}

const traceOf = ({ ids }: OtlpRequest) => ids[0]!.split('/')[0]!;

async function send(name: string, attributes: Record<string, string>): Promise<OtlpRequest> {
  const sent = spansRequest('till', (tracer) => tracer.startSpan(name, { attributes }).end());
  await sendUntilAcknowledged(system.otlpHttp, sent, AbortSignal.timeout(30_000));
  return sent;
}

beforeAll(async () => {
  system = await startSystem({ demo: false, dataDir });
  const api = createApiClient(system.ui);
  withKey = await send('pay', { 'card.number': marker, 'shop.city': 'Ulm' });
  withName = await send(`pay ${marker}`, {});
  for (const sent of [withKey, withName]) {
    await waitFor('the trace', async () => (await api.skeleton(traceOf(sent))) !== undefined);
  }
});

afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('spanwise purge, beside a running server', () => {
  it('asks first, and says what it would do', async () => {
    expect(await spanwise('purge', '--attribute', 'card.number')).toMatchObject({
      code: 2,
      output: expect.stringContaining('--yes is needed'),
    });
    const { code, output } = await spanwise('purge', '--attribute', 'card.number', '--dry-run');
    expect(code).toBe(0);
    expect(output).toMatch(/^spans +1 rows$/m);
    expect(output).toContain('nothing was changed');
  });

  it('takes an attribute and a trace out of everything', async () => {
    const key = await spanwise('purge', '--attribute', 'card.number', '--yes');
    expect(key.output).toContain('attribute card.number is gone');
    const trace = await spanwise('purge', '--trace', traceOf(withName), '--yes');
    expect(trace.output).toContain(`trace ${traceOf(withName)} is gone`);
    expect([key.code, trace.code]).toEqual([0, 0]);
    const api = createApiClient(system.ui);
    expect(await api.skeleton(traceOf(withName))).toBeUndefined();
    expect((await api.skeleton(traceOf(withKey)))?.spanCount).toBe(1);
  });
});

describe('spanwise doctor', () => {
  it('finds that what is left fits together, with the server and without', async () => {
    const beside = await spanwise('doctor');
    expect(beside.output).toMatch(/^\d+ counts of 1 days agree$/m);
    expect(beside.code).toBe(0);
    expect((await spanwise('doctor', '--repair')).output).toBe(beside.output);
    await system.stop();
    const { code, output } = await spanwise('doctor', '--json');
    expect(code).toBe(0);
    const counts = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { differing: number });
    expect(counts.length).toBeGreaterThan(5);
    expect(counts.every(({ differing }) => differing === 0)).toBe(true);
  });

  it('leaves no trace of what was purged in the folder', async () => {
    const { found, tables } = await searchDataFolder(dataDir, [marker]);
    expect(found.get(marker)).toEqual([]);
    expect(tables).toBeGreaterThan(10);
  });
});
