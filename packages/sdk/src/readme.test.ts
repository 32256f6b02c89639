import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readAll = (paths: readonly string[]) => paths.map(read).join('\n');
const files = globSync('src/**/*.ts', { cwd: root });
const isTest = (path: string) => path.endsWith('.test.ts') && !path.endsWith('readme.test.ts');

const page = read('../../docs/sdk/environment.md');
/** First column of the table. */
const documented = [...page.matchAll(/^\| `(OTEL_[A-Z_]+)` +\|/gm)].map(([, name = '']) => name);

it('each variable that the page lists is used in a test', () => {
  const tests = readAll(files.filter(isTest));
  expect(documented.length).toBeGreaterThan(20);
  expect(documented.filter((name) => !tests.includes(name))).toEqual([]);
});

it('each variable that the code names is on the page', () => {
  const code = readAll(files.filter((path) => !path.endsWith('.test.ts')));
  const named = new Set([...code.matchAll(/'(OTEL_[A-Z_]+[A-Z])'/g)].map(([, name = '']) => name));
  // The prefixes of the two batch processors are no variables themselves.
  expect(
    [...named].filter((name) => !page.includes(name) && !['OTEL_BSP', 'OTEL_BLRP'].includes(name)),
  ).toEqual([]);
});
