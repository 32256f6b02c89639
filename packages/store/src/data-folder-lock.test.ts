import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataFolderTakenError, lockDataFolder } from './data-folder-lock.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-lock-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** So many turns of the loop later, so that the steps of one fall between the steps of others. */
async function lockLater(turns: number) {
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
  return lockDataFolder(folder);
}

it('is given to exactly one of many that come at once, whether it is new, released or left by the dead', async () => {
  for (let round = 0; round < 50; round += 1) {
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, turns) => lockLater(turns)));
    const taken = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(taken).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(DataFolderTakenError);
    }
    const [name] = await readdir(folder);
    if (round % 2 === 0) await taken[0]!.release();
    else
      await writeFile(join(folder, name!), JSON.stringify({ owner: { pid: 2 ** 22 + 1, startedAt: 'x' } }));
  }
  // Nothing heaps up.
  expect(await readdir(folder)).toHaveLength(1);
});

it('waits for an owner that is closing', async () => {
  const first = await lockDataFolder(folder);
  await first.markClosing();
  const second = lockDataFolder(folder);
  await first.release();
  await (await second).release();
});
