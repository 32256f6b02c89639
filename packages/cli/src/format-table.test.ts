import { describe, expect, it } from 'vitest';
import { formatTable } from './format-table.ts';

describe('formatTable', () => {
  it('aligns columns by what is seen', () => {
    expect(
      formatTable([
        ['name', 'n'],
        ['ü💥', '12'],
        ['a longer one', '3'],
      ]),
    ).toEqual(['name          n', 'ü💥            12', 'a longer one  3']);
  });

  it('lets no name steer the terminal, and cuts long ones', () => {
    expect(formatTable([['a\u001b[31mred\u0007\n\u202e']])).toEqual(['a·[31mred···']);
    expect(formatTable([['x'.repeat(61)]])[0]).toBe(`${'x'.repeat(59)}…`);
  });
});
