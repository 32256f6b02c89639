import { buildTraceColumns, buildTree } from '@spanwise/analysis';
import { drawTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { findRows, nextRow } from './find-rows.ts';

const columns = buildTraceColumns(
  drawTrace(`
    gateway     "POST /chat"     |==========|
      manager   handle_message     |======|
        proxy   "chat gpt-4o"        |==|   model=gpt-4o
  `),
);
const found = (text: string, details?: ReadonlyMap<string, string>) =>
  Array.from(findRows(columns, text, details)?.matches ?? []);

describe('findRows', () => {
  it('looks at services, names and models, in any case', () => {
    expect(found('MANAGER')).toEqual([0, 1, 0]);
    expect(found('chat')).toEqual([1, 0, 1]);
    expect(found('4o')).toEqual([0, 0, 1]);
  });
  it('wants every word', () => expect(found('chat gateway')).toEqual([1, 0, 0]));
  it('looks at span ids', () => expect(found(columns.spanIds[1]!)).toEqual([0, 1, 0]));
  it('looks at attributes of spans that were opened', () =>
    expect(found('user=7', new Map([[columns.spanIds[2]!, 'user=7']]))).toEqual([0, 0, 1]));
  it('finds nothing without a word', () => expect(findRows(columns, '  ')).toBeUndefined());
});

describe('nextRow', () => {
  const { order, position } = buildTree(columns);
  it('wraps in both directions', () => {
    expect(nextRow(order, position, 2, 1, () => true)).toBe(0);
    expect(nextRow(order, position, 0, -1, () => true)).toBe(2);
    expect(nextRow(order, position, -1, 1, () => false)).toBe(-1);
  });
});
