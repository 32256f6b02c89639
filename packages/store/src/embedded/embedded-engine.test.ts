import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataFolderTakenError } from '../data-folder-lock.ts';
import type { Engine, EngineStatus } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { createEmbeddedEngine } from './embedded-engine.ts';

let folder: string;
let engine: Engine;
const states: EngineStatus['state'][] = [];
let wakeReady: () => void = () => {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-engine-'));
  engine = await createEmbeddedEngine({
    dataDir: folder,
    onStateChange: ({ state }) => {
      states.push(state);
      if (state === 'ready') wakeReady();
    },
  });
}, 60_000);

afterAll(async () => {
  await engine.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const endless = 'SELECT count() FROM numbers(1000000000000000)';
const one = async () => readRows(await engine.query('SELECT 1'))[0]![0];

describe('parameters', () => {
  it('come back as they went in, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Text only: a lone surrogate has no UTF-8.
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
        fc.array(
          fc.string({ unit: fc.constantFrom("'", '\\', '\0', '\n', '{', '}', 'a', ';', '-', '`', ']') }),
        ),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.double(),
        async (text, list, integer, double) => {
          const bytes = await engine.query(
            'SELECT {text:String}, {list:Array(String)}, {integer:Int64}, {double:Float64}',
            { parameters: { text, list, integer, double } },
          );
          expect(readRows(bytes)).toEqual([[text, list, integer, double]]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are values even when they look like SQL or like places for other parameters', async () => {
    const hostile = [
      "' OR 1=1 --",
      "\\' OR 1=1 --",
      "\\\\' UNION SELECT 1 --",
      '{b:String}',
      '*/ SELECT 2 /*',
    ];
    for (const value of hostile) {
      const bytes = await engine.query('SELECT {a:String} = {b:String}, {a:String}', {
        parameters: { a: value, b: 'other' },
      });
      expect(readRows(bytes)).toEqual([[0, value]]);
    }
  });

  it('must all be there, and all have a place', () => {
    expect(() => engine.query('SELECT {a:String}')).toThrow(TypeError);
    expect(() => engine.query('SELECT 1', { parameters: { a: '' } })).toThrow(TypeError);
  });
});

describe('a reader', () => {
  it.each([
    "SELECT * FROM file('/etc/hostname', 'RawBLOB')",
    "SELECT * FROM url('http://127.0.0.1:9/', 'RawBLOB')",
    'CREATE TABLE default.x (a Int8) ENGINE = Memory',
    'SET readonly = 0',
    "INSERT INTO FUNCTION file('/tmp/x', 'CSV', 'a Int8') SELECT 1",
    'SELECT 1 SETTINGS max_execution_time = 0',
  ])('may not: %s', async (sql) => {
    await expect(engine.query(sql)).rejects.toMatchObject({ name: 'EngineError', retryable: false });
  });

  it('is stopped at its time-out', async () => {
    await expect(engine.query(endless, { timeoutMillis: 50 })).rejects.toMatchObject({
      code: 159,
      retryable: false,
    });
    expect(await one()).toBe(1);
  });

  it('is stopped when its caller goes away, and frees its session', async () => {
    const signals = Array.from({ length: 20 }, () => AbortSignal.timeout(50));
    const outcomes = await Promise.allSettled(signals.map((signal) => engine.query(endless, { signal })));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await one()).toBe(1);
  });

  it('is stopped at its time-out also while it waits for a session', async () => {
    const stop = new AbortController();
    const others = Array.from({ length: 12 }, () =>
      engine.query(endless, { signal: stop.signal }).catch(() => {}),
    );
    await expect(engine.query('SELECT 1', { timeoutMillis: 50 })).rejects.toMatchObject({ code: 159 });
    stop.abort();
    await Promise.all(others);
    expect(await one()).toBe(1);
  });

  it('is one too many when hundreds wait', async () => {
    const stop = new AbortController();
    const queries = Array.from({ length: 300 }, () => engine.query(endless, { signal: stop.signal }));
    const outcomes = Promise.allSettled(queries);
    await expect(queries.at(-1)).rejects.toMatchObject({ retryable: true });
    stop.abort();
    await outcomes;
    expect(await one()).toBe(1);
  });

  it('gives a clean answer after one that failed half-way', async () => {
    const half = "SELECT toString(number), throwIf(number = 900000, 'half-way') FROM numbers(1000000)";
    const failures = await Promise.allSettled(Array.from({ length: 10 }, () => engine.query(half)));
    expect(failures.every(({ status }) => status === 'rejected')).toBe(true);
    const answers = await Promise.all(Array.from({ length: 10 }, one));
    expect(answers).toEqual(Array(10).fill(1));
  });

  it('fails past the limit of rows, and never answers with a part', async () => {
    await expect(engine.query('SELECT number FROM numbers(6000000)')).rejects.toMatchObject({ code: 396 });
  });

  it('tells no value of a row or a condition in its errors', async () => {
    const secret = 'correct horse battery staple';
    const failure = await engine
      .query('SELECT toUInt8({a:String})', { parameters: { a: secret } })
      .catch((error: unknown) => error);
    expect(String(failure)).toContain('CANNOT_PARSE_TEXT');
    expect(String(failure)).not.toContain('horse');
  });
});

it('answers short queries while long ones run', async () => {
  const stop = new AbortController();
  const long = engine.query(endless, { signal: stop.signal }).catch(() => 'stopped');
  expect(await one()).toBe(1);
  stop.abort();
  expect(await long).toBe('stopped');
});

describe('when the process of the engine', () => {
  const restarted = () =>
    new Promise<void>((resolve) => {
      wakeReady = resolve;
    });

  it('is killed, what runs fails as retryable, and the next query is answered', async () => {
    const running = engine.query(endless).catch((error: unknown) => error);
    const writing = engine.execute('SELECT sleep(3)').catch((error: unknown) => error);
    await one();
    const ready = restarted();
    process.kill(engine.status().pid!, 'SIGKILL');
    expect(await running).toMatchObject({ message: 'storage restarting', retryable: true });
    expect(await writing).toMatchObject({ message: 'storage restarting', retryable: true });
    await expect(engine.query('SELECT 1')).rejects.toMatchObject({ retryable: true });
    await ready;
    expect(await one()).toBe(1);
    expect(engine.status()).toMatchObject({ state: 'ready', restarts: 1 });
    expect(states).toEqual(['ready', 'restarting', 'ready']);
  });

  it('gets the signals of a terminal, it leaves the decision to its parent', async () => {
    const { pid } = engine.status();
    process.kill(pid!, 'SIGINT');
    process.kill(pid!, 'SIGTERM');
    await sleep(50);
    expect(await one()).toBe(1);
    expect(engine.status().pid).toBe(pid);
  });
});

describe('a data folder', () => {
  it('belongs to one process, and a second start says to which', async () => {
    const second = createEmbeddedEngine({ dataDir: folder });
    await expect(second).rejects.toBeInstanceOf(DataFolderTakenError);
    await expect(second).rejects.toThrow(`process ${process.pid}`);
    expect(await one()).toBe(1);
  });

  it('is taken over from a process that is gone, also when its number was given away again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'spanwise-stale-'));
    const gone = [
      { owner: { pid: 2 ** 22 + 1, startedAt: 'x' }, closing: false },
      { owner: { pid: process.ppid, startedAt: 'another time' }, closing: false },
    ];
    for (const [index, content] of [...gone.map((lock) => JSON.stringify(lock)), 'torn {'].entries()) {
      await writeFile(join(dataDir, `lock.${index * 10 + 1}`), content);
      const taken = await createEmbeddedEngine({ dataDir });
      expect(await readFile(join(dataDir, `lock.${index * 10 + 2}`), 'utf8')).toContain(String(process.pid));
      await taken.close(5_000);
    }
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('is free at once after its owner was killed, engine and all', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'spanwise-orphan-'));
    const owner = fork(fileURLToPath(new URL('./owner.fixture.ts', import.meta.url)), [dataDir], {
      execArgv: [],
    });
    await once(owner, 'message');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    // Refused while its engine lives.
    const next = await createEmbeddedEngine({ dataDir });
    expect(readRows(await next.query('SELECT 1'))).toEqual([[1]]);
    await next.close(5_000);
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);
});
