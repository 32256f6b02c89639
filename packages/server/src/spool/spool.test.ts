import { randomBytes } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { traceId } from '@spanwise/model';
import { EngineError, type Segment } from '@spanwise/store';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openSpool, type Spool, type SpoolBatch, type SpoolLimits, type StoredSegment } from './spool.ts';
import { SpoolFullError } from './spool-full-error.ts';

const limits: SpoolLimits = {
  maxBytes: 1_000_000,
  segmentMaxBytes: 100_000,
  segmentMaxRows: 1_000,
  segmentMaxAgeMillis: 5,
  diskReserveBytes: 0,
  groupBytes: 100_000,
  fsyncMillis: 20,
  traceIdsPerSegment: 100,
  divideTries: 50,
  quarantineListed: 10,
  requestMemoryMillis: 60_000,
  requestMemoryEntries: 1_000,
};
const rowBytes = 32;

/** Rows that carry a name; the spool looks at no more of a row than its first twelve bytes. */
function batch(name: string, rowCount = 1, signal: 'spans' | 'logs' = 'spans', size = rowBytes): SpoolBatch {
  const rows = new Uint8Array(rowCount * size);
  for (let row = 0; row < rowCount; row += 1)
    rows.set(new TextEncoder().encode(`${name}:${row}`), row * size + 12);
  return {
    signal,
    rows,
    rowOffsets: Uint32Array.from({ length: rowCount }, (_, row) => row * size),
    rowCount,
    requestHash: new TextEncoder().encode(name),
    traceIds: [traceId('1'.padStart(32, '0'))],
  };
}

/** Where `write` puts what it is given: the tables. Fails as often as it is told to. */
class Tables {
  readonly segments: Segment[] = [];
  readonly rows: { readonly name: string; readonly ingestSeq: bigint; readonly row: number }[] = [];
  failures: Error[] = [];
  gate: Promise<void> = Promise.resolve();

  async finishParts(): Promise<void> {}

  async writeSegment(segment: Segment): Promise<void> {
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const bytes = await readFile(segment.path);
    expect(bytes.length).toBe(segment.rowCount * rowBytes);
    this.segments.push(segment);
    for (let at = 0; at < bytes.length; at += rowBytes) {
      const name = bytes.toString('utf8', at + 12, at + rowBytes).replace(/\0+$/, '');
      this.rows.push({ name, ingestSeq: bytes.readBigUInt64LE(at), row: bytes.readUInt32LE(at + 8) });
    }
  }

  get names(): readonly string[] {
    return this.rows.map(({ name }) => name);
  }
}

const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spanwise-spool-'));
  folders.push(folder);
  return folder;
}

async function start(directory: string, tables: Tables, more: Partial<Parameters<typeof openSpool>[0]> = {}) {
  return openSpool({ directory, limits, writer: tables, ...more });
}

/** What a kill leaves: the files as they are, without the process. */
async function copyOf(directory: string): Promise<string> {
  const copy = await newFolder();
  await mkdir(join(copy, 'quarantine'));
  for (const file of await readdir(directory)) {
    if ((await stat(join(directory, file))).isFile()) await copyFile(join(directory, file), join(copy, file));
  }
  return copy;
}

/** Acknowledged and never handed to the tables, as before a kill. */
async function unfinishedFolder(...batches: readonly SpoolBatch[]): Promise<string> {
  const directory = await newFolder();
  const tables = new Tables();
  tables.gate = new Promise(() => {});
  const spool = await start(directory, tables, { limits: { ...limits, segmentMaxAgeMillis: 1e6 } });
  for (const each of batches) await spool.append(each);
  await spool.close();
  return directory;
}

const filesOf = async (directory: string, suffix: string) =>
  (await readdir(directory)).filter((file) => file.endsWith(suffix)).sort();

describe('appending', () => {
  it('hands every row to the tables, numbered within its segment, and then deletes the data', async () => {
    const directory = await newFolder();
    const tables = new Tables();
    const stored: StoredSegment[] = [];
    const spool = await start(directory, tables, { onStored: (segment) => stored.push(segment) });
    await Promise.all([
      spool.append(batch('a', 3)),
      spool.append(batch('b', 2)),
      spool.append(batch('c', 1, 'logs')),
    ]);
    await spool.flush();
    expect(tables.names.toSorted()).toEqual(['a:0', 'a:1', 'a:2', 'b:0', 'b:1', 'c:0']);
    for (const segment of tables.segments) {
      const rows = tables.rows.filter(({ ingestSeq }) => ingestSeq === segment.ingestSeq);
      expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index));
      expect(segment.rowCount).toBe(rows.length);
    }
    expect(await filesOf(directory, '.rows')).toEqual([]);
    expect(stored.map(({ signal }) => signal).toSorted()).toEqual(['logs', 'spans']);
    expect(stored[0]).toMatchObject({ traceIds: [traceId('1'.padStart(32, '0'))], truncated: false });
    expect(spool.status()).toMatchObject({ state: 'ready', bytes: 0, segments: 0, storedRows: 6 });
    await spool.close();
  });

  it('closes a segment by itself when its rows are old enough', async () => {
    const tables = new Tables();
    const done = Promise.withResolvers<void>();
    const spool = await start(await newFolder(), tables, { onStored: () => done.resolve() });
    await spool.append(batch('a'));
    await done.promise;
    expect(tables.names).toEqual(['a:0']);
    await spool.close();
  });

  it('lets segments grow to their limit while the engine is busy', async () => {
    const tables = new Tables();
    const engine = Promise.withResolvers<void>();
    tables.gate = engine.promise;
    const spool = await start(await newFolder(), tables);
    for (let n = 0; n < 30; n += 1) await spool.append(batch(`r${n}`, 100));
    engine.resolve();
    await spool.flush();
    expect(tables.rows).toHaveLength(3_000);
    expect(tables.segments.length).toBeLessThan(10);
    expect(Math.max(...tables.segments.map(({ rowCount }) => rowCount))).toBeLessThanOrEqual(
      limits.segmentMaxRows,
    );
    await spool.close();
  });

  it('keeps trying while the engine restarts, and stores in order', async () => {
    const tables = new Tables();
    tables.failures = [new EngineError('storage restarting', { retryable: true })];
    const spool = await start(await newFolder(), tables);
    await spool.append(batch('a'));
    await spool.flush();
    await spool.append(batch('b'));
    await spool.flush();
    expect(tables.names).toEqual(['a:0', 'b:0']);
    expect(spool.status().state).toBe('ready');
    await spool.close();
  });
});

describe('a repeated request', () => {
  it('is not stored again: in flight, later, and after a restart', async () => {
    const directory = await newFolder();
    const tables = new Tables();
    const spool = await start(directory, tables);
    const outcomes = await Promise.all([spool.append(batch('a')), spool.append(batch('a'))]);
    expect(outcomes.toSorted()).toEqual(['repeated', 'stored']);
    await spool.flush();
    expect(await spool.append(batch('a'))).toBe('repeated');
    await spool.close();
    const again = await start(directory, tables);
    expect(await again.append(batch('a'))).toBe('repeated');
    expect(again.status().repeatedRequests).toBe(1);
    await again.flush();
    expect(tables.names).toEqual(['a:0']);
    await again.close();
  });

  it('is a new one after the time that requests are remembered', async () => {
    const directory = await newFolder();
    const tables = new Tables();
    let now = 1_000_000;
    const spool = await start(directory, tables, { clock: () => now });
    await spool.append(batch('a'));
    await spool.flush();
    now += limits.requestMemoryMillis + 1;
    expect(await spool.append(batch('a'))).toBe('stored');
    await spool.flush();
    // The side file of the first is gone, that of the second remembers.
    expect(await filesOf(directory, '.side')).toHaveLength(1);
    await spool.close();
  });

  it('is forgotten when too many others came since', async () => {
    const tables = new Tables();
    const spool = await start(await newFolder(), tables, { limits: { ...limits, requestMemoryEntries: 2 } });
    for (const name of ['a', 'b', 'c']) await spool.append(batch(name));
    expect(await spool.append(batch('b'))).toBe('repeated');
    expect(await spool.append(batch('a'))).toBe('stored');
    await spool.close();
  });
});

describe('a start after a kill', () => {
  it('stores what was acknowledged, and numbers on above it', async () => {
    const directory = await unfinishedFolder(batch('a', 2), batch('b', 3), batch('c', 1, 'logs'));
    const tables = new Tables();
    const spool = await start(directory, tables);
    await spool.append(batch('d'));
    await spool.flush();
    expect(tables.names.toSorted()).toEqual(['a:0', 'a:1', 'b:0', 'b:1', 'b:2', 'c:0', 'd:0']);
    expect(new Set(tables.segments.map(({ ingestSeq }) => ingestSeq)).size).toBe(3);
    expect(tables.rows.at(-1)!.ingestSeq).toBeGreaterThan(tables.rows[0]!.ingestSeq);
    await spool.close();
  });

  it('numbers above what the tables hold, should the folder have been lost', async () => {
    const tables = new Tables();
    const spool = await start(await newFolder(), tables, { ingestSeqAfter: 5_000n });
    await spool.append(batch('a'));
    await spool.flush();
    expect(tables.segments[0]!.ingestSeq).toBeGreaterThan(5_000n);
    await spool.close();
  });

  it('never gives a number twice', async () => {
    const directory = await newFolder();
    const tables = new Tables();
    for (let n = 0; n < 5; n += 1) {
      const spool = await start(directory, tables, { limits: { ...limits, requestMemoryMillis: -1 } });
      await spool.append(batch(`r${n}`));
      await spool.flush();
      await spool.close();
    }
    expect(new Set(tables.segments.map(({ ingestSeq }) => ingestSeq)).size).toBe(5);
  });

  it.each(['.rows', '.side'])('cuts a tail torn at any byte of the last record (%s)', async (suffix) => {
    const whole = await unfinishedFolder(batch('first', 2));
    const keptSizes = await sizes(whole);
    const directory = await unfinishedFolder(batch('first', 2), batch('last', 2));
    const fullSizes = await sizes(directory);
    for (let size = keptSizes[suffix]!; size < fullSizes[suffix]!; size += 1) {
      const torn = await copyOf(directory);
      const [file] = await filesOf(torn, suffix);
      await truncate(join(torn, file!), size);
      const tables = new Tables();
      const spool = await start(torn, tables);
      expect(await spool.append(batch('last', 2))).toBe('stored');
      await spool.flush();
      expect(tables.names).toEqual(['first:0', 'first:1', 'last:0', 'last:1']);
      await spool.close();
    }
  });

  it('takes nothing that changed on the disk, and keeps a copy where more than the tail is in doubt', async () => {
    const directory = await unfinishedFolder(batch('a'), batch('b'), batch('c'));
    const fullSizes = await sizes(directory);
    for (const suffix of ['.rows', '.side']) {
      for (let bit = 0; bit < fullSizes[suffix]! * 8; bit += 61) {
        const flipped = await copyOf(directory);
        const [file] = await filesOf(flipped, suffix);
        const bytes = await readFile(join(flipped, file!));
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        await writeFile(join(flipped, file!), bytes);
        const tables = new Tables();
        const spool = await start(flipped, tables);
        await spool.flush();
        expect(['', 'a:0', 'a:0,b:0']).toContain(tables.names.join());
        if (suffix === '.rows' && bit >> 3 < 2 * rowBytes)
          expect(spool.status().quarantined.segments).toBe(1);
        await spool.close();
      }
    }
  });

  async function sizes(directory: string): Promise<Record<string, number>> {
    const entries = ['.rows', '.side'].map(async (suffix) => {
      const [file] = await filesOf(directory, suffix);
      return [suffix, (await stat(join(directory, file!))).size] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }
});

describe('the fsync policy', () => {
  /** Counts the syncs of row files: what the policy is about. */
  function countingDisk() {
    const counts = { syncs: 0, nextSync: Promise.withResolvers<void>() };
    const openFile = async (path: string, flags: string, mode: number) => {
      const file = await open(path, flags, mode);
      if (!path.endsWith('.rows')) return file;
      return new Proxy(file, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          if (name === 'datasync') {
            counts.syncs += 1;
            counts.nextSync.resolve();
          }
          return value.bind(target);
        },
      });
    };
    return { counts, openFile };
  }

  it('always: has synced before the sender is answered', async () => {
    const { counts, openFile } = countingDisk();
    const spool = await start(await newFolder(), new Tables(), { openFile });
    for (const name of ['a', 'b', 'c']) await spool.append(batch(name));
    expect(counts.syncs).toBeGreaterThanOrEqual(3);
    await spool.close();
  });

  it('interval: answers at once and syncs soon after', async () => {
    const { counts, openFile } = countingDisk();
    const patient = { ...limits, segmentMaxAgeMillis: 1e6 };
    const spool = await start(await newFolder(), new Tables(), {
      openFile,
      fsync: 'interval',
      limits: patient,
    });
    await spool.append(batch('a'));
    await counts.nextSync.promise;
    await spool.close();
  });

  it('never: leaves it to the system, and still stores everything', async () => {
    const { counts, openFile } = countingDisk();
    const tables = new Tables();
    const spool = await start(await newFolder(), tables, { openFile, fsync: 'never' });
    await spool.append(batch('a'));
    await spool.flush();
    expect(counts.syncs).toBe(0);
    expect(tables.names).toEqual(['a:0']);
    await spool.close();
  });
});

describe('requests that come together', () => {
  it('share a sync', async () => {
    const groups: number[] = [];
    const metrics = {
      committed: (_: string, requests: number) => groups.push(requests),
      inserted() {},
      quarantined() {},
    };
    const spool = await start(await newFolder(), new Tables(), { metrics });
    const sender = async (name: string) => {
      for (let n = 0; n < 20; n += 1) await spool.append(batch(`${name}${n}`));
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(sender));
    expect(groups.reduce((sum, count) => sum + count, 0)).toBe(80);
    // Those who were answered together come again together: the group waits for them.
    expect(groups.length).toBeLessThan(40);
    await spool.close();
  });
});

describe('a full spool', () => {
  it('is one whose disk is full, too, and takes again when there is room', async () => {
    const disk = { free: 1_000, total: 1_000_000 };
    const spool = await start(await newFolder(), new Tables(), {
      limits: { ...limits, diskReserveBytes: 900 },
      measureDisk: async () => disk,
    });
    expect(await spool.append(batch('a', 3))).toBe('stored');
    const refusal: unknown = await spool.append(batch('b', 4)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'SpoolFullError', reason: 'disk_full' });
    disk.free = 10_000;
    const tryAgain = (): Promise<unknown> =>
      spool.append(batch('b', 4)).catch(() => sleep(20).then(tryAgain));
    expect(await tryAgain()).toBe('stored');
    disk.free = 0;
    while (spool.status().state !== 'full') await sleep(20);
    expect(spool.status().reason).toBe('the disk is full');
    await spool.close();
  });

  it('tells senders to wait, and takes again what it has drained', async () => {
    const tables = new Tables();
    const engine = Promise.withResolvers<void>();
    tables.gate = engine.promise;
    const small = { ...limits, maxBytes: 100 * rowBytes };
    const spool = await start(await newFolder(), tables, { limits: small });
    await spool.append(batch('a', 81));
    expect(spool.status().state).toBe('full');
    const refusal = await spool.append(batch('b')).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SpoolFullError);
    expect((refusal as SpoolFullError).retryAfterMillis).toBeGreaterThan(0);
    engine.resolve();
    await spool.flush();
    expect(await spool.append(batch('b'))).toBe('stored');
    await spool.flush();
    expect(tables.names).toHaveLength(82);
    await spool.close();
  });

  it('refuses what would not fit, whatever is in it', async () => {
    const spool = await start(await newFolder(), new Tables(), {
      limits: { ...limits, maxBytes: 10 * rowBytes },
    });
    await expect(spool.append(batch('a', 11))).rejects.toBeInstanceOf(SpoolFullError);
    await spool.close();
  });

  it('survives a clock that is set back', async () => {
    let now = 1_000_000;
    const tables = new Tables();
    const done = Promise.withResolvers<void>();
    const spool = await start(await newFolder(), tables, {
      clock: () => now,
      onStored: () => done.resolve(),
    });
    await spool.append(batch('a'));
    now = 0;
    await done.promise;
    expect(tables.names).toEqual(['a:0']);
    await spool.close();
  });
});

describe('a disk that fails', () => {
  it.each([
    ['writev', 'ENOSPC'],
    ['datasync', 'EIO'],
    ['open', 'EROFS'],
  ] as const)('is never acknowledged from (%s gives %s), and recovers by itself', async (call, code) => {
    let broken = false;
    const failure = () => Object.assign(new Error(code), { code });
    // The one thing here that is not real: no test can take a disk away.
    const openFile = async (path: string, flags: string, mode: number) => {
      if (broken && call === 'open') throw failure();
      const file = await open(path, flags, mode);
      return new Proxy(file, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return broken && name === call
            ? async (...args: unknown[]) => {
                // A part of it reaches the disk all the same.
                if (call === 'writev')
                  await target.write((args[0] as Uint8Array[])[0]!.subarray(0, 7), 0, 7, args[1] as number);
                throw failure();
              }
            : value.bind(target);
        },
      });
    };
    const directory = await newFolder();
    const tables = new Tables();
    const spool = await start(directory, tables, { openFile });
    if (call !== 'open') await spool.append(batch('before'));
    broken = true;
    await expect(spool.append(batch('lost'))).rejects.toBeInstanceOf(SpoolFullError);
    expect(spool.status()).toMatchObject({ state: 'failing', reason: expect.stringContaining(code) });
    broken = false;
    // Without anybody sending: the spool tries the disk itself.
    while (spool.status().state === 'failing') await sleep(20);
    expect(await spool.append(batch('lost'))).toBe('stored');
    await spool.flush();
    expect(tables.names).toEqual([...(call === 'open' ? [] : ['before:0']), 'lost:0']);
    await spool.close();
  });
});

it('loses nothing and stores nothing twice, whatever comes and however often it is started anew', async () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        request: fc.nat(30),
        rows: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'flush' as const, 'fail' as const) }),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const directory = await newFolder();
      const tables = new Tables();
      const small = { ...limits, maxBytes: 60 * rowBytes, segmentMaxRows: 25 };
      let spool: Spool = await start(directory, tables, { limits: small });
      const kept = new Map<number, number>();
      const counts = { stored: 0, repeated: 0, refused: 0, received: 0 };
      const running: Promise<void>[] = [];
      const settle = () => Promise.all(running.splice(0));
      for (const each of steps) {
        if (each.kind === 'append') {
          counts.received += 1;
          const { request } = each;
          // One request number is one request: a repeat has the same rows.
          const rows = 1 + ((request * 7) % 20);
          running.push(
            spool.append(batch(`r${request}`, rows)).then(
              (outcome) => {
                counts[outcome] += 1;
                if (outcome === 'stored') {
                  expect(kept.has(request)).toBe(false);
                  kept.set(request, rows);
                }
              },
              (error: unknown) => {
                expect(error).toBeInstanceOf(SpoolFullError);
                counts.refused += 1;
              },
            ),
          );
        } else if (each.kind === 'fail') {
          tables.failures.push(new EngineError('storage restarting', { retryable: true }));
        } else {
          await settle();
          if (each.kind === 'flush') await spool.flush();
          else {
            await spool.close();
            spool = await start(directory, tables, { limits: small });
          }
        }
      }
      await settle();
      await spool.flush();
      await spool.close();
      expect(counts.stored + counts.repeated + counts.refused).toBe(counts.received);
      const expected = [...kept].flatMap(([request, rows]) =>
        Array.from({ length: rows }, (_, row) => `r${request}:${row}`),
      );
      expect(tables.names.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 30 },
  );
}, 60_000);

it('tells different requests apart', async () => {
  const spool = await start(await newFolder(), new Tables());
  const hashes = Array.from({ length: 50 }, () => randomBytes(32));
  const outcomes = await Promise.all(
    hashes.map((requestHash, n) => spool.append({ ...batch(`x${n}`), requestHash })),
  );
  expect(new Set(outcomes)).toEqual(new Set(['stored']));
  await spool.close();
});
