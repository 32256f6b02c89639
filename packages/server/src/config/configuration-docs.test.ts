import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { configKeys, optionNameOf, optionTextOf, variableNameOf } from './config-schema.ts';

const documented = readFileSync(
  fileURLToPath(new URL('../../../../docs/configuration.md', import.meta.url)),
  'utf8',
);

describe('docs/configuration.md', () => {
  it('has a row for each option of the schema, and no other', () => {
    const table = configKeys.map((key) => {
      const { description, allowed, default: byDefault, isList } = optionTextOf(key);
      const name = `\`--${optionNameOf(key)}\`${isList ? ', repeatable' : ''}`;
      const value = byDefault === undefined ? 'none' : `\`${byDefault}\``;
      return `| ${name} | \`${variableNameOf(key)}\` | ${description} | ${value} | ${allowed} |`;
    });
    expect(documented.split('\n').filter((line) => line.startsWith('| `--'))).toEqual(table);
  });
});
