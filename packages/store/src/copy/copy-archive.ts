import { rm } from 'node:fs/promises';
import { archivedColumns } from '../archive/archived-columns.ts';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { ArchiveTable } from '../schema/tables.ts';
import { database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';

/** A file of some megabytes for ordinary traces. */
const tracesAtOnce = 100;

/**
 * Copies all archived traces, those that the target has already too: there they collapse, so it can be cut short
 * anywhere. People archive by hand, so there are few. `path`: of a file to work with.
 */
export async function copyArchive(source: Engine, target: Engine, path: string): Promise<void> {
  const traces = readRows(
    await source.query(
      `SELECT DISTINCT tenant, lower(hex(trace_id)) AS id FROM ${database}.archived_spans ORDER BY tenant, id`,
      { timeoutMillis: 60_000 },
    ),
  ) as readonly (readonly [tenant: number, id: string])[];
  try {
    for (let at = 0; at < traces.length; at += tracesAtOnce) {
      const these = traces
        .slice(at, at + tracesAtOnce)
        .map(([tenant, id]) => `(${tenant}, toFixedString(unhex(${quote(id)}), 16))`);
      // Values first, as when they were archived.
      for (const table of ['archived_payload', 'archived_spans'] as const satisfies ArchiveTable[]) {
        const names = archivedColumns[table].map(([name]) => name).join(', ');
        const structure = archivedColumns[table].map(([name, type]) => `${name} ${type}`).join(', ');
        await source.execute(
          `INSERT INTO FUNCTION file(${quote(path)}, 'RowBinary', ${quote(structure)})
            SELECT ${names} FROM ${database}.${table} WHERE (tenant, trace_id) IN (${these.join(', ')})
            SETTINGS engine_file_truncate_on_insert = 1`,
        );
        await target.execute(
          `INSERT INTO ${database}.${table} (${names}) SELECT ${names} FROM ${target.fileSource(path, structure)}`,
        );
      }
    }
  } finally {
    await rm(path, { force: true });
  }
}
