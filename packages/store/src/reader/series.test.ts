import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bucketOfDuration } from '@spanwise/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { hexBytes, type Row, segmentOf } from '../rows.fixture.ts';
import { database } from '../schema/tables.ts';
import type { SeriesQuery, Store } from '../store.ts';

let folder: string;
let engine: Engine;
let store: Store;
let nextSeq = 1n;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-series-'));
  engine = await createTestEngine(folder);
  store = await openStore({ engine });
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

async function write(signal: 'spans', rows: readonly Row[]): Promise<void> {
  await store.writeSegment(await segmentOf(signal, nextSeq++, rows));
}

describe('the series', () => {
  const minute = 60_000_000_000n;
  const from = 1_795_348_800_000_000_000n; // 2026-11-22T12:00Z
  const fromMillis = Number(from / 1_000_000n);
  const operation = { service: 'series', name: 'chat', kind: 3 };
  const rows = (count: number, at: bigint, more: Row = {}): Row[] =>
    Array.from({ length: count }, (_, n) => ({
      ...operation,
      trace_id: hexBytes('1'.padStart(32, '0')),
      span_id: hexBytes(String(n + 1).padStart(16, '0')),
      start_time: from + at,
      duration: 1_000_000n,
      adjusted_count: 1,
      ...more,
    }));
  const read = (query: Partial<SeriesQuery> = {}) =>
    store.series(0, {
      startMillis: fromMillis,
      endMillis: fromMillis + 3_600_000,
      service: 'series',
      by: ['name'],
      ...query,
    });
  /** What adding up spans gives. */
  const expected = async () => {
    const bytes = await engine.query(
      `SELECT count(), countIf(status_code = 2), toFloat64(sum(duration)) FROM ${database}.span_search WHERE service = 'series'`,
    );
    return readRows(bytes)[0]!.map(Number);
  };
  const totals = async () => {
    const [row] = await read();
    return [row!.spanCount, row!.errorCount, row!.totalNanos];
  };

  it('count spans by operation, window and duration', async () => {
    await write('spans', [
      ...rows(3, 0n),
      ...rows(2, minute, { duration: 8_000_000n, status_code: 2 }),
      ...rows(1, minute, { name: 'other', adjusted_count: 4 }),
    ]);
    await write('spans', rows(4, 0n));
    expect(await read({ stepMillis: 60_000 })).toEqual([
      expect.objectContaining({ name: 'chat', windowMillis: fromMillis, spanCount: 7, errorCount: 0 }),
      expect.objectContaining({
        name: 'chat',
        windowMillis: fromMillis + 60_000,
        spanCount: 2,
        errorCount: 2,
      }),
      expect.objectContaining({ name: 'other', windowMillis: fromMillis + 60_000, spanCount: 4 }),
    ]);
    const [chat] = await read({ name: 'chat', kinds: [3], by: [] });
    expect(chat).toEqual({
      service: '',
      name: '',
      kind: -1,
      windowMillis: fromMillis,
      spanCount: 9,
      errorCount: 2,
      totalNanos: 7e6 + 16e6,
      buckets: new Map([
        [bucketOfDuration(1_000_000), 7],
        [bucketOfDuration(8_000_000), 2],
      ]),
    });
    expect(await read({ kinds: [1] })).toEqual([]);
    expect(await read({ endMillis: fromMillis + 60_000 })).toMatchObject([{ spanCount: 7 }]);
    // A long window is answered by hours.
    expect(
      await read({
        startMillis: fromMillis - 3 * 86_400_000,
        endMillis: fromMillis + 86_400_000,
        name: 'chat',
      }),
    ).toMatchObject([{ spanCount: 9 }]);
  });

  it('are counted anew after anything but a clean first insert', async () => {
    const segment = await segmentOf('spans', nextSeq++, rows(5, 2n * minute, { name: 'chat' }));
    await store.writeSegment(segment);
    const before = await totals();
    // As after a crash between the insert and the deletion of the segment, with tokens forgotten or not.
    await store.writeSegment({ ...segment, isReplay: true });
    expect(await totals()).toEqual(before);
    await engine.execute(
      `INSERT INTO ${database}.spans_in SELECT * FROM ${engine.fileSource(segment.path, segment.structure)}`,
    );
    await store.writeSegment(segment);
    expect(await totals()).toEqual(before);
    const [spans, errors, nanos] = await expected();
    const [other] = (await read()).filter(({ name }) => name === 'other');
    expect([before[0]! + 1, before[1], before[2]! + other!.totalNanos / 4]).toEqual([spans, errors, nanos]);
  });
});
