import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { hexBytes, segmentOf } from '../rows.fixture.ts';
import type { Store } from '../store.ts';

let folder: string;
let engine: Engine;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-deletion-'));
  engine = await createTestEngine(folder);
  store = await openStore({ engine });
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

async function numberOf(sql: string): Promise<number> {
  return Number(readRows(await engine.query(sql))[0]![0]);
}

const unfinished = 'SELECT count() FROM system.mutations WHERE database = {database:String} AND NOT is_done';

it('does not count rows that a deletion of an earlier try has yet to reach', async () => {
  const row = {
    trace_id: hexBytes('0123456789abcdef0123456789abcdef'),
    span_id: hexBytes('0123456789abcdef'),
    start_time: 1_700_000_000_000_000_000n,
    service: 'shop',
    name: 'step',
    adjusted_count: 1,
  };
  const segment = await segmentOf('spans', 5n, [row, row, row]);
  await store.writeSegment(segment);
  // As after a kill in the middle of a repair: the deletion is written down, and goes on some time.
  await engine.execute('SYSTEM STOP MERGES {database:Identifier}.spans');
  await engine.execute(
    'ALTER TABLE {database:Identifier}.spans DELETE WHERE ingest_seq = 5 SETTINGS mutations_sync = 0',
  );
  expect(await numberOf(unfinished)).toBe(1);
  const writing = store.writeSegment({ ...segment, isReplay: true });
  await engine.execute('SYSTEM START MERGES {database:Identifier}.spans');
  await writing;
  while ((await numberOf(unfinished)) > 0);
  expect(await numberOf('SELECT count() FROM {database:Identifier}.spans WHERE ingest_seq = 5')).toBe(3);
});
