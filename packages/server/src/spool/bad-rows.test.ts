import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTraceId } from '@spanwise/model';
import {
  createEmbeddedEngine,
  type Engine,
  EngineError,
  openStore,
  type Segment,
  type Store,
} from '@spanwise/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeSpans, span } from '../pipeline/testing/decode.ts';
import { openSpool, type Spool, type SpoolBatch, type SpoolLimits } from './spool.ts';

/*
 * Rows of the real encoder in a real engine, one of whose tables refuses spans named `refused`: what a later
 * version's constraint, or a view that fails, would do.
 */

const limits: SpoolLimits = {
  maxBytes: 100_000_000,
  diskReserveBytes: 0,
  segmentMaxBytes: 50_000_000,
  segmentMaxRows: 10_000,
  segmentMaxAgeMillis: 10_000,
  groupBytes: 10_000_000,
  fsyncMillis: 1_000,
  traceIdsPerSegment: 10,
  divideTries: 100,
  quarantineListed: 10,
  requestMemoryMillis: 60_000,
  requestMemoryEntries: 1_000,
};

let folder: string;
let engine: Engine;
let store: Store;
let directory: string;
let spool: Spool;
let tests = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-bad-rows-'));
  engine = await createEmbeddedEngine({ dataDir: folder });
  store = await openStore({ engine });
  await engine.execute(`ALTER TABLE spanwise.span_search ADD CONSTRAINT refusal CHECK name != 'refused'`);
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  tests += 1;
  directory = join(folder, `spool-${tests}`);
  await open();
});

afterEach(() => spool.close());

async function open(more: { writeSegment?: Store['writeSegment']; divideTries?: number } = {}) {
  spool = await openSpool({
    directory,
    limits: { ...limits, divideTries: more.divideTries ?? limits.divideTries },
    writer: {
      writeSegment: more.writeSegment ?? ((segment) => store.writeSegment(segment)),
      finishParts: (segment, without) => store.finishParts(segment, without),
    },
    ingestSeqAfter: await store.lastIngestSeq(),
  });
}

function batchOf(names: readonly string[]): SpoolBatch {
  const result = decodeSpans(names.map((name) => span({ name })));
  return {
    signal: 'spans',
    rows: result.rows,
    rowOffsets: result.rowOffsets,
    rowCount: result.rowCount,
    requestHash: Buffer.from(`${tests} ${names.join()}`),
    traceIds: result.traceIds.filter(isTraceId),
  };
}

/** Names of the spans that both tables hold. */
async function storedNames(): Promise<readonly string[]> {
  const namesIn = async (table: string) =>
    Buffer.from(
      await engine.query(
        `SELECT concat('|', arrayStringConcat(arraySort(groupArray(name)), ' ')) FROM spanwise.${table}
          WHERE ingest_seq >= ${await firstSeq()}`,
      ),
    )
      .toString('utf8')
      .split('|')
      .at(-1)!;
  const names = await namesIn('spans');
  expect(await namesIn('span_search')).toBe(names);
  return names.split(' ');
}

/** Of the segments of this test. */
async function firstSeq(): Promise<number> {
  const files = await readdir(directory);
  return Math.min(...files.filter((file) => file.endsWith('.side')).map((file) => Number(file.slice(0, 20))));
}

const quarantineFiles = () => readdir(join(directory, 'quarantine'));

async function reasonFile(): Promise<Record<string, unknown>> {
  const file = (await quarantineFiles()).find((name) => name.endsWith('.reason'))!;
  return JSON.parse(await readFile(join(directory, 'quarantine', file), 'utf8')) as Record<string, unknown>;
}

describe('rows that the engine refuses', () => {
  it('are set aside alone, with code and position, and the rest of the segment is stored', async () => {
    const names = Array.from({ length: 40 }, (_, n) => (n === 7 || n === 30 ? 'refused' : `kept-${n}`));
    const batch = batchOf(names);
    const refusedBytes = batch.rows.slice(batch.rowOffsets[7], batch.rowOffsets[8]);
    await spool.append(batchOf(['first']));
    await spool.append(batch);
    await spool.flush();

    expect(await storedNames()).toEqual(['first', ...names.filter((name) => name !== 'refused')].sort());
    expect(spool.status()).toMatchObject({
      state: 'ready',
      bytes: 0,
      storedRows: 39,
      quarantined: {
        segments: 1,
        rows: 2,
        listed: [{ rowCount: 2, reason: 'ClickHouse error 469 VIOLATED_CONSTRAINT' }],
      },
    });
    expect(await reasonFile()).toMatchObject({
      rowCount: 2,
      ranges: [
        { firstRow: 8, lastRow: 8 },
        { firstRow: 31, lastRow: 31 },
      ],
    });
    const rowsFile = (await quarantineFiles()).find((name) => name.endsWith('.rows'))!;
    const kept = await readFile(join(directory, 'quarantine', rowsFile));
    expect(kept.subarray(12, refusedBytes.length)).toEqual(Buffer.from(refusedBytes.subarray(12)));
    expect((await stat(join(directory, 'quarantine', rowsFile))).mode & 0o077).toBe(0);
    // Nothing is left of the tries, and a start finds what was set aside and tries nothing again.
    expect((await readdir(directory)).filter((name) => /part|crashes|rows/.test(name))).toEqual([]);
    await spool.close();
    await open({ writeSegment: () => Promise.reject(new Error('there is nothing to store')) });
    expect(spool.status()).toMatchObject({ segments: 0, quarantined: { segments: 1, rows: 2 } });
    expect(await spool.append(batch)).toBe('repeated');
  });

  it('are purged with their segment, and no others', async () => {
    await spool.append(batchOf(['refused', 'kept']));
    await spool.flush();
    const rowsIn = async () => (await quarantineFiles()).length;
    expect(await rowsIn()).toBe(3);
    expect(await spool.purgeQuarantine(Buffer.from('not in it'), false)).toBe(0);
    expect(await spool.purgeQuarantine(Buffer.from('refused'), true)).toBe(1);
    expect(await rowsIn()).toBe(3);
    expect(await spool.purgeQuarantine(Buffer.from('refused'), false)).toBe(1);
    expect(await rowsIn()).toBe(0);
    expect(spool.status().quarantined).toMatchObject({ segments: 0, rows: 0, listed: [] });
  });

  it('are found in bounded time: what is not told apart by then is set aside together', async () => {
    await spool.close();
    await open({ divideTries: 3 });
    const names = Array.from({ length: 16 }, (_, n) => (n % 2 === 0 ? 'refused' : `kept-${n}`));
    await spool.append(batchOf(['fine']));
    await spool.append(batchOf(names));
    await spool.flush();
    const [entry] = spool.status().quarantined.listed;
    expect(entry?.rowCount).toBeGreaterThanOrEqual(8);
    expect(spool.status().storedRows + entry!.rowCount!).toBe(17);
  });

  it('do not lose their neighbours to a kill in the middle of the search', async () => {
    await spool.close();
    let calls = 0;
    await open({
      writeSegment: async (segment) => {
        calls += 1;
        if (calls === 4) throw new EngineError('storage restarting', { retryable: true, processEnd: 'kill' });
        await store.writeSegment(segment);
      },
    });
    const names = Array.from({ length: 12 }, (_, n) => (n === 5 ? 'refused' : `kept-${n}`));
    await spool.append(batchOf(names));
    await spool.flush();
    expect(calls).toBeGreaterThan(4);
    expect(await storedNames()).toEqual(names.filter((name) => name !== 'refused').sort());
    expect(spool.status()).toMatchObject({ storedRows: 11, quarantined: { rows: 1 } });
  });
});

describe('rows that nobody can read', () => {
  it('are set aside, and those before and behind them are stored', async () => {
    const batch = batchOf(['before', 'damaged', 'behind', 'last']);
    const { rows, rowOffsets } = batch;
    const cut = 9;
    const damaged = {
      ...batch,
      rows: Buffer.concat([rows.subarray(0, rowOffsets[2]! - cut), rows.subarray(rowOffsets[2])]),
      rowOffsets: rowOffsets.map((offset, row) => (row < 2 ? offset : offset - cut)),
    };
    await spool.append(damaged);
    await spool.append(batchOf(['another request']));
    await spool.flush();
    expect((await storedNames()).join(' ')).toBe('another request before behind last');
    expect(spool.status().quarantined.listed).toMatchObject([{ rowCount: 1, reason: 'not a row' }]);
  });
});

describe('a row that ends the engine each time', () => {
  it('is found and set aside, across restarts, and the rest is stored', async () => {
    await spool.close();
    const names = ['a', 'b', 'deadly', 'd', 'e', 'f', 'g'];
    const crash = new EngineError('storage restarting', { retryable: true, processEnd: 'crash' });
    let crashes = 0;
    // The engine's death is the one thing here that is not real.
    const writeSegment = async (segment: Segment) => {
      if ((await readFile(segment.path)).includes('deadly')) {
        crashes += 1;
        throw crash;
      }
      await store.writeSegment(segment);
    };
    await open({ writeSegment });
    await spool.append(batchOf(names));
    const stopped = spool.flush();
    while (crashes < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await spool.close();
    await stopped;
    await open({ writeSegment });
    await spool.flush();
    expect(await storedNames()).toEqual(names.filter((name) => name !== 'deadly'));
    expect(spool.status()).toMatchObject({
      state: 'ready',
      quarantined: {
        listed: [{ rowCount: 1, reason: 'the storage engine ended each time it stored them' }],
      },
    });
    expect(crashes).toBeLessThan(12);
  });

  it('is not blamed for a few kills from outside', async () => {
    await spool.close();
    let kills = 0;
    await open({
      writeSegment: async (segment) => {
        kills += 1;
        if (kills <= 3) throw new EngineError('storage restarting', { retryable: true, processEnd: 'kill' });
        expect(segment.part).toBeUndefined();
        await store.writeSegment(segment);
      },
    });
    await spool.append(batchOf(['only', 'these']));
    await spool.flush();
    expect(await storedNames()).toEqual(['only', 'these']);
    expect(spool.status().quarantined.segments).toBe(0);
  });

  it('is not blamed for kills that come faster than its segment can be stored', async () => {
    await spool.close();
    const names = Array.from({ length: 24 }, (_, n) => `n-${String(n).padStart(2, '0')}`);
    const kill = new EngineError('storage restarting', { retryable: true, processEnd: 'kill' });
    let seen = 0;
    const never = async () => {
      seen += 1;
      throw kill;
    };
    await open({ writeSegment: never });
    await spool.append(batchOf(names));
    while (seen === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await spool.close();
    // From now on an earlier process has left it. Between two kills there is time for half of the rows.
    let budget = 12;
    await open({
      writeSegment: async (segment) => {
        if (segment.rowCount > budget) {
          budget = 12;
          throw kill;
        }
        budget -= segment.rowCount;
        await store.writeSegment(segment);
      },
    });
    await spool.flush();
    expect(await storedNames()).toEqual(names);
    expect(spool.status().quarantined.segments).toBe(0);
  });
});
