import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../support/api-client.ts';
import { chat } from '../support/chat.ts';
import { findPortOffset, isFree, portsAt } from '../support/ports.ts';
import { run, runNode, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

const supervisor = 'demo/supervisor/main.ts';
const dataDir = temporaryFolder('supervisor');

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('npm start', () => {
  it('starts a crashed service again, and on Ctrl-C ends everything without losing a span', async () => {
    const system = await startSystem({ demo: true, dataDir });
    const { process: running, ports, portOffset } = system;
    for (const service of ['database', 'memory-store', 'backend'] as const) {
      const program = service === 'backend' ? 'packages/cli/src/main.ts' : `demo/${service}/main.ts`;
      const find = () => running.members().find(({ command }) => command.includes(program))?.pid;
      const before = find();
      process.kill(before!, 'SIGKILL');
      await waitFor(`${service} to be back`, () => running.output().includes(`${service} is back.`));
      expect(running.output()).toContain(`${service} crashed (killed by SIGKILL)`);
      expect(find()).not.toBe(before);
    }
    const reply = await chat(system.gateway, 'How do I descale the machine?');
    expect(reply.status).toBe(200);

    const interruptedAt = performance.now();
    running.interrupt();
    await expect(running.ended).resolves.toBe(0);
    expect(running.members()).toEqual([]);
    expect(performance.now() - interruptedAt).toBeLessThan(5_000);
    for (const port of Object.values(ports)) expect(await isFree(port)).toBe(true);

    await using backend = await startSystem({ demo: false, dataDir, portOffset });
    const spans = await createApiClient(backend.ui).completeTrace(reply.traceId, [
      'api-gateway',
      'conversation-manager',
      'llm-proxy',
    ]);
    expect(spans.length).toBeGreaterThan(10);
  });

  it('takes everything with it when it is killed', async () => {
    const running = startOnce(await findPortOffset());
    await waitFor('all services to run', () => running.output().includes('asking:'), {
      timeoutMillis: 60_000,
    });
    // Supervisor, backend, engine, database, six services.
    expect(running.members().length).toBeGreaterThanOrEqual(10);
    running.kill9();
    await waitFor('all processes to end', () => running.members().length === 0, { timeoutMillis: 3_000 });
  });

  it('ends with npm, which passes no signal on', async () => {
    const portOffset = await findPortOffset();
    const npm = run('npm', [
      'start',
      '--',
      '--no-demo',
      '--port-offset',
      String(portOffset),
      '--data-dir',
      dataDir,
    ]);
    await waitFor('the backend to run', () => npm.output().includes('Ctrl-C ends it.'), {
      timeoutMillis: 60_000,
    });
    process.kill(npm.pid, 'SIGTERM');
    await waitFor('all processes to end', () => npm.members().length === 0, { timeoutMillis: 10_000 });
    for (const port of Object.values(portsAt(portOffset))) expect(await isFree(port)).toBe(true);
  });

  it('says which port is taken, by whom, and what to do, before it starts anything', async () => {
    const portOffset = await findPortOffset();
    const ports = portsAt(portOffset);
    const other = createServer().listen(ports['llm-proxy'], '127.0.0.1');
    try {
      const once = startOnce(portOffset);
      await expect(once.ended).resolves.toBe(1);
      expect(once.output()).toContain(`port ${ports['llm-proxy']} (llm-proxy) is taken by`);
      if (process.platform === 'linux') expect(once.output()).toContain(`process ${process.pid} (`);
      expect(once.output()).toContain('--port-offset');
      expect(once.output()).not.toContain('starting');
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it.each([
    [['--help'], 0, '--port-offset N'],
    [['--version'], 0, /^\d+\.\d+\.\d+/],
    [['--no-dmo'], 2, "Unknown option '--no-dmo'"],
    [['--port-offset', 'x'], 2, '--port-offset must be a whole number'],
    [['--port-offset', ''], 2, '--port-offset must be a whole number'],
  ])('answers %j with exit code %i', async (args, code, text) => {
    const running = runNode([supervisor, ...args]);
    await expect(running.ended).resolves.toBe(code);
    expect(running.output()).toMatch(text);
  });
});

function startOnce(portOffset: number) {
  // What a killed supervisor leaves behind goes with the test's folder.
  return runNode([supervisor, '--once', '--port-offset', String(portOffset), '--data-dir', dataDir], {
    TMPDIR: dataDir,
  });
}
