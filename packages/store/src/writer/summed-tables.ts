import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { Signal } from '../schema/columns.ts';
import { database, type SummedTable, selectFor, summedTables, windowStart } from '../schema/tables.ts';

const base = `${database}.span_search`;

/** Windows of one table and month that hold certain rows, as ranges: for each day the first and the last. */
export interface TouchedWindows {
  readonly table: SummedTable;
  /** `202611`. */
  readonly month: number;
  /** Unix seconds, inclusive. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/** `condition`: on rows of `span_search`. */
export async function findTouchedWindows(
  engine: Engine,
  signal: Signal,
  condition: string,
): Promise<readonly TouchedWindows[]> {
  const touched: TouchedWindows[] = [];
  for (const table of summedTables[signal]) {
    const window = windowStart[table];
    const bytes = await engine.query(
      `SELECT month, groupArray((earliest, latest)) FROM (
          SELECT toYYYYMM(start_time) AS month,
            toUnixTimestamp(min(${window})) AS earliest, toUnixTimestamp(max(${window})) AS latest
          FROM ${base} WHERE ${condition} GROUP BY month, toDate(start_time)
        ) GROUP BY month`,
    );
    for (const [month, ranges] of readRows(bytes)) {
      touched.push({ table, month: month as number, ranges: ranges as TouchedWindows['ranges'] });
    }
  }
  return touched;
}

/**
 * Sums have no rows that could be counted: whether an insert that was cut short reached them, nobody can tell. So
 * the windows are emptied and filled from the rows just proven. A reader in between sees less; a crash in between
 * leaves the segment, and with it the next try. (docs/adr/0010.)
 */
export async function countAnew(engine: Engine, touched: readonly TouchedWindows[]): Promise<void> {
  for (const { table, month, ranges } of touched) {
    const isTouched = (column: string) =>
      ranges
        .map(([from, to]) => `${column} BETWEEN toDateTime(${from}, 'UTC') AND toDateTime(${to}, 'UTC')`)
        .join(' OR ');
    // One partition: a mutation rewrites, or at least links anew, every part it is told of.
    await engine.execute(
      `ALTER TABLE ${database}.${table} DELETE IN PARTITION ${month} WHERE ${isTouched('window')}
        SETTINGS mutations_sync = 1`,
    );
    const rows = `(SELECT * FROM ${base} WHERE ${isTouched(windowStart[table])})`;
    await engine.execute(
      `INSERT INTO ${database}.${table} ${selectFor(table, rows)} SETTINGS insert_deduplicate = 0`,
    );
  }
}
