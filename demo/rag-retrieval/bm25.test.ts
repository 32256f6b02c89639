import { describe, expect, it } from 'vitest';
import { scoreBm25 } from './bm25.ts';

describe('scoreBm25', () => {
  it('is the formula, for a case worked out by hand', () => {
    // One term in one of two texts of equal length: ln(1 + 1.5/1.5) * 1 * 2.2 / (1 + 1.2) = ln 2.
    const [first, second] = scoreBm25('tank', ['tank full', 'pump loud']);
    expect(first).toBeCloseTo(Math.LN2, 12);
    expect(second).toBe(0);
  });

  it('counts a rare word more than a common one', () => {
    const [rare, common] = scoreBm25('vinegar coffee', [
      'vinegar cup',
      'coffee cup',
      'coffee pot',
      'coffee bean',
    ]);
    expect(rare).toBeGreaterThan(common ?? 0);
  });

  it('holds long texts back', () => {
    const [short, long] = scoreBm25('filter', ['filter change', `filter ${'other words '.repeat(20)}`]);
    expect(short).toBeGreaterThan(long ?? 0);
  });

  it('sees one word in its forms', () => {
    expect(scoreBm25('descale', ['Descaling takes long'])[0]).toBeGreaterThan(0);
  });

  it('has a score for no texts, empty texts and an empty query', () => {
    expect(scoreBm25('x', [])).toEqual([]);
    expect(scoreBm25('x', ['', ''])).toEqual([0, 0]);
    expect(scoreBm25('', ['text'])).toEqual([0]);
  });
});
