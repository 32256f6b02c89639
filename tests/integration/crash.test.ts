import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Context, ROOT_CONTEXT, type Tracer, trace } from '@opentelemetry/api';
import { afterAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../support/api-client.ts';
import { type OtlpRequest, sendUntilAcknowledged, spansRequest } from '../support/otlp.ts';
import { findPortOffset } from '../support/ports.ts';
import { type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

const senderCount = 4;
const spansPerRequest = 40;
/** A trace grows by this many requests, so that few reads see many requests. */
const requestsPerTrace = 50;
/** Between one crash and the next, so that each strikes under load. */
const requestsBetweenCrashes = 200;

const dataDir = temporaryFolder('crash');
let system: RunningSystem | undefined;

afterAll(async () => {
  await system?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('kill -9 under load', () => {
  it('loses nothing that was acknowledged, and stores nothing twice', async () => {
    const portOffset = await findPortOffset();
    const start = () => startSystem({ demo: false, dataDir, portOffset });
    system = await start();
    const senders = startSenders(system.otlpHttp);
    await senders.acknowledgeMore(requestsBetweenCrashes);

    const { process: main } = system;
    main.kill9();
    await waitFor('the engine to end with the main process', () => main.members().length === 0, {
      timeoutMillis: 5_000,
    });
    system = await start();
    await senders.acknowledgeMore(requestsBetweenCrashes);

    const engine = findEngine(system);
    process.kill(engine, 'SIGKILL');
    await senders.acknowledgeMore(requestsBetweenCrashes);
    const { members } = system.process;
    await waitFor('another engine', () => members().some(({ pid }) => pid !== engine && isEngine(pid)));
    expect(system.process.hasEnded()).toBe(false);

    // Once more while the spool is being replayed after the engine's crash.
    system.process.kill9();
    await system.process.ended;
    system = await start();
    const acknowledged = await senders.finish();
    await expectStoredOnce(system.ui, acknowledged);

    function isEngine(pid: number): boolean {
      return members().some((member) => member.pid === pid && member.parentPid === system?.process.pid);
    }
  });
});

interface Senders {
  /** Waits for that many further requests to be acknowledged. */
  acknowledgeMore(count: number): Promise<void>;
  /** Every sender gets its last request through; then gives all ids, `<trace id>/<span id>`. */
  finish(): Promise<readonly string[]>;
}

function startSenders(otlpHttp: string): Senders {
  const acknowledged: OtlpRequest[] = [];
  const aborted = new AbortController();
  let finishing = false;
  const sender = async (name: string) => {
    let parent = ROOT_CONTEXT;
    for (let count = 0; !finishing; count++) {
      if (count % requestsPerTrace === 0) parent = ROOT_CONTEXT;
      const request = spansRequest(name, (tracer) => {
        parent = recordWork(tracer, parent);
      });
      await sendUntilAcknowledged(otlpHttp, request, aborted.signal);
      acknowledged.push(request);
      await delay(10); // A load, not a flood: what was stored is read back one by one.
    }
  };
  const running = Array.from({ length: senderCount }, (_, index) => sender(`sender-${index}`));
  return {
    acknowledgeMore: async (count) => {
      const target = acknowledged.length + count;
      await waitFor(`${count} more acknowledged requests`, () => acknowledged.length >= target);
    },
    finish: async () => {
      finishing = true;
      const timer = setTimeout(() => aborted.abort(), 30_000);
      await Promise.all(running);
      clearTimeout(timer);
      return acknowledged.flatMap(({ ids }) => ids);
    },
  };
}

/** Spans of one trace; gives the context in which the trace goes on. */
function recordWork(tracer: Tracer, parent: Context): Context {
  let context = parent;
  for (let index = 0; index < spansPerRequest; index++) {
    const span = tracer.startSpan(`work ${index}`, {}, context);
    if (context === ROOT_CONTEXT) context = trace.setSpan(ROOT_CONTEXT, span);
    span.end();
  }
  return context;
}

/** The one child of the server's main process. */
function findEngine(running: RunningSystem): number {
  const children = running.process.members().filter(({ parentPid }) => parentPid === running.process.pid);
  expect(children).toHaveLength(1);
  return children[0]!.pid;
}

/** Reads every trace back through the API. */
async function expectStoredOnce(ui: string, ids: readonly string[]): Promise<void> {
  const api = createApiClient(ui);
  const expected = new Map<string, string[]>();
  for (const id of ids) {
    const [traceId = '', spanId = ''] = id.split('/');
    expected.set(traceId, [...(expected.get(traceId) ?? []), spanId]);
  }
  expect(expected.size).toBeGreaterThan(0);
  for (const [traceId, spanIds] of expected) {
    const stored = await waitFor(`trace ${traceId}`, async () => {
      const skeleton = await api.skeleton(traceId);
      return skeleton !== undefined && skeleton.spanIds.length >= spanIds.length && skeleton.spanIds;
    });
    expect([...stored].sort()).toEqual(spanIds.sort());
  }
}
