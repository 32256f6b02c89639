import { describe, expect, it } from 'vitest';
import { noPathEnds, pathEndsBehind } from './nested-keys.ts';

const endsOf = (...path: string[]) => path.reduce((ends, key) => pathEndsBehind(key, ends), noPathEnds);

describe('path ends', () => {
  it.each<[string[], string[]]>([
    [['wrap'], ['']],
    [['gen_ai'], ['', 'gen_ai.']],
    [
      ['wrap', 'gen_ai'],
      ['', 'gen_ai.'],
    ],
    [
      ['wrap', 'gen_ai.input'],
      ['', 'gen_ai.input.', 'input.'],
    ],
    [
      ['a', 'gen_ai', 'input'],
      ['', 'gen_ai.input.', 'input.'],
    ],
    [['Gen_AI'], ['', 'Gen_AI.']],
    [
      ['gen_ai', 'gen_ai'],
      ['', 'gen_ai.'],
    ],
    [['gen_ai', 'other'], ['']],
    [['my.gen_ai'], ['', 'gen_ai.']],
    [
      ['my.gen_ai', 'input'],
      ['', 'gen_ai.input.', 'input.'],
    ],
    [[''], ['']],
  ])('of %j are %j', (path, ends) => {
    expect([...endsOf(...path)].sort()).toEqual([...ends].sort());
  });

  it('stay few, however long and deep the path is', () => {
    const deep = Array.from(
      { length: 1_000 },
      (_, index) => ['gen_ai', 'input', 'llm', 'x'.repeat(index)][index % 4]!,
    );
    expect(endsOf(...deep).length).toBeLessThan(8);
    expect(endsOf('gen_ai.'.repeat(100_000)).length).toBeLessThan(8);
  });
});
