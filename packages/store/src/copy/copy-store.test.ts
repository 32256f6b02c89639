import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceId } from '@spanwise/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedEngine } from '../embedded/embedded-engine.ts';
import { createTestEngine } from '../engine.fixture.ts';
import { type Engine, EngineError } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { hexBytes, type Row, segmentOf } from '../rows.fixture.ts';
import { storedColumns } from '../schema/columns.ts';
import { database } from '../schema/tables.ts';
import type { Store } from '../store.ts';
import { copyStore } from './copy-store.ts';

let folder: string;
let source: Engine;
let sourceStore: Store;
let target: Engine;
let targetStore: Store;
let workDir: string;
let nextSeq = 1n;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-copy-'));
  workDir = join(folder, 'work');
  await mkdir(workDir);
  source = await createEmbeddedEngine({ dataDir: join(folder, 'source') });
  sourceStore = await openStore({ engine: source });
  target = await createTestEngine(join(folder, 'target'));
  targetStore = await openStore({ engine: target });
}, 60_000);

afterAll(async () => {
  await sourceStore.close(5_000);
  await targetStore.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const day = 86_400_000_000_000n;
const hex = (n: number, length: number) => hexBytes(n.toString(16).padStart(length, '0'));
const span = (trace: number, n: number, more: Row = {}): Row => ({
  tenant: trace % 2,
  trace_id: hex(trace, 32),
  span_id: hex(n, 16),
  start_time: (20_000n + BigInt(trace % 3)) * day + BigInt(trace * 100 + n),
  duration: 1_000_000n,
  service: `service ${9 - (trace % 4)}`,
  name: 'GET /',
  attributes_string: [['http.route', "/it's \\ a route"]],
  cost: Number.NaN,
  adjusted_count: 1,
  ...more,
});
const log = (n: number): Row => ({
  // Many at one moment: a piece ends behind all of them.
  time: 20_001n * day + BigInt(n % 3),
  trace_id: hex(n, 32),
  body_type: 1,
  body: `line ${n}`,
  adjusted_count: 1,
});

async function write(signal: 'spans' | 'logs', rows: readonly Row[]): Promise<void> {
  await sourceStore.writeSegment(await segmentOf(signal, nextSeq, rows));
  nextSeq += 1n;
}

/** Everything that is stored, but for the numbers that each store gives itself. */
async function contentOf(engine: Engine) {
  const columns = (signal: 'spans' | 'logs') =>
    storedColumns(signal)
      .map(([name]) => name)
      .filter((name) => name !== 'ingest_seq' && name !== 'row')
      .join(', ');
  const questions = {
    spans: `SELECT toString(tuple(${columns('spans')})) AS text FROM ${database}.spans ORDER BY text`,
    logs: `SELECT toString(tuple(${columns('logs')})) AS text FROM ${database}.logs ORDER BY text`,
    search: `SELECT hex(trace_id), hex(span_id), service FROM ${database}.span_search ORDER BY ALL`,
    payload: `SELECT hex(trace_id), hex(span_id), toString(payload) FROM ${database}.span_payload ORDER BY ALL`,
    archive: `SELECT toString(tuple(${columns('spans')})) AS text FROM ${database}.archived_spans FINAL ORDER BY text`,
    archivedPayload: `SELECT hex(trace_id), toString(payload) FROM ${database}.archived_payload FINAL ORDER BY ALL`,
    series: `SELECT service, name, sum(spans) FROM ${database}.series GROUP BY ALL ORDER BY ALL`,
    services: `SELECT tenant, service FROM ${database}.services GROUP BY ALL ORDER BY min(first_seq), service`,
  };
  const content: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(questions)) content[name] = readRows(await engine.query(sql));
  return content;
}

/** Fails the first `writeSegment` of a copy that comes to `count`: before it has stored, or after. */
function cutShort(store: Store, count: number, when: 'before' | 'after'): Store {
  let calls = 0;
  return {
    ...store,
    async writeSegment(segment) {
      calls += 1;
      const isLast = calls === count;
      if (!isLast || when === 'after') await store.writeSegment(segment);
      if (isLast) throw new EngineError('the machine is switched off', { retryable: true });
    },
  };
}

const copy = (store = targetStore) =>
  copyStore({ source, target: { engine: target, store }, workDir, chunkRows: 15 });

describe('copying a store', () => {
  it('brings everything over, once, however often it is cut short', async () => {
    for (const first of [0, 10, 20]) {
      await write(
        'spans',
        Array.from({ length: 10 }, (_, n) => [span(first + n, 1), span(first + n, 2)]).flat(),
      );
    }
    await write('spans', [
      span(5, 3, { payload: [[0, 0, 'gen_ai.prompt', 1, 'hello']] }),
      // As large as the machine makes them: one trace is never divided.
      ...Array.from({ length: 20 }, (_, n) => span(7, n + 10)),
    ]);
    await write(
      'logs',
      Array.from({ length: 25 }, (_, n) => log(n)),
    );

    await sourceStore.archiveTrace(1, traceId('5'.padStart(32, '0')), { withPayload: true });
    await sourceStore.archiveTrace(0, traceId('8'.padStart(32, '0')), { withPayload: true });

    for (const [count, when] of [
      [1, 'before'],
      [2, 'after'],
    ] as const) {
      await expect(copy(cutShort(targetStore, count, when))).rejects.toThrow('switched off');
    }
    expect(await copy()).toEqual({ rows: { spans: 81, logs: 25 }, isResumed: true });
    const content = await contentOf(source);
    expect(content.payload).toHaveLength(1);
    expect(content.archive).toHaveLength(5);
    expect(content.archivedPayload).toHaveLength(1);
    expect(await contentOf(target)).toEqual(content);
  }, 60_000);

  it('brings over only what came since, also on days that were copied', async () => {
    expect(await copy()).toEqual({ rows: { spans: 0, logs: 0 }, isResumed: false });
    await write('spans', [span(4, 50), span(100, 1)]);
    expect(await copy()).toEqual({ rows: { spans: 2, logs: 0 }, isResumed: false });
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });
});
