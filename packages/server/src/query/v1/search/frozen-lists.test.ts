import { traceId } from '@spanwise/model';
import { describe, expect, it } from 'vitest';
import { FrozenLists } from './frozen-lists.ts';

const searched = { fromUnixNano: '1', toUnixNano: '2', complete: true };
const listOf = (...digits: readonly string[]) => ({
  ids: digits.map((digit) => traceId(digit.repeat(32))),
  searched,
});

describe('frozen lists', () => {
  it('stay as they were, for a time', () => {
    let now = 0;
    const lists = new FrozenLists(8, 1_000, () => now);
    const name = lists.add(listOf('a', '1'));
    expect(lists.find(name)).toEqual(listOf('a', '1'));
    now = 999;
    expect(lists.find(name)).toEqual(listOf('a', '1'));
    now = 1_000;
    expect(lists.find(name)).toBeUndefined();
    expect(lists.find('nonsense')).toBeUndefined();
  });

  it('are no more than there may be: what was used longest ago goes first', () => {
    const lists = new FrozenLists(2, 1_000, () => 0);
    const [first, second] = [lists.add(listOf('1')), lists.add(listOf('2'))];
    lists.find(first);
    const third = lists.add(listOf('3'));
    expect([first, second, third].map((name) => lists.find(name)?.ids.length)).toEqual([1, undefined, 1]);
  });
});
