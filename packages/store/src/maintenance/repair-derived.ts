import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { database, type SummedTable, selectFor } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import { countAnew } from '../writer/summed-tables.ts';
import { storedKeys } from './stored-keys.ts';

/** Makes what a table holds of one day anew. A crash in the middle leaves it to be done again. */
export type Repair = (engine: Engine) => Promise<void>;

const lastSecondOfDay = 86_399;

/** Segments written anew in one go: their numbers stand in the statement. */
const segmentsAtOnce = 5_000;

/** The engine knows what was inserted of late: the same rows again would be taken for a repeat. */
const notARepeat = 'SETTINGS insert_deduplicate = 0';

/**
 * How a day (`2026-11-23`) of a table is made anew.
 * Absence: undefined for what stands nowhere else (payload, the archive), and for summaries, which settling makes.
 */
export function repairDerived(
  table: string,
  of: 'spans' | 'logs' | 'archived_spans',
  day: string,
): Repair | undefined {
  const isDay = (column: string) => `toDate(${column}) = ${date(day)}`;
  const spans = `(SELECT * FROM ${database}.spans WHERE ${isDay('start_time')})`;
  switch (table) {
    case 'span_search':
      return (engine) => rewriteSegments(engine, isDay('start_time'));
    case 'operations':
      return async (engine) => {
        await engine.execute(
          `ALTER TABLE ${database}.operations DELETE WHERE day = ${date(day)} SETTINGS mutations_sync = 1`,
        );
        await insert(engine, table, selectFor(table, spans));
      };
    case 'services':
    case 'trace_times':
      return (engine) => insert(engine, table, selectFor(table, spans));
    case 'trace_log_times':
      return (engine) =>
        insert(engine, table, selectFor(table, `(SELECT * FROM ${database}.logs WHERE ${isDay('time')})`));
    case 'series':
    case 'series_hour':
      return (engine) => countAnew(engine, [wholeDay(table, day)]);
    case 'attribute_catalogue':
      if (of === 'archived_spans') return undefined;
      return (engine) =>
        engine.execute(
          `INSERT INTO ${database}.attribute_catalogue (tenant, day, kind, key, level, type, value)
            SELECT tenant, ${date(day)}, 'key', key, level, type, '' FROM (${storedKeys(
              of,
              `${database}.${of} WHERE ${isDay(of === 'spans' ? 'start_time' : 'time')}`,
            )})`,
        );
    default:
      return undefined;
  }
}

function date(day: string): string {
  return `toDate(${quote(day)})`;
}

function insert(engine: Engine, table: string, select: string): Promise<void> {
  return engine.execute(`INSERT INTO ${database}.${table} ${select} ${notARepeat}`);
}

function wholeDay(table: SummedTable, day: string) {
  const from = Date.parse(day) / 1_000;
  return {
    table,
    month: Number(day.slice(0, 7).replace('-', '')),
    ranges: [[from, from + lastSecondOfDay]] as const,
  };
}

/** Segments of which `span_search` has not exactly the rows that `spans` has: out with them, and in anew. */
async function rewriteSegments(engine: Engine, isDay: string): Promise<void> {
  const digests = (side: number, table: string) =>
    `SELECT ingest_seq, ${side} AS side, (count(), sum(cityHash64(row))) AS digest
      FROM ${database}.${table} WHERE ${isDay} GROUP BY ingest_seq`;
  for (;;) {
    const bytes = await engine.query(
      `SELECT ingest_seq FROM (${digests(0, 'spans')} UNION ALL ${digests(1, 'span_search')})
        GROUP BY ingest_seq HAVING count() != 2 OR uniqExact(digest) != 1
        ORDER BY ingest_seq LIMIT ${segmentsAtOnce}`,
    );
    const wrong = readRows(bytes).map(([ingestSeq]) => ingestSeq as bigint);
    if (wrong.length === 0) return;
    const isWrong = `${isDay} AND ingest_seq IN (${wrong.join(', ')})`;
    await engine.execute(
      `ALTER TABLE ${database}.span_search DELETE WHERE ${isWrong} SETTINGS mutations_sync = 1`,
    );
    await insert(
      engine,
      'span_search',
      selectFor('span_search', `(SELECT * FROM ${database}.spans WHERE ${isWrong})`),
    );
  }
}
