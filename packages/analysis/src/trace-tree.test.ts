import { drawTrace, largeTrace, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, visibleRows } from './index.ts';

const drawing = `
  a  x  |====================|
    b  x  |======|
      c  x  |==|
    d  x            |====|
  e  x                  |==|  parent=?
`;

function servicesOf(drawn: string, collapsed: readonly string[] = []): string[] {
  const columns = buildTraceColumns(drawTrace(drawn));
  const tree = buildTree(columns);
  const serviceOf = (row: number) => columns.services[columns.serviceIndex[row]!]!;
  const isCollapsed = (row: number) => collapsed.includes(serviceOf(row));
  const rows = visibleRows(tree, new Set(tree.order.filter(isCollapsed)));
  return Array.from(rows, (row) => `${'.'.repeat(tree.depth[row]!)}${serviceOf(row)}`);
}

describe('buildTree', () => {
  it('puts parents before children and siblings by start', () => {
    expect(servicesOf(drawing)).toEqual(['a', '.b', '..c', '.d', 'e']);
  });

  it('counts roots, orphans and subtrees', () => {
    const tree = buildTree(buildTraceColumns(drawTrace(drawing)));
    expect(tree.rootCount).toBe(1);
    expect(tree.orphanCount).toBe(1);
    expect(Array.from(tree.order, (row) => tree.subtreeCount[row])).toEqual([4, 2, 1, 1, 1]);
  });

  it.each([
    ['of one', 'a  x  |==|  @a parent=@a', ['a']],
    ['of two', 'a  x  |==|  @a parent=@b\nb  x   |=|  @b parent=@a', ['a', '.b']],
    [
      'of two, with spans below',
      'c  x  |======|  @c parent=@b\na  x   |==|  @a parent=@b\nb  x    |=|  @b parent=@a',
      ['a', '.b', '..c'],
    ],
  ])('cuts a cycle of parents above its earliest span: %s', (_, drawn, expected) => {
    expect(servicesOf(drawn)).toEqual(expected);
  });

  it('hangs children below the first of spans that share an id', () => {
    const drawn = 'a  x  |====|\n  b  x  |==|  @same\n  c  x   |=|  @same\n  d  x    ||  parent=@same';
    expect(servicesOf(drawn)).toEqual(['a', '.b', '..d', '.c']);
  });

  it('holds every span once, one deeper than its parent, whatever the parents say', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const columns = buildTraceColumns(trace);
        const tree = buildTree(columns);
        expect(Array.from(tree.order).sort((a, b) => a - b)).toEqual(Array.from(columns.startNanos.keys()));
        for (const [at, row] of tree.order.entries()) {
          const parent = tree.parent[row]!;
          expect(tree.position[row]).toBe(at);
          expect(tree.depth[row]).toBe(parent === -1 ? 0 : tree.depth[parent]! + 1);
          if (parent === -1) continue;
          expect(parent).toBe(columns.parentRow[row]);
          expect(at).toBeGreaterThan(tree.position[parent]!);
          expect(at).toBeLessThan(tree.position[parent]! + tree.subtreeCount[parent]!);
        }
      }),
    );
  });

  it.each([1, 100_000])('links 100,000 spans, %i deep', (depthMax) => {
    const tree = buildTree(largeTrace(100_000, { depthMax }));
    expect(tree.order).toHaveLength(100_000);
    expect(tree.subtreeCount[0]).toBe(100_000);
  });
});

describe('visibleRows', () => {
  it('hides what is below collapsed rows', () => {
    expect(servicesOf(drawing, ['b'])).toEqual(['a', '.b', '.d', 'e']);
    expect(servicesOf(drawing, ['a', 'b'])).toEqual(['a', 'e']);
    expect(servicesOf(drawing, ['c'])).toEqual(['a', '.b', '..c', '.d', 'e']);
  });
});
