import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { Signal } from '../schema/columns.ts';
import { database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';

/*
 * What has been copied stands in the target: `copies` has a row when a piece is planned and another when it is
 * proved. So a copy that was cut short goes on, from whatever machine, and nothing comes twice.
 *
 * A pass copies what the source had when it began, by segment number. A later copy of the same source is another
 * pass, over what came since.
 */

/** Segment numbers of the source: above `after`, up to `upTo`. */
export interface Pass {
  readonly after: bigint;
  readonly upTo: bigint;
}

/** A run of rows of one day in the order of their table's sort key; stored under one number in the target. */
export interface Chunk {
  readonly signal: Signal;
  /** `2026-11-22`. */
  readonly day: string;
  /** Sort keys as `ChunkReader` writes them. Empty: from the day's start, to its end. */
  readonly keyAfter: string;
  readonly keyUpTo: string;
  readonly ingestSeq: bigint;
  readonly rowCount: number;
}

export interface RecordedChunk extends Chunk {
  readonly isDone: boolean;
}

export interface RecordedPass extends Pass {
  readonly isDone: boolean;
}

export class CopyRecords {
  readonly #target: Engine;
  readonly #source: string;

  private constructor(target: Engine, source: string) {
    this.#target = target;
    this.#source = source;
  }

  /** `source`: what tells one data folder from all others. */
  static async open(target: Engine, source: string): Promise<CopyRecords> {
    await target.execute(
      `CREATE TABLE IF NOT EXISTS ${database}.copies (
        source String, kind String, after UInt64, up_to UInt64, signal String, day String, key_after String,
        key_up_to String, ingest_seq UInt64, rows UInt64, done UInt8, at DateTime64(3, 'UTC') DEFAULT now64(3)
      ) ENGINE = MergeTree ORDER BY (source, up_to, ingest_seq)
      SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
    );
    return new CopyRecords(target, source);
  }

  /** In order. */
  async passes(): Promise<readonly RecordedPass[]> {
    const rows = readRows(
      await this.#target.query(
        `SELECT after, up_to, max(done) FROM ${database}.copies
          WHERE source = {source:String} AND kind = 'pass' GROUP BY after, up_to ORDER BY up_to`,
        { parameters: { source: this.#source } },
      ),
    );
    return rows.map(([after, upTo, done]) => ({
      after: after as bigint,
      upTo: upTo as bigint,
      isDone: done === 1,
    }));
  }

  /** In the order in which they were planned. */
  async chunks(pass: Pass): Promise<readonly RecordedChunk[]> {
    const rows = readRows(
      await this.#target.query(
        `SELECT signal, day, key_after, key_up_to, ingest_seq, any(rows), max(done) FROM ${database}.copies
          WHERE source = {source:String} AND kind = 'chunk' AND up_to = {upTo:UInt64}
          GROUP BY signal, day, key_after, key_up_to, ingest_seq ORDER BY ingest_seq`,
        { parameters: { source: this.#source, upTo: pass.upTo } },
      ),
    );
    return rows.map(([signal, day, keyAfter, keyUpTo, ingestSeq, rowCount, done]) => ({
      signal: signal as Signal,
      day: day as string,
      keyAfter: keyAfter as string,
      keyUpTo: keyUpTo as string,
      ingestSeq: ingestSeq as bigint,
      rowCount: Number(rowCount),
      isDone: done === 1,
    }));
  }

  recordPass(pass: Pass, isDone: boolean): Promise<void> {
    return this.#insert('pass', pass, ['', '', '', ''], 0n, 0, isDone);
  }

  recordChunk(pass: Pass, chunk: Chunk, isDone: boolean): Promise<void> {
    const { signal, day, keyAfter, keyUpTo, ingestSeq, rowCount } = chunk;
    return this.#insert('chunk', pass, [signal, day, keyAfter, keyUpTo], ingestSeq, rowCount, isDone);
  }

  #insert(
    kind: string,
    { after, upTo }: Pass,
    texts: readonly string[],
    ingestSeq: bigint,
    rows: number,
    isDone: boolean,
  ): Promise<void> {
    return this.#target.execute(
      `INSERT INTO ${database}.copies
          (source, kind, after, up_to, signal, day, key_after, key_up_to, ingest_seq, rows, done)
        SELECT ${quote(this.#source)}, ${quote(kind)}, ${after}, ${upTo}, ${texts.map(quote).join(', ')},
          ${ingestSeq}, ${rows}, ${Number(isDone)}`,
    );
  }
}
