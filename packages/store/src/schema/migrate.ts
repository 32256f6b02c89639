import { createHash } from 'node:crypto';
import { type Engine, EngineError } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { bindDatabase, defaultDatabase, quote } from '../sql/bind.ts';
import { clusterStatements } from './cluster-statements.ts';
import { firstTables } from './migrations/0001-first-tables.ts';
import { series } from './migrations/0002-series.ts';
import { payloadTables } from './migrations/0003-payload.ts';
import { syncedCatalogues } from './migrations/0004-synced-catalogues.ts';
import { lookups } from './migrations/0005-lookups.ts';
import { settled } from './migrations/0006-settled.ts';
import { archive } from './migrations/0007-archive.ts';
import { catalogue } from './migrations/0008-catalogue.ts';
import { syncedMerges } from './migrations/0009-synced-merges.ts';
import { splitTokens } from './migrations/0010-split-tokens.ts';
import { costOfTraces } from './migrations/0011-cost-of-traces.ts';
import { instrumentationNotes } from './migrations/0012-instrumentation-notes.ts';
import type { Migration } from './migrations/migration.ts';
import { database } from './tables.ts';

export const migrations: readonly Migration[] = [
  firstTables,
  series,
  payloadTables,
  syncedCatalogues,
  lookups,
  settled,
  archive,
  catalogue,
  syncedMerges,
  splitTokens,
  costOfTraces,
  instrumentationNotes,
];

/** Before the first step: where the steps are recorded. */
const foundation: readonly string[] = [
  `CREATE DATABASE IF NOT EXISTS ${database}`,
  `CREATE TABLE IF NOT EXISTS ${database}.schema_migrations (
  id UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC')
) ENGINE = MergeTree ORDER BY id SETTINGS fsync_after_insert = 1, fsync_part_directory = 1,
  -- A merge that a power cut takes back must not take the records of steps with it: a step would run again.
  min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1`,
];

/**
 * The whole schema as text, for people: what `migrate` runs in an empty database, or for a cluster.
 * `name`: of the database.
 */
export function schemaStatements(name: string, cluster?: string): readonly string[] {
  return [...foundation, ...migrations.flatMap(({ statements }) => statements)]
    .flatMap((statement) => (cluster === undefined ? [statement] : clusterStatements(statement, cluster)))
    .map((statement) => bindDatabase(statement, name));
}

/**
 * Brings the database to the schema of this version: forward only, each step recorded with its checksum. Whoever
 * owns the engine owns the data folder, or the server's database: that is the lock.
 * Errors: `EngineError`, not retryable, when a newer version has written here or a released step was changed.
 */
export async function migrate(engine: Engine, steps: readonly Migration[] = migrations): Promise<void> {
  for (const statement of foundation) await engine.execute(statement);
  const rows = readRows(await engine.query(`SELECT id, checksum FROM ${database}.schema_migrations`));
  const applied = new Map(rows.map(([id, checksum]) => [id as number, checksum as string]));
  const newest = Math.max(0, ...steps.map(({ id }) => id));
  for (const [id, checksum] of applied) {
    if (id > newest) {
      throw refuse(`the data was written by a newer version (schema ${id}; this version knows ${newest})`);
    }
    const step = steps.find((candidate) => candidate.id === id);
    if (step !== undefined && checksumOf(step) !== checksum) {
      throw refuse(`schema step ${id} (${step.name}) is not the one that made this data`);
    }
  }
  for (const step of steps) {
    if (applied.has(step.id)) continue;
    for (const statement of step.statements) await engine.execute(statement);
    await engine.execute(
      `INSERT INTO ${database}.schema_migrations
        SELECT ${step.id}, ${quote(step.name)}, ${quote(checksumOf(step))}, now64(3)`,
    );
  }
}

export function checksumOf(step: Migration): string {
  // The same in every database, whatever its name.
  return createHash('sha256')
    .update(bindDatabase(step.statements.join(';\n'), defaultDatabase))
    .digest('hex');
}

function refuse(message: string): EngineError {
  return new EngineError(message, { retryable: false });
}
