import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { columnsOf, type Signal, schemaVersion, structureOf } from '../schema/columns.ts';
import { database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import type { Store } from '../store.ts';
import { ChunkReader } from './chunk-reader.ts';
import { copyArchive } from './copy-archive.ts';
import { type Chunk, CopyRecords, type Pass, type RecordedChunk } from './copy-records.ts';

export interface CopyOptions {
  /** Embedded, with nothing written to it meanwhile. */
  readonly source: Engine;
  /** With the schema of this version. */
  readonly target: { readonly engine: Engine; readonly store: Store };
  /** For one file at a time, of some hundred megabytes. */
  readonly workDir: string;
  readonly chunkRows?: number;
  /** After each piece; `rows` of `totalRows` are in the target. */
  readonly onProgress?: (rows: number, totalRows: number) => void;
}

export interface CopyResult {
  /** Of this call, earlier ones of the same pass included. */
  readonly rows: Readonly<Record<Signal, number>>;
  /** True when it went on where an earlier call had been cut short. */
  readonly isResumed: boolean;
}

/** A hundred megabytes or so: a second of work to repeat after a crash. */
const defaultChunkRows = 100_000;

/**
 * Copies all spans and log records that the target does not have from this source yet. Each piece is stored as a
 * segment is, with the same proof, so it can be cut short anywhere and called again.
 * Errors: `EngineError`; a retryable one is worth another call.
 */
export async function copyStore(options: CopyOptions): Promise<CopyResult> {
  const { source, target, onProgress = () => {} } = options;
  const records = await CopyRecords.open(target.engine, await identityOf(source));
  const { pass, isResumed } = await nextPass(source, records);
  const reader = new ChunkReader(source, pass);
  const recorded = await records.chunks(pass);
  const numbers = new Numbers(await target.store.lastIngestSeq(), recorded);
  if (!isResumed) {
    await records.recordPass(pass, false);
    await copyPlacesOfServices(source, target.engine, numbers);
  }
  const totals = { spans: await reader.count('spans'), logs: await reader.count('logs') };
  const rows = { spans: 0, logs: 0 };
  const path = join(options.workDir, 'chunk.rows');
  const copy = async (chunk: Chunk, isReplay: boolean) => {
    if (chunk.rowCount > 0) {
      await reader.writeTo(path, chunk);
      await target.store.writeSegment({
        signal: chunk.signal,
        ingestSeq: chunk.ingestSeq,
        path,
        rowCount: chunk.rowCount,
        isReplay,
        schemaVersion,
        structure: structureOf(chunk.signal),
      });
    }
    await records.recordChunk(pass, chunk, true);
  };
  const count = (signal: Signal, more: number) => {
    rows[signal] += more;
    onProgress(rows.spans + rows.logs, totals.spans + totals.logs);
  };
  try {
    for (const signal of Object.keys(columnsOf) as Signal[]) {
      for (const day of await reader.days(signal)) {
        let keyAfter = '';
        let isWhole = false;
        for (const chunk of recorded.filter((one) => one.signal === signal && one.day === day)) {
          // Planned, and perhaps stored in part, when the copy was cut short.
          if (!chunk.isDone) await copy({ ...chunk, rowCount: await reader.countOf(chunk) }, true);
          count(signal, chunk.rowCount);
          keyAfter = chunk.keyUpTo;
          isWhole = keyAfter === '';
        }
        while (!isWhole) {
          const keyUpTo = await reader.keyAfterRows(
            signal,
            day,
            keyAfter,
            options.chunkRows ?? defaultChunkRows,
          );
          const place = { signal, day, keyAfter, keyUpTo };
          const chunk = { ...place, ingestSeq: numbers.take(), rowCount: await reader.countOf(place) };
          await records.recordChunk(pass, chunk, false);
          await copy(chunk, false);
          count(signal, chunk.rowCount);
          keyAfter = keyUpTo;
          isWhole = keyAfter === '';
        }
      }
    }
  } finally {
    await rm(path, { force: true });
  }
  await copyArchive(source, target.engine, path);
  await records.recordPass(pass, true);
  return { rows, isResumed };
}

/** Numbers of segments in the target, above all that were given. */
class Numbers {
  #last: bigint;

  constructor(stored: bigint, recorded: readonly RecordedChunk[]) {
    this.#last = stored;
    for (const { ingestSeq } of recorded) if (ingestSeq > this.#last) this.#last = ingestSeq;
  }

  take(): bigint {
    this.#last += 1n;
    return this.#last;
  }
}

/** The engine gives every table an id of its own: that of `spans` tells one data folder from all others. */
async function identityOf(source: Engine): Promise<string> {
  const [row] = readRows(
    await source.query(
      "SELECT toString(uuid) FROM system.tables WHERE database = {database:String} AND name = 'spans'",
    ),
  );
  return row![0] as string;
}

async function nextPass(
  source: Engine,
  records: CopyRecords,
): Promise<{ readonly pass: Pass; readonly isResumed: boolean }> {
  const last = (await records.passes()).at(-1);
  if (last?.isDone === false) return { pass: last, isResumed: true };
  const [row] = readRows(
    await source.query(
      `SELECT greatest((SELECT max(ingest_seq) FROM ${database}.spans), (SELECT max(ingest_seq) FROM ${database}.logs))`,
    ),
  );
  return { pass: { after: last?.upTo ?? 0n, upTo: row![0] as bigint }, isResumed: false };
}

/** Services keep their order, and so their colours: numbers lower than those of their spans say it first. */
async function copyPlacesOfServices(source: Engine, target: Engine, numbers: Numbers): Promise<void> {
  const services = readRows(
    await source.query(
      `SELECT tenant, service FROM ${database}.services GROUP BY tenant, service ORDER BY min(first_seq), service`,
    ),
  );
  if (services.length === 0) return;
  const rows = services.map(
    ([tenant, service]) => `(${tenant as number}, ${quote(service as string)}, ${numbers.take()})`,
  );
  await target.execute(
    `INSERT INTO ${database}.services (tenant, service, first_seq)
      SELECT * FROM values('tenant UInt32, service String, first_seq UInt64', ${rows.join(', ')})`,
  );
}
