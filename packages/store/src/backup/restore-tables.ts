import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, EngineError } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { checksumOf, migrate, migrations } from '../schema/migrate.ts';
import { database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import type { AppliedStep } from './freeze-tables.ts';

export interface TableParts {
  readonly name: string;
  readonly parts: readonly string[];
}

/**
 * Fills the empty database of an embedded engine with the parts of frozen tables: makes the schema that they were
 * frozen in, takes the parts, and goes on to the schema of this version.
 * `copyPart` puts the files of a part into `directory`, which is there and empty.
 * Errors: `EngineError`, not retryable, when a newer version made the parts; what `copyPart` throws.
 */
export async function restoreTables(
  engine: Engine,
  schema: readonly AppliedStep[],
  tables: readonly TableParts[],
  copyPart: (table: string, part: string, directory: string) => Promise<void>,
): Promise<void> {
  const steps = schema.map(({ id, checksum }) => {
    const step = migrations.find((candidate) => candidate.id === id);
    if (step !== undefined && checksumOf(step) === checksum) return step;
    throw new EngineError(`it was made by another version: schema step ${id} is not known here`, {
      retryable: false,
    });
  });
  await migrate(engine, steps);
  const paths = new Map(
    readRows(
      await engine.query('SELECT name, data_paths[1] FROM system.tables WHERE database = {database:String}'),
    ).map(([name, path]) => [name as string, path as string]),
  );
  for (const { name, parts } of tables) {
    const path = paths.get(name);
    if (path === undefined) throw new EngineError(`there is no table ${name}`, { retryable: false });
    for (const part of parts) {
      const directory = join(path, 'detached', part);
      await mkdir(directory, { recursive: true });
      await copyPart(name, part, directory);
      await engine.execute(`ALTER TABLE ${database}.${name} ATTACH PART ${quote(part)}`);
    }
  }
  await migrate(engine);
}
