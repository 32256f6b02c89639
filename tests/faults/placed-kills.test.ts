import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { send, spansRequest } from '../support/otlp.ts';
import { findPortOffset } from '../support/ports.ts';
import { type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { buildFaultLibrary, type FaultLibrary, whyNoFaultLibrary } from './support/fault-library.ts';
import { report } from './support/report.ts';
import { isFull } from './support/scale.ts';
import { expectStoredOnce, isDrained, waitUntilDrained } from './support/stored.ts';

/*
 * Random kills seldom strike between a sync and the rename behind it. Here a process dies exactly there: before and
 * after each rename and each sync that one request causes, in the engine and in the server.
 */

const why = isFull ? whyNoFaultLibrary() : 'only in full: npm run test:faults';
const spansPerRequest = 30;

describe.each(['engine', 'main'] as const)('kill -9 at each rename and sync of the %s', (role) => {
  const dataDir = temporaryFolder(`placed-${role}`);
  let faults: FaultLibrary | undefined;
  let system: RunningSystem | undefined;

  afterAll(async () => {
    await system?.stop();
    faults?.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.skipIf(why !== undefined)(
    `loses nothing, and stores nothing twice${why === undefined ? '' : ` (skipped: ${why})`}`,
    { timeout: 1_800_000 },
    async () => {
      faults = buildFaultLibrary(dataDir, role);
      const { env, set, get } = faults;
      const portOffset = await findPortOffset();
      const start = () => startSystem({ demo: false, dataDir, portOffset, env });
      let running = await start();
      system = running;
      const acknowledged: string[] = [];
      const request = () => spansRequest('placed', (tracer) => startSpans(tracer, spansPerRequest));
      let kills = 0;
      const startAnew = async () => {
        kills += 1;
        set('killAt', 0);
        await waitFor('the engine to end', () => running.process.members().length === 0);
        running = await start();
        system = running;
      };
      const sendAndStore = async () => {
        const sent = request();
        // A kill may take the answer: the sender comes again.
        for (let isSent = false; !isSent; ) {
          isSent = await send(running.otlpHttp, sent).then(
            () => true,
            () => false,
          );
          if (!isSent && running.process.hasEnded()) await startAnew();
        }
        acknowledged.push(...sent.ids);
      };
      await sendAndStore();
      await waitUntilDrained(running);
      const before = get('calls');
      await sendAndStore();
      await waitUntilDrained(running);
      // Merges and the like are in it too: the places behind the last of a request are struck by the next one.
      const callsPerRequest = get('calls') - before;
      expect(callsPerRequest).toBeGreaterThan(role === 'engine' ? 20 : 2);

      const restartsOf = async () => {
        const response = await fetch(`http://127.0.0.1:${running.ports.health}/status`);
        return ((await response.json()) as { engine: { restarts?: number } }).engine.restarts ?? 0;
      };
      for (const after of [0, 1]) {
        set('killAfter', after);
        for (let place = 1; place <= callsPerRequest; place += 1) {
          const restarts = role === 'engine' ? await restartsOf() : 0;
          set('killAt', place);
          await sendAndStore();
          if (role === 'main') {
            // What comes after the answer: the deletion of what is stored.
            await waitFor('the end, or an empty spool', () => {
              return running.process.hasEnded() || isDrained(running);
            });
            if (running.process.hasEnded()) await startAnew();
          } else {
            await waitUntilDrained(running);
            kills += (await restartsOf()) - restarts;
          }
          set('killAt', 0);
        }
      }
      await waitUntilDrained(running);
      await running.stop();
      system = undefined;
      const stored = await expectStoredOnce(dataDir, acknowledged);
      report(`kill -9 at each rename and sync of the ${role}`, {
        places: 2 * callsPerRequest,
        kills,
        acknowledged: acknowledged.length,
        stored: stored.ids.length,
      });
      expect(kills).toBeGreaterThanOrEqual(callsPerRequest);
    },
  );
});

function startSpans(tracer: Parameters<Parameters<typeof spansRequest>[1]>[0], count: number): void {
  for (let index = 0; index < count; index += 1) tracer.startSpan(`span ${index}`).end();
}
