import type { TraceComparisonDto, TraceSkeletonDto } from '@spanwise/api';
import { describe, expect, it } from 'vitest';
import { parseCompareState } from '../../state/compare-url.ts';
import { alignedRows } from './aligned-rows.ts';
import { comparisonSentence, formatChange } from './comparison-sentence.ts';

const figures = (callCount: number, selfNanos: number) => ({
  callCount,
  errorCount: 0,
  selfNanos,
  inputTokens: -1,
  outputTokens: -1,
  cost: -1,
});
const step = (name: string, before: readonly [number, number], after: readonly [number, number]) => ({
  service: 'llm',
  name,
  before: figures(...before),
  after: figures(...after),
  changeNanos: after[1] - before[1],
});

describe('comparisonSentence', () => {
  it.each([
    ['more of the same', step('chat', [2, 1e9], [2, 3e9]), '2.00 s more in llm › chat'],
    [
      'more often',
      step('chat', [1, 1e9], [3, 3e9]),
      '2.00 s more in llm › chat, called 3 times instead of once',
    ],
    [
      'not there before',
      step('chat', [0, 0], [1, 3e9]),
      '3.00 s more in llm › chat, which was not there before',
    ],
    ['gone', step('chat', [2, 3e9], [0, 0]), '3.00 s less in llm › chat, which is gone'],
  ])('%s', (_, change, sentence) =>
    expect(comparisonSentence([change])?.replaceAll('\u202f', ' ')).toBe(sentence),
  );
  it('says nothing where nothing changed', () => {
    expect(comparisonSentence([step('chat', [1, 5], [1, 5])])).toBeUndefined();
    expect(comparisonSentence([])).toBeUndefined();
  });
});

describe('formatChange', () => {
  it('has a sign, and a typographic minus', () => {
    expect(formatChange(1.5e9).replaceAll('\u202f', ' ')).toBe('+1.50 s');
    expect(formatChange(-1.5e9).replaceAll('\u202f', ' ')).toBe('−1.50 s');
    expect(formatChange(0)).toBe('–');
  });
});

describe('alignedRows', () => {
  const skeleton = (names: readonly string[]) =>
    ({
      services: ['llm'],
      names,
      serviceIndex: names.map(() => 0),
      nameIndex: names.map((_, index) => index),
      spanIds: names.map((name) => `id of ${name}`),
      durationsNanos: names.map((_, index) => 10 * (index + 1)),
      status: names.map((_, index) => (index === 1 ? 2 : 0)),
    }) as unknown as TraceSkeletonDto;
  const comparison = {
    depth: [0, 1, 1],
    rowsBefore: [0, 1, -1],
    rowsAfter: [0, -1, 1],
  } as unknown as TraceComparisonDto;

  it('lays both over each other', () =>
    expect(alignedRows(comparison, skeleton(['root', 'old']), skeleton(['root', 'new']), 9)).toEqual([
      {
        depth: 0,
        service: 'llm',
        name: 'root',
        before: { spanId: 'id of root', durationNanos: 10, isFailed: false },
        after: { spanId: 'id of root', durationNanos: 10, isFailed: false },
      },
      {
        depth: 1,
        service: 'llm',
        name: 'old',
        before: { spanId: 'id of old', durationNanos: 20, isFailed: true },
      },
      {
        depth: 1,
        service: 'llm',
        name: 'new',
        after: { spanId: 'id of new', durationNanos: 20, isFailed: true },
      },
    ]));
  it('stops where a page has enough', () =>
    expect(alignedRows(comparison, skeleton(['root', 'old']), skeleton(['root', 'new']), 1)).toHaveLength(1));
});

describe('the comparison’s URL', () => {
  it('takes ids in any spelling, and nothing else', () =>
    expect(parseCompareState({ before: 'ABC', after: 'xyz' })).toEqual({ before: `${'0'.repeat(29)}abc` }));
});
