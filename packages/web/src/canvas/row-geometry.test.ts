import { describe, expect, it } from 'vitest';
import { barOf, labelX, placeAt, rowHeight, scrollTopShowing, visibleSlice } from './row-geometry.ts';
import { TimeScale } from './time-scale.ts';

const scale = new TimeScale({ startNanos: 1_000, endNanos: 2_000 }, 100);

describe('barOf', () => {
  it('is two pixels wide at least', () => expect(barOf(scale, 1_500, 1)).toEqual({ x: 50, width: 2 }));
  it('is cut to the screen', () => expect(barOf(scale, -1e15, 1e18)).toEqual({ x: -1, width: 102 }));
  it('is nothing outside of the range', () => expect(barOf(scale, 0, 500)).toBeUndefined());
});

describe('labelX', () => {
  it('stands right of the bar', () =>
    expect(labelX({ x: 10, width: 20 }, 30, 100)).toEqual({ x: 36, isInside: false }));
  it('stands left where there is no room', () =>
    expect(labelX({ x: 60, width: 30 }, 30, 100)).toEqual({ x: 24, isInside: false }));
  it('stands inside a bar that fills the row', () =>
    expect(labelX({ x: 0, width: 100 }, 30, 100)).toEqual({ x: 64, isInside: true }));
});

describe('rows', () => {
  it('on screen are those the viewport touches', () =>
    expect(visibleSlice(30, 60, 100)).toEqual({ first: 1, end: 4 }));
  it('are found by where the pointer is', () => {
    expect(placeAt(10, 2 * rowHeight, 100)).toBe(2);
    expect(placeAt(10, 2 * rowHeight, 2)).toBe(-1);
  });
  it('that show already do not scroll', () => expect(scrollTopShowing(3, 40, 240, 100)).toBe(40));
  it('that hide come in with a row of air', () => {
    expect(scrollTopShowing(20, 0, 240, 100)).toBe(22 * rowHeight - 240);
    expect(scrollTopShowing(2, 240, 240, 100)).toBe(rowHeight);
  });
});
