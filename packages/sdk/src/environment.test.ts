import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/* docs/sdk/environment.md against the code: what it names has a test, and what the code reads is named. */

const packages = join(import.meta.dirname, '../..');
const page = readFileSync(join(packages, '../docs/sdk/environment.md'), 'utf8');
const [honoured = '', notHonoured = ''] = page.split('Not honoured:');

const VARIABLE = /\b(?:OTEL|SPANWISE)_[A-Z0-9_]*[A-Z0-9]\b/g;

/** `OTEL_EXPORTER_OTLP_TRACES_HEADERS` is said together with the one for all signals. */
const forAllSignals = (variable: string) => variable.replace(/^(OTEL_EXPORTER_OTLP)_(?:TRACES|LOGS)_/, '$1_');

function variablesIn(text: string): Set<string> {
  return new Set(text.match(VARIABLE)?.map(forAllSignals));
}

const sources = ['sdk', 'instrumentation'].flatMap((name) => {
  const folder = join(packages, name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('testing') && file !== 'environment.test.ts')
    .map((file) => ({ isTest: file.endsWith('.test.ts'), text: readFileSync(join(folder, file), 'utf8') }));
});
const textOf = (isTest: boolean) =>
  sources
    .filter((source) => source.isTest === isTest)
    .map(({ text }) => text)
    .join('\n');

it('each variable of the table has a test that sets it', () => {
  const tested = variablesIn(textOf(true));
  expect([...variablesIn(honoured)].filter((variable) => !tested.has(variable))).toEqual([]);
  expect(variablesIn(honoured).size).toBeGreaterThan(40);
});

it('each variable that the code reads is in the table', () => {
  const told = variablesIn(honoured);
  const read = [...variablesIn(textOf(false))].filter((variable) => !/^OTEL_B(?:S|LR)P$/.test(variable));
  expect(read.filter((variable) => !told.has(variable))).toEqual([]);
});

it('what is not honoured is read nowhere', () => {
  const read = variablesIn(textOf(false));
  expect([...variablesIn(notHonoured)].filter((variable) => read.has(variable))).toEqual([]);
});
