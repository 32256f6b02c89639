import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceId } from '@spanwise/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { payloadPlaces } from '../rows/payload.ts';
import { hexBytes, type Row, segmentOf } from '../rows.fixture.ts';
import type { Store } from '../store.ts';
import { archivedColumns } from './archived-columns.ts';

let folder: string;
let engine: Engine;
let store: Store;
let nextSeq = 1n;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-archive-'));
  engine = await createTestEngine(folder);
  store = await openStore({ engine });
  nextSeq = (engine.ingestSeqFloor ?? 0n) + 1n;
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const dayMillis = 86_400_000;
const today = 20_000;
const noon = (day: number) => BigInt(day * dayMillis + dayMillis / 2) * 1_000_000n;
const id = (n: number) => traceId(n.toString(16).padStart(32, '0'));
const policy = { tracesMillis: 7 * dayMillis, logsMillis: dayMillis };

async function write(...rows: readonly Row[]) {
  const segment = await segmentOf('spans', nextSeq, rows);
  nextSeq += 1n;
  await store.writeSegment(segment);
}

const span = (trace: number, n: number, more: Row = {}): Row => ({
  trace_id: hexBytes(id(trace)),
  span_id: hexBytes(n.toString(16).padStart(16, '0')),
  start_time: noon(today) + BigInt(n),
  duration: 1_000_000n,
  service: 'gateway',
  name: 'GET /',
  adjusted_count: 1,
  cost: Number.NaN,
  ...more,
});
const large = { payload: [[payloadPlaces.attribute, 0, 'large', 1, 'kept apart']] };
const keep = (trace: number, withPayload = true) => store.archiveTrace(0, id(trace), { withPayload });

it.each(Object.entries(archivedColumns))(
  '%s has the columns of what it is a copy of',
  async (table, columns) => {
    const rows = readRows(
      await engine.query(
        'SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}',
        { parameters: { table } },
      ),
    );
    const sorted = (list: readonly (readonly unknown[])[]) => list.map(String).toSorted();
    expect(sorted(rows)).toEqual(sorted(columns));
  },
);

it('keeps a trace whole, with its late spans and values, when retention has dropped it', async () => {
  await write(span(1, 1, large), span(1, 2), span(2, 1), span(3, 1, large));
  const before = await store.trace(0, id(1));
  expect(await keep(1)).toBe(true);
  expect(await keep(1)).toBe(true);
  expect(await keep(3, false)).toBe(true);
  expect(await store.trace(0, id(1))).toEqual(before);
  await write(span(1, 3));
  const whole = await store.trace(0, id(1));
  expect(whole?.spans).toHaveLength(3);
  expect(await keep(1)).toBe(true);

  const dropped = await store.applyRetention(policy, (today + 40) * dayMillis);
  expect(dropped).toContain('spans/2024-10-04');

  expect(await store.trace(0, id(2))).toBeUndefined();
  expect(await store.trace(0, id(1))).toEqual(whole);
  expect(whole?.spans[0]?.attributes.get('large')).toBe('kept apart');
  expect(await keep(1)).toBe(true);
});

it('leaves values out where their own retention is shorter, and says so in the trace', async () => {
  const [only] = (await store.trace(0, id(3)))!.spans;
  expect(only?.attributes.has('large')).toBe(false);
  expect(only?.warnings.join()).toMatch('1 large or protected values are gone');
});

it('knows nothing of a trace that nobody sent, and nothing of other tenants', async () => {
  expect(await keep(9)).toBe(false);
  expect(await store.archiveTrace(5, id(1), { withPayload: true })).toBe(false);
  expect(await store.trace(5, id(1))).toBeUndefined();
});
