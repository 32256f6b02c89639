import { nanosPerMilli } from '@spanwise/model';
import { drawTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, correctClockSkew } from './index.ts';

function correct(drawing: string) {
  const columns = buildTraceColumns(drawTrace(drawing));
  const view = correctClockSkew(columns, buildTree(columns));
  return {
    columns: view.columns,
    starts: Object.fromEntries(
      Array.from(view.columns.startNanos, (start, row) => [
        columns.names[columns.nameIndex[row]!]!,
        start / nanosPerMilli,
      ]),
    ),
    corrections: view.corrections.map(({ service, shiftNanos }) => [service, shiftNanos / nanosPerMilli]),
    unchanged: view.columns === columns,
  };
}

describe('clock skew', () => {
  it('moves a service that answered before it was asked into the middle of the call, with its own spans', () => {
    const { starts, corrections } = correct(`
      b   serve    |====|        kind=server parent=@c
       b  work       |=|
      a   GET          |=======|  kind=client @c
    `);
    expect(corrections).toEqual([['b', 5.5]]);
    expect(starts).toEqual({ serve: 5.5, work: 7.5, GET: 4 });
  });

  it('moves a server that began after its caller had the answer', () =>
    expect(
      correct(`
        a   GET    |=====|              kind=client
         b  serve             |==|      kind=server
      `).corrections,
    ).toEqual([['b', -9.5]]));

  it('puts what does not fit at the start of its parent', () =>
    expect(
      correct(`
        b   serve    |==========|     kind=server parent=@c
        a   GET         |=====|       kind=client @c
      `).starts,
    ).toEqual({ serve: 3, GET: 3 }));

  it('looks at the next hop with the clock already put right', () =>
    expect(
      correct(`
        b   serve     |======|            kind=server parent=@c
         c  inner       |==|              kind=server
        a   GET                |=======|  kind=client @c
      `).corrections,
    ).toEqual([
      ['b', 9.5],
      ['c', 9.5],
    ]));

  it.each([
    [
      'asynchronous work that ends after its parent',
      `
        a  publish  |==|
         b consume    |=======|
      `,
    ],
    [
      'a message that was taken later',
      `
        a  publish  |==|             kind=producer
         b consume          |===|    kind=consumer
      `,
    ],
    [
      'a span of the same process, whatever it says',
      `
        a  early  |==|        parent=@r
        a  root      |====|   @r
      `,
    ],
  ])('leaves %s alone', (_, drawing) => expect(correct(drawing).unchanged).toBe(true));

  it('leaves no span of another service before its parent', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const columns = buildTraceColumns(trace);
        const tree = buildTree(columns);
        const { startNanos } = correctClockSkew(columns, tree).columns;
        for (let row = 0; row < columns.spanCount; row++) {
          const parent = tree.parent[row]!;
          if (parent === -1 || columns.serviceIndex[parent] === columns.serviceIndex[row]) continue;
          expect(startNanos[row]!).toBeGreaterThanOrEqual(startNanos[parent]! - 1);
        }
      }),
    );
  });
});
