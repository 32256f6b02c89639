import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrashMemory } from './crash-memory.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-crashes-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('how often the engine ended while it stored rows', () => {
  it('is remembered across restarts, and forgotten when they are stored', async () => {
    const first = await CrashMemory.open(folder, 'a');
    await first.add(3, 3, 'crash');
    await first.add(3, 3, 'crash');
    expect(first.isSuspect(3, 3)).toBe(false);
    const second = await CrashMemory.open(folder, 'a');
    await second.add(3, 3, 'crash');
    expect(second.isSuspect(3, 3)).toBe(true);
    await second.forget();
    expect(await readdir(folder)).toEqual([]);
  });

  it('counts a crash as much as seven kills, and several rows sooner than one', async () => {
    const memory = await CrashMemory.open(folder, 'b');
    for (let kill = 0; kill < 6; kill += 1) await memory.add(0, 9, 'kill');
    expect(memory.isSuspect(0, 9)).toBe(false);
    await memory.add(0, 9, 'kill');
    expect(memory.isSuspect(0, 9)).toBe(true);
    await memory.add(10, 19, 'crash');
    expect(memory.isSuspect(10, 19)).toBe(true);
  });

  it('holds nothing against rows that are stored, and knows them after a restart', async () => {
    const first = await CrashMemory.open(folder, 'd');
    await first.add(0, 9, 'crash');
    await first.add(0, 4, 'kill');
    await first.stored(0, 4);
    const second = await CrashMemory.open(folder, 'd');
    expect(second.isStored(0, 4)).toBe(true);
    expect(second.isStored(5, 9)).toBe(false);
    for (let kill = 0; kill < 6; kill += 1) await second.add(0, 4, 'kill');
    expect(second.isSuspect(0, 4)).toBe(false);
    expect(second.isSuspect(0, 9)).toBe(true);
  });

  it('does not count a try that came to an end', async () => {
    const memory = await CrashMemory.open(folder, 'e');
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await memory.add(0, 9, 'kill');
      await memory.takeBack(0, 9, 'kill');
    }
    expect(memory.isSuspect(0, 9)).toBe(false);
    expect((await CrashMemory.open(folder, 'e')).isSuspect(0, 9)).toBe(false);
  });

  it('goes on without a disk that takes it', async () => {
    const memory = await CrashMemory.open(join(folder, 'not there'), 'c');
    await memory.add(0, 9, 'crash');
    expect(memory.isSuspect(0, 9)).toBe(true);
  });
});
