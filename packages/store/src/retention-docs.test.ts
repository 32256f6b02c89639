import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { schemaStatements } from './schema/migrate.ts';
import { retainedTables } from './schema/tables.ts';

const documented = readFileSync(fileURLToPath(new URL('../../../docs/storage.md', import.meta.url)), 'utf8')
  .split('## What lives how long')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.replaceAll('`', '').trim()));

/** Tables that hold rows, and their partition key, out of the schema itself. */
const partitionKeys = new Map(
  schemaStatements('spanwise').flatMap((statement) => {
    const table = /^CREATE TABLE IF NOT EXISTS spanwise\.(\w+) [\s\S]*ENGINE = (\w+)/.exec(statement);
    if (table === null || table[2] === 'Null') return [];
    return [[table[1]!, /PARTITION BY (\S+)/.exec(statement)?.[1]] as const];
  }),
);

it('says how long each table lives', () => {
  const expected = [...partitionKeys].map(([table, partitionKey]) => {
    const retained = retainedTables.find((candidate) => candidate.table === table);
    if (retained === undefined) return [table, 'nothing', '–'];
    const age = retained.signal === 'spans' ? 'traces' : 'logs';
    return [
      table,
      'isPayload' in retained ? `payload, at most ${age}` : age,
      /month|YYYYMM/i.test(partitionKey ?? '') ? 'months' : 'days',
    ];
  });
  expect(new Set(documented.map(([, table, , age, step]) => [table, age, step]))).toEqual(new Set(expected));
});

it('drops nothing that has no days or months', () => {
  for (const { table } of retainedTables) expect(partitionKeys.get(table)).toBeDefined();
});
