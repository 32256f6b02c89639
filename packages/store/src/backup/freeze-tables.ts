import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { EngineError } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';

/** A schema step that the tables have, as it is recorded in the database. */
export interface AppliedStep {
  readonly id: number;
  readonly checksum: string;
}

/** The tables at one moment. They take room on the disk that merges would give back, until `release`. */
export interface FrozenTables {
  readonly schema: readonly AppliedStep[];
  /** `directory` holds one folder per part; there is none for an empty table. */
  readonly tables: readonly { readonly name: string; readonly directory: string }[];
  release(): Promise<void>;
}

const namePrefix = 'spanwise_';

/**
 * Freezes all tables of an embedded engine: hard links, so it takes milliseconds. Nothing is written between two
 * tables, because all statements enter the writer's queue at once.
 * Errors: `EngineError`, not retryable, when there are no tables here.
 */
export async function freezeTables(engine: Engine): Promise<FrozenTables> {
  const tables = readRows(
    await engine.query(
      `SELECT name, toString(uuid), total_rows > 0 FROM system.tables
        WHERE database = {database:String} AND endsWith(engine, 'MergeTree') AND name != 'schema_migrations'
        ORDER BY name`,
    ),
  ) as readonly (readonly [name: string, uuid: string, hasRows: number])[];
  if (tables.length === 0) throw new EngineError('there are no tables here', { retryable: false });
  const schema = readRows(
    await engine.query(`SELECT id, checksum FROM ${database}.schema_migrations ORDER BY id`),
  ).map(([id, checksum]) => ({ id: id as number, checksum: checksum as string }));
  const [disk] = readRows(await engine.query("SELECT path FROM system.disks WHERE name = 'default'"));
  const root = disk![0] as string;
  // The engine writes other characters in another way.
  const name = `${namePrefix}${randomBytes(16).toString('hex')}`;
  const frozen = join(root, 'shadow', name);
  await Promise.all(
    tables.map(([table]) =>
      engine.execute(`ALTER TABLE ${database}.${table} FREEZE WITH NAME ${quote(name)}`),
    ),
  );
  const release = () => rm(frozen, { recursive: true, force: true });
  // As in the data folder: store/<first three of the id>/<id>/<part>.
  const directoryOf = (uuid: string) => join(frozen, 'store', uuid.slice(0, 3), uuid);
  const absent = tables.filter(([, uuid, hasRows]) => hasRows === 1 && !existsSync(directoryOf(uuid)));
  if (absent.length > 0) {
    await release();
    throw new EngineError(`not frozen where it should be: ${absent.map(([table]) => table).join(', ')}`, {
      retryable: true,
    });
  }
  return {
    schema,
    tables: tables.map(([table, uuid]) => ({ name: table, directory: directoryOf(uuid) })),
    release,
  };
}
