import { nanosPerMilli } from '@spanwise/model';
import { drawTrace, largeTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, flameGraph } from './index.ts';

/** A node a line: indentation, where its width begins, name, own of total ms, spans. */
function draw(drawing: string): string[] {
  return flameGraph(buildTraceColumns(drawTrace(drawing))).map(
    ({ depth, service, name, fromNanos, selfNanos, totalNanos, spanCount, errorCount }) =>
      `${' '.repeat(depth)}${fromNanos / nanosPerMilli} ${service} ${name} ${selfNanos / nanosPerMilli}/${totalNanos / nanosPerMilli} ×${spanCount}${errorCount > 0 ? ` ${errorCount} failed` : ''}`,
  );
}

describe('the flame graph', () => {
  it('merges alike calls, widest first, and draws parallel work side by side', () =>
    expect(
      draw(`
        a  handle   |===================|
         b  lookup    |==|
         b  lookup         |==|            error
         llm call      |===========|       model=gpt-4o op=chat
          c  inner       |===|
      `),
    ).toEqual([
      '0 a handle 7/25 ×1',
      ' 0 llm chat gpt-4o 8/12 ×1',
      '  0 c inner 4/4 ×1',
      ' 12 b lookup 6/6 ×2 1 failed',
    ]));

  it('keeps calls under different parents apart', () =>
    expect(
      draw(`
        a  x   |=========|
         a y    |==|
          a z   |==|
         a z        |==|
      `),
    ).toEqual(['0 a x 4/10 ×1', ' 0 a y 0/3 ×1', '  0 a z 3/3 ×1', ' 3 a z 3/3 ×1']));

  it('accounts for every span once, inside the width of its parent', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const nodes = flameGraph(buildTraceColumns(trace));
        expect(nodes.reduce((sum, node) => sum + node.spanCount, 0)).toBe(trace.spans.length);
        nodes.forEach((node, place) => {
          expect(node.parent).toBeLessThan(place);
          if (node.parent === -1) return;
          const parent = nodes[node.parent]!;
          expect(node.fromNanos).toBeGreaterThanOrEqual(parent.fromNanos);
          expect(node.fromNanos + node.totalNanos).toBeLessThanOrEqual(
            parent.fromNanos + parent.totalNanos + 1e-3,
          );
        });
      }),
    );
  });

  it('bears a trace as deep as it is long', () =>
    expect(flameGraph(largeTrace(50_000, { depthMax: 50_000 })).length).toBeGreaterThan(1));
});
