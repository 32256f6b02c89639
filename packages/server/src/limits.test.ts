import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Limit, limits } from './limits.ts';

const documented = readFileSync(fileURLToPath(new URL('../../../docs/limits.md', import.meta.url)), 'utf8');

describe('docs/limits.md', () => {
  it('is the table of limits.ts', () => {
    const table = Object.entries<Limit>(limits).map(
      ([name, limit]) => `| \`${name}\` | ${formatValue(limit)} | ${limit.atLimit} | ${limit.counter} |`,
    );
    expect(documented.split('\n').filter((line) => line.startsWith('| `'))).toEqual(table);
  });
});

function formatValue({ value, unit }: Limit): string {
  switch (unit) {
    case 'bytes':
      return formatIn(value, [
        [2 ** 30, 'GiB'],
        [2 ** 20, 'MiB'],
        [2 ** 10, 'KiB'],
        [1, 'bytes'],
      ]);
    case 'milliseconds':
      return formatIn(value, [
        [3_600_000, 'h'],
        [60_000, 'min'],
        [1_000, 's'],
        [1, 'ms'],
      ]);
    case 'levels':
      return `${value} levels`;
    case 'ratio':
      return `${value} to 1`;
    case 'count':
      return String(value);
  }
}

/** In the largest unit that gives a whole number. */
function formatIn(value: number, units: readonly (readonly [size: number, name: string])[]): string {
  const [size, name] = units.find(([one]) => value % one === 0)!; // the last is 1
  return `${value / size} ${name}`;
}
