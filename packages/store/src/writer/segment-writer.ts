import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Engine, EngineError } from '../engine.ts';
import { errorCodes } from '../error-codes.ts';
import { readRows } from '../row-binary/reader.ts';
import { columnNames } from '../row-binary/types.ts';
import { columnsOf, schemaVersion, structureOf } from '../schema/columns.ts';
import {
  type BaseTable,
  baseTables,
  database,
  derivedTables,
  selectFor,
  sparseTables,
} from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import type { RowRange, Segment } from '../store.ts';
import { countAnew, findTouchedWindows } from './summed-tables.ts';

/** Rounds of count and repair before the segment waits for a later try. One is enough unless the engine dies. */
const repairRounds = 3;

/** How long a segment waits for deletions of an earlier try before it lets go and is tried again. */
const deletionMillis = 20_000;
const deletionPollMillis = 20;

/**
 * A segment of many days is legal: spans may be as old as retention allows, and each day is a partition. 4,000
 * days are eleven years; the engine's default of 100 would block the spool for ever.
 */
const maxPartitions = 4_000;

/**
 * Stores the rows of a segment and proves it by counting.
 *
 * The token makes a repeated insert a no-op, but it is no proof: the engine writes its log of tokens before the
 * part has its name, so a kill between the two loses the rows of a repeat, and the log is finite and not fsynced,
 * so a repeat may also store twice. What counts is that every base table has each row of the segment once.
 */
export async function writeSegment(engine: Engine, segment: Segment): Promise<void> {
  if (segment.rowCount === 0) return;
  const source = rowsOf(engine, segment);
  let isClean = segment.isReplay !== true && segment.part === undefined;
  if (!isClean) await untilDeletionsAreDone(engine, segment);
  // The rows of a part may be stored, in some tables or all: they are counted first, and the missing ones filled in.
  if (segment.part === undefined) {
    await engine.execute(
      insert(
        `${segment.signal}_in`,
        `SELECT ${columnsOf[segment.signal].map(([name]) => name).join(', ')} FROM ${source}`,
        segment,
        `${segment.signal}-${segment.ingestSeq}`,
      ),
    );
  }
  for (let round = 1; ; round += 1) {
    const wrong = await incompleteTables(engine, segment);
    if (wrong.length === 0) break;
    isClean = false;
    if (round > repairRounds) {
      await checkFile(engine, segment, source);
      const tables = wrong.map(({ table }) => table).join(', ');
      throw new EngineError(`segment ${segment.ingestSeq} is not complete in ${tables}`, { retryable: true });
    }
    for (const count of wrong) await repair(engine, segment, count, source);
  }
  if (isClean) return;
  // A view that was skipped, or cut short, left no trace that could be counted.
  for (const table of derivedTables[segment.signal]) {
    await engine.execute(insert(table, selectFor(table, source), segment, randomUUID()));
  }
  if (segment.part === undefined)
    await countAnew(engine, await findTouchedWindows(engine, segment.signal, conditionOf(segment)));
}

/**
 * A deletion that a kill interrupted goes on when the engine is back. Rows that it has not reached yet would be
 * counted as stored, and be gone afterwards.
 */
async function untilDeletionsAreDone(engine: Engine, { signal }: Segment): Promise<void> {
  const deadline = performance.now() + deletionMillis;
  for (;;) {
    const [row] = readRows(
      await countInTime(
        engine,
        `SELECT count() FROM system.mutations WHERE database = {database:String} AND NOT is_done
          AND table IN (${baseTables[signal].map(quote).join(', ')})`,
      ),
    );
    if (row?.[0] === 0n) return;
    if (performance.now() > deadline) {
      throw new EngineError('deletions of an earlier try are not finished', { retryable: true });
    }
    await delay(deletionPollMillis);
  }
}

/**
 * The rows of the file with all columns of today. RowBinary is positional: a file of an earlier version is read
 * with the structure that wrote it, and what it lacks is empty.
 */
function rowsOf(engine: Engine, { signal, path, structure, ...segment }: Segment): string {
  if (segment.schemaVersion > schemaVersion) {
    throw new EngineError('the segment was written by a newer version', { retryable: false });
  }
  const source = engine.fileSource(path, structure);
  if (structure === structureOf(signal)) return source;
  const written = new Set(columnNames(structure));
  const columns = columnsOf[signal].map(([name, type]) =>
    written.has(name) ? name : `defaultValueOfTypeName(${quote(type)}) AS ${name}`,
  );
  return `(SELECT ${columns.join(', ')} FROM ${source})`;
}

/** Errors: `EngineError`, not retryable, when the file does not hold the rows that the segment speaks of. */
async function checkFile(engine: Engine, segment: Segment, source: string): Promise<void> {
  const { rowCount, ingestSeq } = segment;
  await engine.execute(
    // An INSERT, because a server reads what we send only there.
    `INSERT INTO FUNCTION null('wrong UInt8')
      SELECT throwIf(count() != ${rowCount} OR uniqExact(row) != ${rowCount} OR countIf(ingest_seq != ${ingestSeq}) > 0)
      FROM ${source}`,
  );
}

interface RowCount {
  readonly table: BaseTable;
  readonly rows: bigint;
  readonly distinct: bigint;
  /** How many there should be. Of a sparse table the answer is right once that of its signal's table is. */
  readonly expected: bigint;
}

/** Of all rows of the segment, or of its part. */
function conditionOf({ ingestSeq, part }: Pick<Segment, 'ingestSeq' | 'part'>): string {
  const range = part === undefined ? '' : ` AND row BETWEEN ${part.firstRow} AND ${part.lastRow}`;
  return `ingest_seq = ${ingestSeq}${range}`;
}

/** As `SegmentWriter.finishParts`. */
export async function finishParts(
  engine: Engine,
  { signal, ingestSeq }: Pick<Segment, 'signal' | 'ingestSeq'>,
  without: readonly RowRange[],
): Promise<void> {
  const touched = await findTouchedWindows(engine, signal, conditionOf({ ingestSeq }));
  for (const table of baseTables[signal]) {
    for (const part of without) await deleteRows(engine, table, conditionOf({ ingestSeq, part }));
  }
  await countAnew(engine, touched);
}

/** A mutation rewrites parts, so it is asked for only where there is something to delete. */
async function deleteRows(engine: Engine, table: BaseTable, condition: string): Promise<void> {
  const [row] = readRows(
    await countInTime(engine, `SELECT count() FROM ${database}.${table} WHERE ${condition}`),
  );
  if (row?.[0] === 0n) return;
  await engine.execute(
    `ALTER TABLE ${database}.${table} DELETE WHERE ${condition} SETTINGS mutations_sync = 1`,
  );
}

async function countRows(engine: Engine, segment: Segment): Promise<readonly RowCount[]> {
  const ofSegment = conditionOf(segment);
  const counts = baseTables[segment.signal].map((table) => {
    const sparse = sparseTables[table];
    const expected =
      sparse === undefined
        ? `toUInt64(${segment.rowCount})`
        : `(SELECT countIf(${sparse}) FROM ${database}.${segment.signal} WHERE ${ofSegment})`;
    return `SELECT '${table}', count(), uniqExact(row), ${expected} FROM ${database}.${table} WHERE ${ofSegment}`;
  });
  const bytes = await countInTime(engine, counts.join(' UNION ALL '));
  return readRows(bytes).map(([table, rows, distinct, expected]) => ({
    table: table as BaseTable,
    rows: rows as bigint,
    distinct: distinct as bigint,
    expected: expected as bigint,
  }));
}

/** A count that took too long says nothing about the rows: the engine was busy, and is asked again later. */
async function countInTime(engine: Engine, sql: string): Promise<Uint8Array> {
  try {
    return await engine.query(sql);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== errorCodes.timeoutExceeded) throw error;
    throw new EngineError(error.message, { retryable: true, code: error.code, cause: error });
  }
}

async function incompleteTables(engine: Engine, segment: Segment): Promise<readonly RowCount[]> {
  const counts = await countRows(engine, segment);
  return counts.filter(({ rows, distinct, expected }) => rows !== expected || distinct !== expected);
}

/**
 * Rows twice, or rows that are not the segment's: all rows under its number go away. A crash after that leaves
 * rows missing, which the next round fills from the segment, still there.
 */
async function repair(
  engine: Engine,
  segment: Segment,
  { table, rows, distinct, expected }: RowCount,
  source: string,
): Promise<void> {
  if (rows !== distinct || distinct > expected) {
    await deleteRows(engine, table, conditionOf(segment));
  }
  const missing = `row NOT IN (SELECT row FROM ${database}.${table} WHERE ingest_seq = ${segment.ingestSeq})`;
  await engine.execute(insert(table, `${selectFor(table, source)} WHERE ${missing}`, segment, randomUUID()));
}

/**
 * One deterministic block: the same rows under the same token must be cut in the same way, or the repeat is
 * stored a second time. So one thread, and blocks as large as the segment.
 */
function insert(table: string, select: string, segment: Segment, token: string): string {
  return `INSERT INTO ${database}.${table} ${select} SETTINGS
    insert_deduplicate = 1,
    insert_deduplication_token = ${quote(token)},
    deduplicate_blocks_in_dependent_materialized_views = 1,
    max_threads = 1,
    max_insert_threads = 1,
    min_insert_block_size_rows = 0,
    min_insert_block_size_bytes = 0,
    max_block_size = ${segment.rowCount},
    max_insert_block_size = ${segment.rowCount},
    max_partitions_per_insert_block = ${maxPartitions},
    async_insert = 0`;
}
