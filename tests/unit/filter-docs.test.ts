import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { filterBounds, formatFilter, intrinsics, parseFilter } from '@spanwise/filter';
import { describe, expect, it } from 'vitest';

const documented = readFileSync(
  fileURLToPath(new URL('../../docs/filter-language.md', import.meta.url)),
  'utf8',
);

function section(title: string): string {
  return documented.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!; // a test without its section fails here
}

describe('docs/filter-language.md', () => {
  const examples = [...section('Examples').matchAll(/^\| `(.*?)` \|/gm)].map(([, filter]) => filter!);

  it.each([...examples, documented.split('```')[1]!.trim()])(
    'an example is a filter, written as we write: %s',
    (text) => {
      const parsed = parseFilter(text);
      expect(parsed.ok ? formatFilter(parsed.filter) : parsed.error.message).toBe(text);
    },
  );

  it('has the fields that there are', () => {
    const table = Object.entries(intrinsics).map(([name, kind]) => {
      const type = 'words' in kind ? kind.words.map((word) => `\`${word}\``).join(', ') : kind.type;
      return `| \`${name}\` | ${kind.of} | ${type} | ${kind.meaning} |`;
    });
    expect(
      section('Fields')
        .split('\n')
        .filter((line) => line.startsWith('| `')),
    ).toEqual(table);
  });

  it('has the bounds that there are', () => {
    const { characters, terms, depth, structures, percentiles, lookbackDays, patternCharacters } =
      filterBounds;
    const numbers = section('Bounds').match(/\d+/g)?.map(Number);
    expect(numbers).toEqual([
      characters,
      terms,
      depth,
      structures,
      percentiles,
      lookbackDays,
      patternCharacters,
    ]);
  });
});
