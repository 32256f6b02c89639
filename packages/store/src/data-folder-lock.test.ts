import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('an owner in another container, whose process nobody here can see', () => {
  const far = {
    space: 'pod-1 boot pid:[2]',
    owner: { pid: 1, startedAt: 'x' },
    closing: false,
    released: false,
  };
  let lockFile: string;

  async function writeLock(content: object, touchedAt: Date) {
    for (const name of await readdir(folder)) await rm(join(folder, name));
    lockFile = join(folder, 'lock.7');
    await writeFile(lockFile, JSON.stringify(content));
    await utimes(lockFile, touchedAt, touchedAt);
  }

  it('keeps the folder as long as it gives signs of life', async () => {
    await writeLock(far, new Date());
    const taken = lockDataFolder(folder);
    const beat = setInterval(() => utimes(lockFile, new Date(), new Date()), 100);
    await expect(taken).rejects.toThrow('in use by process 1 on pod-1 (another container or machine)');
    clearInterval(beat);
  });

  it('is gone when it has been silent for long, or has left in order', async () => {
    for (const [content, touchedAt] of [
      [far, new Date(Date.now() - 60_000)],
      [{ ...far, released: true }, new Date()],
    ] as const) {
      await writeLock(content, touchedAt);
      const lock = await lockDataFolder(folder);
      expect(await readdir(folder)).toEqual(['lock.8']);
      await lock.release();
    }
  });

  it('that is closing is waited for', async () => {
    await writeLock({ ...far, closing: true }, new Date());
    const taken = lockDataFolder(folder);
    await writeFile(lockFile, JSON.stringify({ ...far, closing: true, released: true }));
    await (await taken).release();
  });
});
