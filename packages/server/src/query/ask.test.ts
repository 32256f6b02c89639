import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddedEngine, type Engine, openStore, type Store } from '@spanwise/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { forCaller } from './caller.ts';

let folder: string;
let engine: Engine;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-ask-'));
  engine = await createEmbeddedEngine({ dataDir: folder });
  store = await openStore({ engine });
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

it('gives the answer that comes in time', async () => {
  expect(await ask(store, (reader) => reader.services(0))).toEqual([]);
});

it('ends with its caller', async () => {
  const gone = new AbortController();
  const asked = forCaller(gone.signal, () => ask(store, () => new Promise(() => {})));
  gone.abort();
  await expect(asked).rejects.toMatchObject({ status: 499 });
  const late = forCaller(gone.signal, () => ask(store, () => new Promise(() => {})));
  await expect(late).rejects.toMatchObject({ status: 499 });
});

it('gives up at the deadline, and so does the engine', async () => {
  // A view that never ends stands for a question that takes too long.
  await engine.execute('DROP TABLE spanwise.operations');
  await engine.execute(
    `CREATE VIEW spanwise.operations AS SELECT toUInt32(0) AS tenant, 'web' AS service, toString(intHash64(number) % 2) AS name, 2 AS kind
      FROM numbers(1000000000000000)`,
  );
  // More than there are sessions.
  const questions = Array.from({ length: 12 }, () =>
    ask(store, (reader) => reader.operations(0, 'web'), 100),
  );
  for (const outcome of await Promise.allSettled(questions)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { status: 504, code: 'too_slow' } });
  }
  // They would hold every session for 30 seconds.
  await expect(engine.query('SELECT 1', { timeoutMillis: 10_000 })).resolves.toBeInstanceOf(Uint8Array);
});
