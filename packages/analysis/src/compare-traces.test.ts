import { nanosPerMilli } from '@spanwise/model';
import { drawTrace, largeTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignChildren } from './align-children.ts';
import { buildTraceColumns, compareTraces } from './index.ts';

const columnsOf = (drawing: string) => buildTraceColumns(drawTrace(drawing));

/** A line a pair: `=` in both, `-` only before, `+` only after. */
function draw(before: string, after: string): string[] {
  const [first, second] = [columnsOf(before), columnsOf(after)];
  const { rowsBefore, rowsAfter, depth } = compareTraces(first, second);
  return Array.from(rowsBefore, (row, at) => {
    const columns = row === -1 ? second : first;
    const name = columns.names[columns.nameIndex[row === -1 ? rowsAfter[at]! : row]!];
    return `${row === -1 ? '+' : rowsAfter[at] === -1 ? '-' : '='}${' '.repeat(depth[at]!)}${name}`;
  });
}

describe('two traces compared', () => {
  const usual = `
    a  handle    |==============|
     a classify   |=|
     a retrieve      |==|
      b search        ||
     a chat              |====|    model=m in=10 out=5
  `;

  it('are the same where nothing changed but times', () =>
    expect(draw(usual, usual.replace('|==============|', '|=================|'))).toEqual([
      '=handle',
      '= classify',
      '= retrieve',
      '=  search',
      '= chat',
    ]));

  it('say what was added and left out, without shifting the rest', () =>
    expect(
      draw(
        usual,
        `
        a  handle    |====================|
         a classify   |=|
         a execute       |==|
         a chat              |=|           model=m
         a chat                 |======|   model=m
      `,
      ),
    ).toEqual(['=handle', '= classify', '- retrieve', '-  search', '+ execute', '+ chat', '= chat']));

  it('pair what only changed places', () =>
    expect(
      draw(
        `
        a  x  |========|
         b p   |=|
         c q      |=|
      `,
        `
        a  x  |========|
         c q   |=|
         b p      |=|
      `,
      ),
    ).toEqual(['=x', '= q', '= p']));

  it('name the step that changed most, by its own time', () => {
    const { steps, matchedCount, onlyBeforeCount, onlyAfterCount } = compareTraces(
      columnsOf(usual),
      columnsOf(`
        a  handle    |========================|   error
         a classify   |=|
         a retrieve      |==|
          b search        ||
         a chat              |==============|      model=m in=10 out=50 error
      `),
    );
    expect(steps[0]).toEqual({
      service: 'a',
      name: 'chat m',
      before: {
        callCount: 1,
        errorCount: 0,
        selfNanos: 5 * nanosPerMilli,
        inputTokens: 10,
        outputTokens: 5,
        cost: -1,
      },
      after: {
        callCount: 1,
        errorCount: 1,
        selfNanos: 15 * nanosPerMilli,
        inputTokens: 10,
        outputTokens: 50,
        cost: -1,
      },
      changeNanos: 10 * nanosPerMilli,
    });
    expect([matchedCount, onlyBeforeCount, onlyAfterCount]).toEqual([5, 0, 0]);
  });

  it('hold every span of both once', () => {
    fc.assert(
      fc.property(traceArbitrary, traceArbitrary, (before, after) => {
        const { rowsBefore, rowsAfter } = compareTraces(buildTraceColumns(before), buildTraceColumns(after));
        const rowsOf = (rows: Int32Array) =>
          Array.from(rows.filter((row) => row !== -1)).sort((a, b) => a - b);
        expect(rowsOf(rowsBefore)).toEqual(before.spans.map((_, row) => row));
        expect(rowsOf(rowsAfter)).toEqual(after.spans.map((_, row) => row));
      }),
    );
  });

  it('match completely where they are one', () => {
    const trace = largeTrace(20_000, { depthMax: 1 });
    expect(compareTraces(trace, trace).matchedCount).toBe(20_000);
  });
});

describe('lists of children', () => {
  it('pair as many as possible in order', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(keys, keys, (before, after) => {
        const pairs = alignChildren(before, after);
        for (const [b, a] of pairs) if (b !== -1 && a !== -1) expect(before[b]).toBe(after[a]);
        const count = (list: readonly string[], key: string) => list.filter((one) => one === key).length;
        const possible = ['a', 'b', 'c'].reduce(
          (sum, key) => sum + Math.min(count(before, key), count(after, key)),
          0,
        );
        expect(pairs.filter(([b, a]) => b !== -1 && a !== -1)).toHaveLength(possible);
      }),
    );
  });
});
