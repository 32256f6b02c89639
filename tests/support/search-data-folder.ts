import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createEmbeddedEngine } from '@spanwise/store';

/** What was found, and how much was looked at: a search of nothing finds nothing. */
export interface FolderSearch {
  /** By marker, in the order given: `file <path>` and `table <name>`. */
  readonly found: ReadonlyMap<string, readonly string[]>;
  readonly files: number;
  readonly tables: number;
}

/** Case does not matter: an agent changes it. */
export function contains(text: string, marker: string): boolean {
  return text.toLowerCase().includes(marker.toLowerCase());
}

/**
 * Looks for the markers in every file of a data folder that nobody owns, and, since files of the tables are
 * compressed, in every row of every table.
 */
export async function searchDataFolder(dataDir: string, markers: readonly string[]): Promise<FolderSearch> {
  const found = new Map<string, string[]>(markers.map((marker) => [marker, []]));
  const files = findInFiles(dataDir, found);
  const tables = await findInTables(dataDir, found);
  return { found, files, tables };
}

function findInFiles(folder: string, found: ReadonlyMap<string, string[]>): number {
  let files = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files += 1;
    const file = path.join(entry.parentPath, entry.name);
    const content = readFileSync(file, 'latin1');
    for (const [marker, where] of found) {
      if (contains(content, marker)) where.push(`file ${path.relative(folder, file)}`);
    }
  }
  return files;
}

async function findInTables(dataDir: string, found: ReadonlyMap<string, string[]>): Promise<number> {
  const engine = await createEmbeddedEngine({ dataDir });
  const ask = async (sql: string) => readStrings(await engine.query(sql));
  try {
    const tables = await ask(
      `SELECT concat(database, '.', name) FROM system.tables
       WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')
         AND engine NOT IN ('Null', 'MaterializedView')`,
    );
    for (const table of tables) {
      const tests = Array.from(
        found.keys(),
        (marker) => `if(countIf(position(lower(row), '${marker.toLowerCase()}') > 0) > 0, '${marker}', '')`,
      );
      const hits = await ask(
        `SELECT arrayJoin([${tests.join(', ')}]) FROM (SELECT toString(tuple(*)) AS row FROM ${table})`,
      );
      for (const marker of hits.filter(Boolean)) found.get(marker)?.push(`table ${table}`);
    }
    return tables.length;
  } finally {
    await engine.close(10_000);
  }
}

/** RowBinaryWithNamesAndTypes with one column of type String. */
function readStrings(bytes: Uint8Array): string[] {
  let offset = 0;
  const readLength = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const readString = () => {
    const length = readLength();
    offset += length;
    return Buffer.from(bytes.subarray(offset - length, offset)).toString('utf8');
  };
  const columns = readLength();
  readString();
  const type = readString();
  if (columns !== 1 || type !== 'String')
    throw new TypeError(`one String was expected, not ${columns} ${type}`);
  const values: string[] = [];
  while (offset < bytes.length) values.push(readString());
  return values;
}
