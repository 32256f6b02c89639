import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { sendUntilAcknowledged, spansRequest } from '../support/otlp.ts';
import { findPortOffset } from '../support/ports.ts';
import { type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { buildFaultLibrary, whyNoFaultLibrary } from './support/fault-library.ts';
import { report } from './support/report.ts';
import { isFull } from './support/scale.ts';
import { type Senders, startSenders } from './support/senders.ts';
import { expectStoredOnce, waitUntilDrained } from './support/stored.ts';

/*
 * A kill leaves what the system has in memory; a power cut doesn't. The fault library keeps what would be left: names
 * as of the last sync of anything, and of each file what was synced of it.
 */

const why = isFull ? whyNoFaultLibrary() : 'only in full: npm run test:faults';
const cuts = 12;

const folders: string[] = [];
let system: RunningSystem | undefined;
let senders: Senders | undefined;

afterAll(async () => {
  await senders?.abandon();
  await system?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a power cut under load', () => {
  it.skipIf(why !== undefined)(
    `forgets nothing that was acknowledged${why === undefined ? '' : ` (skipped: ${why})`}`,
    { timeout: 900_000 },
    async () => {
      const portOffset = await findPortOffset();
      const acknowledged: string[] = [];
      let forgotten = 0;
      const dataDir = newFolder();
      for (let cut = 0; cut < cuts; cut += 1) {
        const faults = buildFaultLibrary(dataDir, 'both');
        keepWhatIsThere(dataDir, faults.shadow);
        faults.set('isRecording', 1);
        const running = await startSystem({ demo: false, dataDir, portOffset, env: faults.env });
        system = running;
        // Stored and deleted from the spool before the cut: what only the tables know must be on disk, too.
        await sendUntilAcknowledged(
          running.otlpHttp,
          spansRequest(`before-cut-${cut}`, (tracer) => tracer.startSpan('early').end()),
          AbortSignal.timeout(60_000),
        );
        await waitUntilDrained(running);
        senders = startSenders(running.otlpHttp, { count: 3, spansPerRequest: 10, pauseMillis: 30 });
        await senders.acknowledgeMore(5);
        await delay(Math.random() * 2_500);
        // Both at once, as a cut strikes; what is acknowledged after the kill can't be.
        running.process.kill9();
        await running.process.ended;
        await waitFor('the engine to end', () => running.process.members().length === 0);
        acknowledged.push(...(await senders.abandon()));
        senders = undefined;
        // At the same path: the engine's links are absolute.
        rmSync(dataDir, { recursive: true });
        mkdirSync(dataDir);
        forgotten += restore(faults.shadow, dataDir);
        faults.remove();
      }
      const last = await startSystem({ demo: false, dataDir, portOffset });
      system = last;
      await waitUntilDrained(last);
      const { data: services } = (await (await fetch(`${last.ui}/api/services`)).json()) as {
        data: readonly string[];
      };
      expect(services).toEqual(
        expect.arrayContaining(Array.from({ length: cuts }, (_, cut) => `before-cut-${cut}`)),
      );
      await last.stop();
      system = undefined;
      const stored = await expectStoredOnce(dataDir, acknowledged);
      report('power cuts', {
        cuts,
        acknowledged: acknowledged.length,
        stored: stored.ids.length,
        unsyncedFilesForgotten: forgotten,
      });
      // The cut is real: there were files that nobody had synced.
      expect(forgotten).toBeGreaterThan(0);
    },
  );
});

function newFolder(): string {
  const folder = temporaryFolder('power-cut');
  folders.push(folder);
  return folder;
}

/** What the last cut left is on the disk. */
function keepWhatIsThere(dataDir: string, shadow: string): void {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const { ino, birthtimeNs } = statSync(file, { bigint: true });
    const key = `${ino}-${birthtimeNs / 1_000_000_000n}-${birthtimeNs % 1_000_000_000n}`;
    copyFileSync(file, path.join(shadow, 'files', key));
  }
}

/** Makes a data folder of what was synced. Gives how many files had never been. */
function restore(shadow: string, to: string): number {
  let forgotten = 0;
  for (const line of readFileSync(path.join(shadow, 'tree'), 'utf8').split('\n')) {
    const [kind, key, name, target] = line.split('\t');
    if (kind === undefined || key === undefined || name === undefined || name === '') continue;
    const at = path.join(to, name);
    const content = path.join(shadow, 'files', key);
    if (kind === 'd') mkdirSync(at, { recursive: true });
    else if (kind === 'l') symlinkSync(target ?? '', at);
    else if (existsSync(content)) copyFileSync(content, at);
    else {
      writeFileSync(at, '');
      forgotten += 1;
    }
  }
  return forgotten;
}
