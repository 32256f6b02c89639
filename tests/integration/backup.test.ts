import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../support/api-client.ts';
import { type OtlpRequest, sendUntilAcknowledged, spansRequest } from '../support/otlp.ts';
import { type RunningSystem, runNode, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder('backup');
const dataDir = join(folder, 'data');
const backupDir = join(folder, 'backup');
const before: OtlpRequest[] = [];
let system: RunningSystem | undefined;

async function spanwise(...args: readonly string[]) {
  const run = runNode(['packages/cli/src/main.ts', ...args]);
  return { code: await run.ended, output: run.output() };
}

const traceOf = ({ ids }: OtlpRequest) => ids[0]!.split('/')[0]!;

async function send(otlpHttp: string): Promise<OtlpRequest> {
  const sent = spansRequest('web', (tracer) => tracer.startSpan('work').end());
  await sendUntilAcknowledged(otlpHttp, sent, AbortSignal.timeout(30_000));
  return sent;
}

/** A backup of a server that takes spans all the while. */
beforeAll(async () => {
  system = await startSystem({ demo: false, dataDir });
  const { otlpHttp } = system;
  for (let count = 0; count < 15; count += 1) before.push(await send(otlpHttp));
  let isSending = true;
  const sending = (async () => {
    while (isSending) await send(otlpHttp);
  })();
  const { code, output } = await spanwise('backup', '--data-dir', dataDir, '--to', backupDir);
  isSending = false;
  await sending;
  expect(output).toContain(`backed up ${dataDir} to ${backupDir}: `);
  expect(code).toBe(0);
  await system.stop();
});

afterAll(async () => {
  await system?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('spanwise backup', () => {
  it('of a running server holds all that was acknowledged before it, once, and the server goes on', async () => {
    const restored = join(folder, 'restored');
    const { code, output } = await spanwise('restore', '--from', backupDir, '--data-dir', restored);
    expect(output).toContain(`to ${restored}`);
    expect(code).toBe(0);
    await using again = await startSystem({ demo: false, dataDir: restored });
    const api = createApiClient(again.ui);
    for (const sent of before) {
      await waitFor('the trace', async () => (await api.skeleton(traceOf(sent))) !== undefined);
      expect((await api.skeleton(traceOf(sent)))?.spanCount).toBe(1);
    }
    const fresh = await send(again.otlpHttp);
    await waitFor('a new trace', async () => (await api.skeleton(traceOf(fresh)))?.spanCount === 1);
  });

  it('of a stopped server is the same, and leaves no snapshot in the data folder', async () => {
    const to = join(folder, 'stopped');
    expect(await spanwise('backup', '--data-dir', dataDir, '--to', to)).toMatchObject({ code: 0 });
    expect(existsSync(join(to, 'manifest.json'))).toBe(true);
    expect(
      readdirSync(join(dataDir, 'clickhouse', 'shadow')).filter((name) => name.startsWith('spanwise')),
    ).toEqual([]);
    expect(existsSync(join(dataDir, 'snapshots')) ? readdirSync(join(dataDir, 'snapshots')) : []).toEqual([]);
  });

  it.each([
    ['nothing', join(folder, 'nothing'), join(folder, 'new'), 'holds no tables'],
    ['a folder with something in it', dataDir, dataDir, 'is not empty'],
  ])('refuses %s', async (_, from, to, message) => {
    const { code, output } = await spanwise('backup', '--data-dir', from, '--to', to);
    expect(code).toBe(1);
    expect(output).toContain(message);
  });
});

describe('spanwise restore', () => {
  const target = join(folder, 'target');
  const restore = (from: string, to = target) => spanwise('restore', '--from', from, '--data-dir', to);

  it('refuses a folder with something in it, and what is no backup', async () => {
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'file'), '');
    expect((await restore(backupDir, join(folder, 'full'))).output).toContain('is not empty');
    expect((await restore(folder)).output).toContain('is no whole backup');
  });

  it('names a damaged and a missing file, and leaves nothing behind', async () => {
    const tables = join(backupDir, 'tables', 'spans');
    const part = join(tables, readdirSync(tables)[0]!);
    appendFileSync(join(part, 'count.txt'), ' ');
    const damaged = await restore(backupDir);
    expect(damaged).toMatchObject({ code: 1 });
    expect(damaged.output).toMatch(/tables\/spans\/.*\/count\.txt in .* is damaged/);
    expect(readdirSync(target)).toEqual([]);
    rmSync(join(part, 'count.txt'));
    expect((await restore(backupDir)).output).toMatch(/count\.txt is missing/);
    expect(readdirSync(target)).toEqual([]);
  });
});
