import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { columnsOf, storedColumns } from './columns.ts';
import { migrate, migrations } from './migrate.ts';
import { database } from './tables.ts';

let folder: string;
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-migrate-'));
  engine = await createTestEngine(folder);
}, 60_000);

afterAll(async () => {
  await engine.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const applied = async () =>
  readRows(await engine.query(`SELECT id FROM ${database}.schema_migrations ORDER BY id`)).map(([id]) => id);

describe('the schema', () => {
  it('is made once, and made whole when the first try was cut short', async () => {
    const [first] = migrations;
    await engine.execute(`CREATE DATABASE IF NOT EXISTS ${database}`);
    await engine.execute(first!.statements[0]!);
    await migrate(engine);
    await migrate(engine);
    expect(await applied()).toEqual(migrations.map(({ id }) => id));
  });

  it('is whole again when a power cut took the records of its last steps', async () => {
    for (const step of migrations.toReversed()) {
      await engine.execute(
        `ALTER TABLE ${database}.schema_migrations DELETE WHERE id >= ${step.id} SETTINGS mutations_sync = 1`,
      );
      await migrate(engine);
      expect(await applied()).toEqual(migrations.map(({ id }) => id));
    }
  });

  it.each([
    ['spans', storedColumns('spans')],
    ['spans_in', columnsOf.spans],
    ['logs', storedColumns('logs')],
    ['logs_in', columnsOf.logs],
  ] as const)('has the columns of the rows in %s, in their order', async (table, columns) => {
    const rows = readRows(
      await engine.query(
        `SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}
            AND default_kind = ''
          ORDER BY position`,
        { parameters: { table } },
      ),
    );
    expect(rows).toEqual(columns);
  });

  it('goes forward by the steps that are not there yet', async () => {
    const next = {
      id: 1_000,
      name: 'next',
      statements: [`CREATE TABLE ${database}.next (a UInt8) ENGINE = Memory`],
    };
    await migrate(engine, [...migrations, next]);
    expect(await applied()).toEqual([...migrations.map(({ id }) => id), 1_000]);
  });

  it('refuses data of a newer version, and says so', async () => {
    await expect(migrate(engine)).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('newer version'),
    });
  });

  it('refuses a released step that was changed', async () => {
    const next = { id: 1_000, name: 'next', statements: ['SELECT 1'] };
    await expect(migrate(engine, [...migrations, next])).rejects.toMatchObject({
      retryable: false,
      message: expect.stringContaining('1000'),
    });
  });
});
