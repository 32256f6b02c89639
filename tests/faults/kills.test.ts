import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { findPortOffset } from '../support/ports.ts';
import { type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { report } from './support/report.ts';
import { isFull } from './support/scale.ts';
import { type Senders, startSenders } from './support/senders.ts';
import { expectStoredOnce, waitUntilDrained } from './support/stored.ts';

const kills = isFull ? 200 : 4;
/** A kill strikes at a random moment within this time after the last. */
const momentMillis = isFull ? 800 : 400;
const targets = ['main', 'engine', 'both'] as const;

const dataDir = temporaryFolder('kills');
let system: RunningSystem | undefined;
let senders: Senders | undefined;

afterAll(async () => {
  await senders?.abandon();
  await system?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('kill -9 under load', () => {
  it('loses nothing that was acknowledged, stores nothing twice, and is ready again soon', {
    timeout: 60_000 + kills * 10_000,
  }, async () => {
    const portOffset = await findPortOffset();
    const readyMillis: number[] = [];
    const start = async () => {
      const startedAt = performance.now();
      system = await startSystem({ demo: false, dataDir, portOffset });
      readyMillis.push(performance.now() - startedAt);
      return system;
    };
    let running = await start();
    senders = startSenders(running.otlpHttp, { count: 4, spansPerRequest: 12, pauseMillis: 20 });
    await senders.acknowledgeMore(50);
    const killed = { main: 0, engine: 0, both: 0 };
    for (let kill = 0; kill < kills; kill++) {
      const target = targets[kill % targets.length]!;
      await delay(Math.random() * momentMillis);
      // Not before the last one's damage is felt: each strikes under load.
      await senders.acknowledgeMore(1);
      killed[target] += 1;
      const engine = findEngine(running);
      if (target !== 'main' && engine !== undefined) process.kill(engine, 'SIGKILL');
      if (target === 'engine') continue;
      running.process.kill9();
      await running.process.ended;
      await waitFor('the engine to end with the main process', () => {
        return running.process.members().length === 0;
      });
      running = await start();
    }
    const acknowledged = await senders.finish();
    senders = undefined;
    await waitUntilDrained(running);
    await running.stop();
    system = undefined;
    const stored = await expectStoredOnce(dataDir, acknowledged);
    readyMillis.sort((a, b) => a - b);
    report('kill -9 at random moments', {
      ...killed,
      acknowledged: acknowledged.length,
      stored: stored.ids.length,
      readyMillisMedian: readyMillis[readyMillis.length >> 1]!,
      readyMillisMost: readyMillis.at(-1)!,
    });
    // The median: on a machine that others use too, a single start may take any time.
    expect(readyMillis[readyMillis.length >> 1]).toBeLessThan(5_000);
  });
});

/** The one child of the server's main process, unless it is just being started anew. */
function findEngine({ process: { pid, members } }: RunningSystem): number | undefined {
  return members().find(({ parentPid }) => parentPid === pid)?.pid;
}
