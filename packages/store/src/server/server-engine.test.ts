import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, EngineStatus } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { hexBytes, segmentOf } from '../rows.fixture.ts';
import { database } from '../schema/tables.ts';
import { DatabaseTakenError } from './database-lock.ts';
import { parseServerAddress, type ServerAddress } from './server-address.ts';
import { createServerEngine } from './server-engine.ts';
import { type ClickHouseFixture, fixturePassword, startClickHouse } from './start-clickhouse.fixture.ts';

/*
 * What only the wire shows; the storage suite runs over the same engine in the test project `server-engine`.
 */

let folder: string;
let server: ClickHouseFixture;
let address: ServerAddress;
let engine: Engine;
const states: EngineStatus['state'][] = [];
let onState: (state: EngineStatus['state']) => void = () => {};
const logged: unknown[] = [];
const log = (...line: unknown[]) => logged.push(line);
const logger = { debug: log, info: log, warn: log, error: log };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-server-engine-'));
  server = await startClickHouse(join(folder, 'server'));
  address = parseServerAddress(server.url)!;
  engine = await createServerEngine({
    address,
    logger,
    onStateChange: ({ state }) => {
      states.push(state);
      onState(state);
    },
  });
}, 60_000);

afterAll(async () => {
  await engine.close(5_000);
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const endless = 'SELECT count() FROM numbers(1000000000000000)';
const one = async () => readRows(await engine.query('SELECT 1'))[0]![0];

describe('a reader of a server', () => {
  it.each([
    "SELECT * FROM file('/etc/hostname', 'RawBLOB')",
    'CREATE TABLE default.x (a Int8) ENGINE = Memory',
    'SET readonly = 0',
    'SELECT 1 SETTINGS max_execution_time = 0',
  ])('may not: %s', async (sql) => {
    await expect(engine.query(sql)).rejects.toMatchObject({ name: 'EngineError', retryable: false });
  });

  it('is stopped at its time-out and when its caller goes away', async () => {
    await expect(engine.query(endless, { timeoutMillis: 50 })).rejects.toMatchObject({ code: 159 });
    // More than there are connections; the next question waits for none of them.
    const signal = AbortSignal.timeout(50);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 30 }, () => engine.query(endless, { signal })),
    );
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await one()).toBe(1);
    for (;;) {
      const running = await engine.query(
        "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000000%' AND query NOT LIKE '%processes%'",
      );
      if (readRows(running)[0]![0] === 0n) break;
    }
  });

  it('fails past the limit of rows, and tells no value in its errors', async () => {
    await expect(engine.query('SELECT number FROM numbers(6000000)')).rejects.toMatchObject({ code: 396 });
    const failure = await engine
      .query('SELECT toUInt8({a:String})', { parameters: { a: 'correct horse' } })
      .catch((error: unknown) => error);
    expect(String(failure)).toContain('CANNOT_PARSE_TEXT');
    expect(String(failure)).not.toContain('horse');
  });
});

describe('an answer', () => {
  const rows = 'SELECT number, toString(number) FROM numbers(100000)';

  it('comes whole', async () => {
    expect(readRows(await engine.query(rows))).toHaveLength(100_000);
  });

  it('that ends in an exception is that exception, not some of the rows', async () => {
    await server.misbehave('exception behind rows', 'numbers(100000)');
    const failure = await engine.query(rows).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 241, retryable: true });
    expect(String(failure)).not.toContain('horse');
  });

  it.each(['cut', 'lost answer', 'bad gateway'] as const)(
    'that is none (%s) fails as retryable',
    async (kind) => {
      await server.misbehave(kind, 'numbers(100000)');
      const failure = await engine.query(rows).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'EngineError', retryable: true });
      expect(String(failure)).not.toContain('horse');
      expect(await one()).toBe(1);
    },
  );

  it('that does not come is not waited for', async () => {
    await server.misbehave('no answer', 'numbers(100000)');
    await expect(engine.query(rows, { timeoutMillis: 50 })).rejects.toMatchObject({ code: 159 });
  });
});

describe('a segment', () => {
  it('whose answer is lost is stored once when it is written again', async () => {
    const store = await openStore({ engine });
    const segment = await segmentOf(
      'spans',
      engine.ingestSeqFloor! + 1n,
      Array.from({ length: 1_000 }, (_, n) => ({
        trace_id: hexBytes('1'.repeat(32)),
        span_id: hexBytes(n.toString(16).padStart(16, '0')),
        start_time: 1_700_000_000_000_000_000n,
        service: 'web',
        name: 'GET /',
      })),
    );
    await server.misbehave('lost answer', 'INSERT INTO');
    await expect(store.writeSegment(segment)).rejects.toMatchObject({ retryable: true });
    await store.writeSegment(segment);
    const counts = await engine.query(`SELECT count(), uniqExact(row) FROM ${database}.spans`);
    expect(readRows(counts)).toEqual([[1_000n, 1_000n]]);
  });

  it('that is not there fails for good', async () => {
    const source = engine.fileSource('/nowhere/1.rows', 'a UInt8');
    await expect(
      engine.execute(`INSERT INTO FUNCTION null('a UInt8') SELECT a FROM ${source}`),
    ).rejects.toMatchObject({ retryable: false });
  });
});

it('sends and takes its bodies compressed', async () => {
  const encodings = await fetch(`http://127.0.0.1:${server.port}/encodings`);
  expect(await encodings.json()).toEqual({
    sent: { zstd: expect.any(Number) },
    answered: { zstd: expect.any(Number) },
  });
});

describe('a database', () => {
  it('belongs to one Spanwise, and a second one is told to which', async () => {
    const second = createServerEngine({ address });
    await expect(second).rejects.toBeInstanceOf(DatabaseTakenError);
    await expect(second).rejects.toThrow(`process ${process.pid}`);
    expect(await one()).toBe(1);
  });

  it('has another owner when that one is gone, and each numbers its segments above the one before', async () => {
    const other = { ...address, database: 'other' };
    const floors: bigint[] = [];
    for (let owner = 0; owner < 3; owner += 1) {
      const next = await createServerEngine({ address: other });
      floors.push(next.ingestSeqFloor!);
      await next.close(1_000);
    }
    expect(floors).toEqual([1n << 36n, 2n << 36n, 3n << 36n]);
  });
});

describe('a server', () => {
  it('that refuses the password is named, and the password is not', async () => {
    const wrong = createServerEngine({ address: { ...address, password: 'correct horse' } });
    await expect(wrong).rejects.toMatchObject({ code: 516, retryable: false });
    await expect(wrong).rejects.toThrow('refuses user "spanwise"');
    await expect(wrong).rejects.not.toThrow(/horse/);
  });

  it('that does not answer is passed over for the next host, and said to be silent when there is none', async () => {
    const [host] = address.hosts;
    const silent = { host: '127.0.0.1', port: 1 };
    const other = { ...address, database: 'third' };
    const second = await createServerEngine({ address: { ...other, hosts: [silent, host!] } });
    expect(readRows(await second.query('SELECT 1'))).toEqual([[1]]);
    await second.close(1_000);
    await expect(createServerEngine({ address: { ...other, hosts: [silent] } })).rejects.toThrow(
      'no answer from clickhouse://127.0.0.1:1/third (ECONNREFUSED)',
    );
  });

  it('that goes away and comes back is used again', async () => {
    const waitFor = (wanted: EngineStatus['state']) =>
      new Promise<void>((resolve) => {
        onState = (state) => state === wanted && resolve();
      });
    const gone = waitFor('restarting');
    const { port } = server;
    await server.stop();
    await expect(engine.query('SELECT 1')).rejects.toMatchObject({ retryable: true });
    await gone;
    await expect(engine.execute('SELECT 1')).rejects.toMatchObject({ retryable: true });
    const back = waitFor('ready');
    server = await startClickHouse(join(folder, 'server'), port);
    await back;
    expect(await one()).toBe(1);
    expect(states).toEqual(['ready', 'restarting', 'ready']);
    expect(engine.status()).toMatchObject({ state: 'ready', restarts: 1 });
  });
});

it('logs no password', () => {
  expect(JSON.stringify(logged)).not.toContain(fixturePassword);
  expect(JSON.stringify(logged)).not.toContain(encodeURIComponent(fixturePassword));
  expect(logged).not.toEqual([]);
});
