import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SCOPE_NAME, SCOPE_VERSION } from './version.ts';

it('is what package.json says', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect([SCOPE_NAME, SCOPE_VERSION]).toEqual([name, version]);
});
