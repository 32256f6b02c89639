import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { clusterStatements } from './cluster-statements.ts';
import { schemaStatements } from './migrate.ts';
import { database } from './tables.ts';

let folder: string;
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-cluster-'));
  engine = await createTestEngine(folder);
}, 60_000);

afterAll(async () => {
  await engine.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const all = schemaStatements('traces', 'main');

describe('the schema of a cluster', () => {
  // A step whose statements have no rendering fails here: say it in cluster-statements.ts.
  it('is understood by the engine, every statement of it', async () => {
    for (const statement of all) await engine.query(`EXPLAIN AST ${statement}`);
    await expect(engine.query(`EXPLAIN AST ${all[1]} ENGINE = Twice`)).rejects.toMatchObject({ code: 62 });
  });

  it('is made on every server, replicated, and has a front for each table', () => {
    const changes = all.filter((statement) => !statement.startsWith('INSERT'));
    for (const statement of changes) expect(statement).toContain(" ON CLUSTER 'main'");
    const tables = all.filter((statement) => statement.startsWith('CREATE TABLE'));
    for (const statement of tables) {
      expect(statement).toMatch(
        /ENGINE = (Null|Distributed\('main'|Replicated\w*MergeTree\('\/clickhouse\/tables\/)/,
      );
    }
    expect(all.join()).not.toMatch(/ non_replicated_deduplication_window/);
  });

  it('keeps a trace on one shard', () => {
    const front = all.find((statement) => statement.includes("'traces', 'spans_in_local'"));
    expect(front).toContain('cityHash64(trace_id)');
  });
});

describe('a statement', () => {
  const said = (sql: string) => clusterStatements(sql, 'c').map((text) => text.replace(/\s+/g, ' '));
  const db = database;

  it.each([
    [`CREATE DATABASE IF NOT EXISTS ${db}`, [`CREATE DATABASE IF NOT EXISTS ${db} ON CLUSTER 'c'`]],
    [
      `CREATE TABLE IF NOT EXISTS ${db}.t (
        trace_id FixedString(16), v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY trace_id`,
      [
        `CREATE TABLE IF NOT EXISTS ${db}.t_local ON CLUSTER 'c' ( trace_id FixedString(16), v UInt64) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', v) ORDER BY trace_id`,
        `CREATE TABLE IF NOT EXISTS ${db}.t ON CLUSTER 'c' AS ${db}.t_local ENGINE = Distributed('c', '${db}', 't_local', cityHash64(trace_id))`,
      ],
    ],
    [
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${db}.fill TO ${db}.t AS SELECT a FROM ${db}.t_in`,
      [
        `CREATE MATERIALIZED VIEW IF NOT EXISTS ${db}.fill ON CLUSTER 'c' TO ${db}.t_local AS SELECT a FROM ${db}.t_in_local`,
      ],
    ],
    [
      `ALTER TABLE ${db}.t ADD COLUMN IF NOT EXISTS a UInt8`,
      [
        `ALTER TABLE ${db}.t_local ON CLUSTER 'c' ADD COLUMN IF NOT EXISTS a UInt8`,
        `ALTER TABLE ${db}.t ON CLUSTER 'c' ADD COLUMN IF NOT EXISTS a UInt8`,
      ],
    ],
    [
      `ALTER TABLE ${db}.t ADD INDEX IF NOT EXISTS i a TYPE minmax`,
      [`ALTER TABLE ${db}.t_local ON CLUSTER 'c' ADD INDEX IF NOT EXISTS i a TYPE minmax`],
    ],
    [`DROP VIEW IF EXISTS ${db}.fill`, [`DROP VIEW IF EXISTS ${db}.fill ON CLUSTER 'c' SYNC`]],
    [
      `DROP TABLE IF EXISTS ${db}.t`,
      [
        `DROP TABLE IF EXISTS ${db}.t ON CLUSTER 'c' SYNC`,
        `DROP TABLE IF EXISTS ${db}.t_local ON CLUSTER 'c' SYNC`,
      ],
    ],
  ])('%s', (sql, expected) => {
    expect(said(sql)).toEqual(expected);
  });

  it('that nobody has thought of is refused', () => {
    expect(() => said(`RENAME TABLE ${db}.a TO ${db}.b`)).toThrow(TypeError);
  });
});
