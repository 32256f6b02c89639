import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClickHouseFixture,
  fixturePassword,
  startClickHouse,
} from '../../packages/store/src/server/start-clickhouse.fixture.ts';
import { createApiClient } from '../support/api-client.ts';
import { type OtlpRequest, sendUntilAcknowledged, spansRequest } from '../support/otlp.ts';
import { findPortOffset } from '../support/ports.ts';
import { runNode, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = temporaryFolder('storage-server');
let server: ClickHouseFixture;

beforeAll(async () => {
  server = await startClickHouse(join(folder, 'server'));
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const work = (name: string) => spansRequest(name, (tracer) => tracer.startSpan('work').end());
const inTime = () => AbortSignal.timeout(30_000);
const traceOf = ({ ids }: OtlpRequest) => ids[0]!.split('/')[0]!;

describe('spanwise serve --storage', () => {
  it('keeps traces in a server, through kill -9 of itself and of the server', async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${fixturePassword}\n`);
    const options = {
      demo: false,
      dataDir: join(folder, 'spool'),
      portOffset: await findPortOffset(),
      args: [
        '--storage',
        `clickhouse://spanwise@127.0.0.1:${server.port}/traces`,
        '--storage-password-file',
        passwordFile,
      ],
    };
    let system = await startSystem(options);
    const before = work('before');
    await sendUntilAcknowledged(system.otlpHttp, before, inTime());
    await server.stop();
    // Acknowledged by the spool while the tables are away.
    const between = work('between');
    await sendUntilAcknowledged(system.otlpHttp, between, inTime());
    system.process.kill9();
    await system.process.ended;
    server = await startClickHouse(join(folder, 'server'), server.port);
    system = await startSystem(options);
    try {
      const api = createApiClient(system.ui);
      for (const request of [before, between]) {
        await waitFor('the trace', async () => (await api.skeleton(traceOf(request)))?.spanCount === 1);
      }
      const second = runNode([
        ...['packages/cli/src/main.ts', 'serve', '--data-dir', join(folder, 'other'), ...options.args],
        ...['otlp-grpc', 'otlp-http', 'query', 'query-grpc', 'health', 'metrics'].flatMap((name) => [
          `--${name}-port`,
          '0',
        ]),
      ]);
      expect(await second.ended).toBe(1);
      expect(second.output()).toContain(`the database is in use by another Spanwise`);
      expect(second.output()).toContain(`process ${system.process.pid}`);
      expect(second.output() + system.process.output()).not.toContain(fixturePassword);
      expect(system.process.output()).toContain(`data clickhouse://127.0.0.1:${server.port}/traces, spool `);
    } finally {
      await system.stop();
    }
  });
});

describe('spanwise copy', () => {
  it('moves a data folder, spool included, to a server, and later what has come since', async () => {
    const dataDir = join(folder, 'laptop');
    const address = server.url.replace(/\/spanwise$/, '/moved');
    const laptop = await startSystem({ demo: false, dataDir });
    const sent = [work('a'), work('b')];
    for (const request of sent) await sendUntilAcknowledged(laptop.otlpHttp, request, inTime());
    const copyNow = runNode(['packages/cli/src/main.ts', 'copy', '--data-dir', dataDir, '--to', address]);
    expect(await copyNow.ended).toBe(1);
    expect(copyNow.output()).toContain(`in use by process ${laptop.process.pid}`);
    // What is not in the tables yet is in the spool.
    laptop.process.kill9();
    await laptop.process.ended;
    for (const count of [2, 0]) {
      const copied = runNode(['packages/cli/src/main.ts', 'copy', '--data-dir', dataDir, '--to', address]);
      expect(await copied.ended).toBe(0);
      expect(copied.output()).toContain(
        `copied ${count} spans and 0 log records to clickhouse://127.0.0.1:${server.port}/moved\n`,
      );
      expect(copied.output()).not.toContain(fixturePassword);
    }
    await using moved = await startSystem({ demo: false, args: ['--storage', address] });
    const api = createApiClient(moved.ui);
    for (const request of sent) expect((await api.skeleton(traceOf(request)))?.spanCount).toBe(1);
  });

  it('refuses an address that is none, without repeating it', async () => {
    const run = runNode(['packages/cli/src/main.ts', 'copy', '--to', 'clickhouse//me:horse@h']);
    expect(await run.ended).toBe(2);
    expect(run.output()).toContain('--to: the value is not usable');
    expect(run.output()).not.toContain('horse');
  });
});

describe('where chDB has no build', () => {
  // What a machine without it does: the module is not there.
  const hooks = `import { registerHooks } from 'node:module';
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'chdb') throw new Error('no chdb here');
    return next(specifier, context);
  },
});`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` };

  it('spanwise serve says so and offers a server', async () => {
    const run = runNode(['packages/cli/src/main.ts', 'serve', '--data-dir', join(folder, 'none')], env);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('could not be loaded');
    expect(run.output()).toContain('--storage clickhouse://user:password@host:8123/spanwise');
  });

  it('a server is used without it', async () => {
    const storage = server.url.replace(/\/spanwise$/, '/without_chdb');
    await using system = await startSystem({ demo: false, env, args: ['--storage', storage] });
    const request = work('web');
    await sendUntilAcknowledged(system.otlpHttp, request, inTime());
    const api = createApiClient(system.ui);
    await waitFor('the trace', async () => (await api.skeleton(traceOf(request)))?.spanCount === 1);
  });
});
