import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ErrorKind, errorCatalogue } from './error-catalogue.ts';

const documented = readFileSync(
  fileURLToPath(new URL('../../../../docs/errors.md', import.meta.url)),
  'utf8',
);

describe('docs/errors.md', () => {
  it('is the table of error-catalogue.ts', () => {
    const table = Object.entries<ErrorKind>(errorCatalogue).map(
      ([code, { status, title, advice }]) => `| \`${code}\` | ${status.join(', ')} | ${title}. | ${advice} |`,
    );
    expect(documented.split('\n').filter((line) => line.startsWith('| `'))).toEqual(table);
  });
});
