import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceId } from '@spanwise/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEmbeddedEngine } from '../embedded/embedded-engine.ts';
import { type Engine, EngineError } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { patchRows } from '../rows/patch-rows.ts';
import { encodeRow, hexBytes } from '../rows.fixture.ts';
import { schemaVersion, structureOf } from '../schema/columns.ts';
import type { Segment, Store } from '../store.ts';

/** Rows of a segment: enough that an insert takes longer than it takes to be killed. */
const rowCount = 20_000;
const kills = 5;

let folder: string;
let engine: Engine;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-kill-'));
  engine = await createEmbeddedEngine({ dataDir: folder });
  store = await openStore({ engine });
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

async function bigSegment(ingestSeq: bigint): Promise<Segment> {
  const day = 86_400_000_000_000n;
  // Five days, so that an insert makes five parts and a kill falls between two of them.
  const templates = Array.from({ length: 5 }, (_, n) =>
    encodeRow('spans', {
      trace_id: hexBytes('0123456789abcdef0123456789abcdef'),
      span_id: hexBytes('0123456789abcdef'),
      start_time: (20_000n - BigInt(n)) * day,
      service: 'killed',
      name: 'step',
      adjusted_count: 1,
      attributes_string: [['http.route', '/chat/completions']],
    }),
  );
  const rows = Buffer.concat(Array.from({ length: rowCount }, (_, row) => templates[row % 5]!));
  const offsets = Uint32Array.from({ length: rowCount }, (_, row) => row * templates[0]!.length);
  patchRows(rows, offsets, ingestSeq, 0);
  const path = join(folder, `${ingestSeq}.rows`);
  await writeFile(path, rows);
  return { signal: 'spans', ingestSeq, path, rowCount, schemaVersion, structure: structureOf('spans') };
}

/** As the spool does: again and again until it is proven. */
async function writeUntilStored(segment: Segment): Promise<void> {
  for (;;) {
    try {
      await store.writeSegment(segment);
      return;
    } catch (error) {
      if (!(error instanceof EngineError) || !error.retryable) throw error;
      await sleep(20);
    }
  }
}

it('stores every row once though the engine is killed in the middle of inserts', async () => {
  let written = 0n;
  for (let kill = 0; engine.status().restarts < kills; kill += 1) {
    written += 1n;
    const done = writeUntilStored(await bigSegment(written));
    // Spread over the whole insert, from its first moment to beyond its end.
    await sleep((kill * 37) % 300);
    const { pid, state } = engine.status();
    if (state === 'ready' && pid !== undefined) process.kill(pid, 'SIGKILL');
    await done;
  }
  for (const table of ['spans', 'span_search']) {
    const counts = readRows(
      await engine.query(`SELECT ingest_seq, count(), uniqExact(row) FROM spanwise.${table}
        GROUP BY ingest_seq ORDER BY ingest_seq`),
    );
    const expected = Array.from({ length: Number(written) }, (_, n) => [
      BigInt(n + 1),
      BigInt(rowCount),
      BigInt(rowCount),
    ]);
    expect(counts).toEqual(expected);
  }
  for (const table of ['series', 'series_hour']) {
    const [sums] = readRows(await engine.query(`SELECT sum(spans) FROM spanwise.${table}`));
    expect([table, sums![0]]).toEqual([table, Number(written) * rowCount]);
  }
  expect(await store.services(0)).toEqual(['killed']);
  const version = await store.traceVersion(0, '0123456789abcdef0123456789abcdef' as TraceId);
  expect(version?.split('-')[0]).toBe((Number(written) * rowCount).toString(36));
}, 120_000);
