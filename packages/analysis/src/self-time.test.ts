import { nanosPerMilli } from '@spanwise/model';
import { drawTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, selfTimes } from './index.ts';

function millis(drawing: string): number[] {
  const columns = buildTraceColumns(drawTrace(drawing));
  return Array.from(selfTimes(columns, buildTree(columns)), (nanos) => nanos / nanosPerMilli);
}

describe('the time a span spent itself', () => {
  it('is what no child covers', () =>
    expect(
      millis(`
        a  x   |==========|
         b y     |===|
         b z           |=|
      `),
    ).toEqual([11 - 4 - 2, 4, 2]));

  it('counts children that run at once only once', () =>
    expect(
      millis(`
        a  x   |==========|
         b y     |=====|
         b z       |====|
         b w        |==|
      `),
    ).toEqual([11 - 7, 6, 5, 3]));

  it('leaves out what a child does after its end, or before its start', () =>
    expect(
      millis(`
        b  early  |====|   parent=@x
        a  x        |=======|    @x
        b  late           |======|   parent=@x
      `),
    ).toEqual([5, 8 - 3 - 2, 7]));

  it('is never negative and never more than the span', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const columns = buildTraceColumns(trace);
        selfTimes(columns, buildTree(columns)).forEach((nanos, row) => {
          expect(nanos).toBeGreaterThanOrEqual(0);
          expect(nanos).toBeLessThanOrEqual(columns.durationsNanos[row]!);
        });
      }),
    );
  });
});
