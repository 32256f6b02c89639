import { analyseTrace, buildTraceColumns, buildTree } from '@spanwise/analysis';
import type { TraceColumns } from '@spanwise/model';
import { drawTrace, largeTrace } from '@spanwise/testing';
import { describe, expect, it } from 'vitest';
import { RecordingCanvas } from '../testing/recording-canvas.ts';
import { drawWaterfall, type WaterfallScene } from './draw-waterfall.ts';
import type { Palette } from './palette.ts';
import { buildPathIndex } from './path-index.ts';
import { barHeight, rowHeight } from './row-geometry.ts';
import { TimeScale } from './time-scale.ts';

const palette: Palette = {
  services: Array.from({ length: 12 }, (_, slot) => `service-${slot}`),
  text: 'text',
  textDim: 'dim',
  onBar: 'on-bar',
  guide: 'guide',
  error: 'error',
  ground: 'ground',
  selected: 'selected',
  match: 'match',
  hatch: 'hatch',
  font: '',
};

function draw(columns: TraceColumns, change: Partial<WaterfallScene> = {}): RecordingCanvas {
  const tree = buildTree(columns);
  const canvas = new RecordingCanvas();
  drawWaterfall(canvas, {
    columns,
    tree,
    rows: tree.order,
    slots: Int32Array.from(columns.services, (_, index) => index),
    path: buildPathIndex(columns.spanCount, analyseTrace(columns, tree).criticalPath),
    matches: undefined,
    selectedRow: -1,
    palette,
    // One character of a drawing is one millisecond, and ten pixels.
    scale: new TimeScale({ startNanos: 0, endNanos: columns.durationNanos }, columns.durationNanos / 1e5),
    scrollTop: 0,
    height: 240,
    ...change,
  });
  return canvas;
}

describe('drawWaterfall', () => {
  it('draws each span as a bar in its service colour, one row below the other', () => {
    const canvas = draw(
      buildTraceColumns(
        drawTrace(`
          gateway  POST   |==========|
            tools  lookup    |===|
        `),
      ),
    );
    expect(canvas.of('service-0')[0]).toMatchObject({ x: 0, width: 110, height: barHeight });
    expect(canvas.of('service-1')[0]).toMatchObject({
      x: 30,
      width: 40,
      y: canvas.of('service-0')[0]!.y + rowHeight,
    });
  });

  it('draws a model call light until its first chunk', () => {
    const canvas = draw(
      buildTraceColumns(drawTrace('proxy "chat gpt-4o" |=========| model=gpt-4o first=4ms')),
    );
    const [waiting, streaming] = canvas.of('service-0');
    expect(waiting).toMatchObject({ alpha: 0.4, x: 0, width: 40 });
    expect(streaming).toMatchObject({ alpha: 1, x: 40, width: 60 });
  });

  it('hatches the time between a client span and its server span', () => {
    const canvas = draw(
      buildTraceColumns(
        drawTrace(`
          gateway  POST   |=========|  kind=client
            tools  POST     |=====|    kind=server
        `),
      ),
    );
    expect(canvas.of('hatch').map(({ x, width }) => [x, width])).toEqual([
      [0, 20],
      [80, 20],
    ]);
  });

  it('marks errors with a cap, and the critical path with a line', () => {
    const canvas = draw(
      buildTraceColumns(
        drawTrace(`
          gateway  POST   |=========|
            tools  lookup   |====|     error
        `),
      ),
    );
    expect(canvas.of('error')).toHaveLength(1);
    expect(canvas.of('error')[0]).toMatchObject({ x: 20 });
    expect(canvas.of('text').map(({ x, width }) => [x, width])).toEqual([
      [0, 20],
      [70, 30],
      [20, 50],
    ]);
  });

  it('draws rows on screen only, whatever the size of the trace', () => {
    const columns = largeTrace(100_000);
    const canvas = draw(columns, {
      scale: new TimeScale({ startNanos: 0, endNanos: columns.durationNanos }, 800),
      scrollTop: 50_000 * rowHeight,
      height: 600,
    });
    expect(canvas.texts).toHaveLength(25);
  });

  it('joins stretches of the critical path that share a pixel', () => {
    const columns = largeTrace(20_000, { depthMax: 1 });
    const canvas = draw(columns, {
      scale: new TimeScale({ startNanos: 0, endNanos: columns.durationNanos }, 400),
      height: rowHeight,
    });
    const length = canvas.of('text').reduce((sum, { width }) => sum + width, 0);
    expect(canvas.of('text').length).toBeLessThan(400);
    expect(length).toBeLessThanOrEqual(401);
  });
});
