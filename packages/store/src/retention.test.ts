import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceId } from '@spanwise/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestEngine } from './engine.fixture.ts';
import { openStore } from './open-store.ts';
import { hexBytes, segmentOf } from './rows.fixture.ts';
import type { Store } from './store.ts';

const dayMillis = 86_400_000;
/** Late in its month. */
const now = Date.UTC(2026, 10, 23, 12);
const young = traceId('a'.repeat(32));
const old = traceId('b'.repeat(32));

let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-retention-'));
  store = await openStore({ engine: await createTestEngine(folder) });
  const nanos = (millis: number) => BigInt(millis) * 1_000_000n;
  const rows = [
    { trace_id: hexBytes(young), span_id: hexBytes('01'.repeat(8)), start_time: nanos(now) },
    { trace_id: hexBytes(old), span_id: hexBytes('02'.repeat(8)), start_time: nanos(now - 60 * dayMillis) },
  ];
  await store.writeSegment(await segmentOf('spans', 1n, rows));
  const records = rows.map(({ start_time: time, ...row }) => ({ ...row, time, severity_number: 9 }));
  await store.writeSegment(await segmentOf('logs', 2n, records));
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

it('keeps the times of traces, whose partitions are months, until the month is too old', async () => {
  const policy = { tracesMillis: 14 * dayMillis, logsMillis: 7 * dayMillis };
  const dropped = await store.applyRetention(policy, now);
  expect(dropped).toContain('trace_times/2026-09-01');
  expect(dropped).toContain('trace_log_times/2026-09-01');
  expect(dropped.filter((name) => name.includes('2026-11'))).toEqual([]);
  expect((await store.trace(0, young))?.spans.length).toBe(1);
  expect((await store.logsOfTrace(0, young, 10)).length).toBe(1);
  expect(await store.trace(0, old)).toBeUndefined();
  expect(await store.applyRetention(policy, now)).toEqual([]);
});
