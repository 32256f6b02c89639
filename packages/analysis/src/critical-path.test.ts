import { parentNone, type Trace } from '@spanwise/model';
import { drawTrace, largeTrace, rootedTraceArbitrary, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTraceColumns, buildTree, criticalPath } from './index.ts';

/**
 * The critical path below the drawing: a line per service, `#` for each millisecond that the service's span holds.
 * Columns are those of the drawing.
 */
function expectPath(drawing: string, expected: string): void {
  const columns = buildTraceColumns(drawTrace(drawing));
  const path = criticalPath(columns, buildTree(columns));
  const drawn = new Map<string, string[]>();
  for (const [index, row] of path.row.entries()) {
    const service = columns.services[columns.serviceIndex[row]!]!;
    const cells = drawn.get(service) ?? [];
    drawn.set(service, cells);
    for (let at = path.startNanos[index]! / 1e6; at < path.endNanos[index]! / 1e6; at++) cells[at] = '#';
  }
  const origin = Math.min(
    ...drawing.split('\n').map((line) => (line.includes('|') ? line.indexOf('|') : Infinity)),
  );
  const lines = expected.split('\n').filter((line) => line.trim() !== '');
  expect(
    Array.from(
      drawn,
      ([service, cells]) => `${service} ${Array.from(cells, (cell) => cell ?? ' ').join('')}`,
    ).sort(),
  ).toEqual(lines.map((line) => `${line.trim().split(' ')[0]} ${line.slice(origin).trimEnd()}`).sort());
}

describe('criticalPath', () => {
  it('walks back from the end through the child that finished last', () => {
    expectPath(
      `
      a x  |====================|
       b x    |====|
       c x           |======|
      `,
      `
      a    ###     ##       ####
      b       #####
      c              #######
      `,
    );
  });

  it('leaves out a child that still ran when the next one began', () => {
    expectPath(
      `
      a x  |=========================|
       b x    |=======|
       c x      |=============|
      `,
      `
      a    #####              #######
      c         ##############
      `,
    );
  });

  it('takes a child that ends where the next one begins', () => {
    expectPath(
      `
      a x  |====================|
       b x  |=====|
       c x        |======|
       d x               |====|
      `,
      `
      a    #                  ##
      b     ######
      c           #######
      d                  #####
      `,
    );
  });

  it('goes on inside children', () => {
    expectPath(
      `
      a x  |=======================|
       b x  |====================|
        c x   |=====|
        d x            |=======|
      `,
      `
      a    #                     ##
      b     ##      ###        ##
      c       ######
      d                ########
      `,
    );
  });

  it('gives a parallel stretch to the child that held up what came next', () => {
    expectPath(
      `
      a x  |======================|
       b x  |======|
       c x  |===========|
       d x               |====|
      `,
      `
      a    #            #     ####
      c     ############
      d                  #####
      `,
    );
  });

  it('forgives two clocks a little overlap', () => {
    expectPath(
      `
      a x  |======================================|
       b x  |===================|
       c x                     |==============|
      `,
      `
      a    #                                  ####
      b     ###################
      c                        ###############
      `,
    );
  });

  it('cuts children at the ends of their parents', () => {
    expectPath(
      `
      a x    |==============|
       b x          |===============|
        c x      |======|
      `,
      `
      a      #######
      b                 ####
      c             ####
      `,
    );
  });

  it('cuts a child that is longer than its parent at both ends', () => {
    expectPath(
      `
      a x      |==============|
       b x  |=====================|
      `,
      `
      b        ###############
      `,
    );
  });

  it('leaves out a child that lies outside its parent', () => {
    expectPath(
      `
      a x      |==============|
       b x  |=|
       c x                      |=|
      `,
      `
      a        ###############
      `,
    );
  });

  it('gives a child that outlives its parent only the time after the last child that was waited for', () => {
    expectPath(
      `
      a x  |==============|
       b x    |=========|
       c x     |============================|
      `,
      `
      a    ###
      b       ##########
      c                 ##
      `,
    );
  });

  it('takes a child that outlives its parent when nothing else explains the time', () => {
    expectPath(
      `
      a x  |==============|
       c x     |============================|
      `,
      `
      a    ####
      c        ###########
      `,
    );
  });

  it('leaves out what a consumer does on its own time', () => {
    expectPath(
      `
      a x  |==============|
       p x   |==|  kind=producer
        c x    |==========================|  kind=consumer
      `,
      `
      a    ##   ##########
      p      ###
      `,
    );
  });

  it('follows the body of a response whose client span ended with the headers', () => {
    expectPath(
      `
      a x  |==========================|
       b x   |===|  kind=client
        c x    |====================|  kind=server
         d x     |================|
      `,
      `
      a    ##                       ##
      b      ##
      c        ##                 ##
      d          #################
      `,
    );
  });

  it('does not wait for what a client gave up on', () => {
    expectPath(
      `
      a x  |==========================|
       b x   |========|  kind=client error
        c x    |======================|  kind=server
       d x             |==========|
      `,
      `
      a    ##         #           ####
      b      ##
      c        #######
      d                ###########
      `,
    );
  });

  it('counts an orphan as a child of the only root', () => {
    expectPath(
      `
      a x  |==========================|
       b x   |===|
      c x            |=====|  parent=?
      `,
      `
      a    ##    ####      ###########
      b      ####
      c              ######
      `,
    );
  });

  it('starts at the orphan when the root is in another system', () => {
    expectPath(
      `
      c x            |=====|  parent=?
       d x             |==|
      `,
      `
      c              ##   #
      d                ###
      `,
    );
  });

  it('leaves a gap between two roots', () => {
    expectPath(
      `
      a x  |=====|
       b x   |==|
      c x               |=====|
      `,
      `
      a    ##   #
      b      ###
      c                 ######
      `,
    );
  });

  it('leaves no gap where one of several roots ran', () => {
    expectPath(
      `
      a x  |=====|
      b x    |==|
      c x      |=====|
      `,
      `
      a    ####
      c        ######
      `,
    );
  });

  it('cuts a cycle of parents at its earliest span', () => {
    expectPath(
      `
      a x  |==========|  @a parent=@b
      b x    |====|  @b parent=@a
      `,
      `
      a    ##     ####
      b      #####
      `,
    );
  });

  it('is not held up by an instant', () => {
    expectPath(
      `
      a x  |==========|
       b x      |
       c x      |==|
      `,
      `
      a    #####   ###
      c         ###
      `,
    );
  });
});

describe('criticalPath, whatever the trace', () => {
  const build = (trace: Trace) => {
    const columns = buildTraceColumns(trace);
    return { columns, path: criticalPath(columns, buildTree(columns)) };
  };

  it('gives disjoint stretches in time order, each inside its span and inside the time explained', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const { columns, path } = build(trace);
        let before = path.fromNanos;
        for (const [index, row] of path.row.entries()) {
          const [start, end] = [path.startNanos[index]!, path.endNanos[index]!];
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(start).toBeGreaterThanOrEqual(columns.startNanos[row]!);
          expect(end).toBeLessThanOrEqual(columns.startNanos[row]! + columns.durationsNanos[row]!);
          before = end;
        }
        expect(path.toNanos).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('explains the whole time of the only root', () => {
    fc.assert(
      fc.property(rootedTraceArbitrary, (trace) => {
        const { columns, path } = build(trace);
        const root = columns.parentRow.indexOf(parentNone);
        const lengths = path.endNanos.map((end, index) => end - path.startNanos[index]!);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(columns.durationsNanos[root]);
        expect(path.fromNanos).toBe(columns.startNanos[root]);
      }),
    );
  });

  it('does not depend on the order of the spans, and leaves its input as it was', () => {
    fc.assert(
      fc.property(traceArbitrary, fc.infiniteStream(fc.nat()), (trace, keys) => {
        const before = structuredClone(trace);
        const shuffled = trace.spans
          .map((span) => ({ span, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ span }) => span);
        expect(build({ ...trace, spans: shuffled })).toEqual(build(trace));
        expect(trace).toEqual(before);
      }),
    );
  });

  it.each([
    ['with 100,000 children in a row', { depthMax: 1 }],
    ['with spans nested 100,000 deep', { depthMax: 100_000 }],
  ])('explains the whole of a trace %s', (_, options) => {
    const columns = largeTrace(100_000, options);
    const path = criticalPath(columns, buildTree(columns));
    const lengths = path.endNanos.map((end, index) => end - path.startNanos[index]!);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(columns.durationNanos);
    expect(new Set(path.row).size).toBe(100_000);
  });
});
