import { formatDuration, type TraceTree } from '@spanwise/analysis';
import { spanKinds, statusCodes, type TraceColumns } from '@spanwise/model';
import { serviceHues } from '../ui/service-slot.ts';
import type { Palette } from './palette.ts';
import { firstStretchEndingAfter, type PathIndex } from './path-index.ts';
import {
  type Bar,
  barHeight,
  barOf,
  barTop,
  errorCapReach,
  errorCapWidth,
  labelX,
  pathHeight,
  pathTop,
  rowHeight,
  visibleSlice,
} from './row-geometry.ts';
import { rulerTicks, type TimeScale } from './time-scale.ts';

/** What drawing needs of a 2D context, so that a recorder can stand in for it. */
export type Canvas2d = Pick<
  CanvasRenderingContext2D,
  | 'fillStyle'
  | 'globalAlpha'
  | 'font'
  | 'textBaseline'
  | 'fillRect'
  | 'clearRect'
  | 'fillText'
  | 'measureText'
>;

export interface WaterfallScene {
  readonly columns: TraceColumns;
  readonly tree: TraceTree;
  /** Shown rows in display order. */
  readonly rows: Int32Array;
  /** Colour slot by index of the trace's services. */
  readonly slots: Int32Array;
  readonly path: PathIndex | undefined;
  /** 1 for rows that the find box matches. */
  readonly matches: Uint8Array | undefined;
  /** -1 for none. */
  readonly selectedRow: number;
  readonly palette: Palette;
  readonly scale: TimeScale;
  /** CSS pixels. */
  readonly scrollTop: number;
  readonly height: number;
}

/** Draws what the viewport shows. Cost: O(rows on screen × pixels), whatever the trace's size. */
export function drawWaterfall(canvas: Canvas2d, scene: WaterfallScene): void {
  const { palette, scale, rows, scrollTop, height } = scene;
  canvas.clearRect(0, 0, scale.width, height);
  canvas.font = palette.font;
  canvas.textBaseline = 'middle';
  const { first, end } = visibleSlice(scrollTop, height, rows.length);
  for (let place = first; place < end; place++)
    drawGround(canvas, scene, rows[place]!, place * rowHeight - scrollTop);
  canvas.fillStyle = palette.guide;
  for (const tick of rulerTicks(scale)) canvas.fillRect(Math.round(tick.x), 0, 1, height);
  for (let place = first; place < end; place++)
    drawRow(canvas, scene, rows[place]!, place * rowHeight - scrollTop);
}

function drawGround(canvas: Canvas2d, scene: WaterfallScene, row: number, y: number): void {
  const isSelected = row === scene.selectedRow;
  if (!isSelected && scene.matches?.[row] !== 1) return;
  canvas.fillStyle = isSelected ? scene.palette.selected : scene.palette.match;
  canvas.fillRect(0, y, scene.scale.width, rowHeight);
}

function drawRow(canvas: Canvas2d, scene: WaterfallScene, row: number, y: number): void {
  const { columns, scale, palette } = scene;
  const start = columns.startNanos[row]!;
  const duration = columns.durationsNanos[row]!;
  const bar = barOf(scale, start, duration);
  if (bar === undefined) return;
  const slot = scene.slots[columns.serviceIndex[row]!]!;
  canvas.fillStyle = palette.services[slot % serviceHues]!;
  const firstChunk = columns.firstChunkNanos[row]!;
  if (firstChunk > 0 && firstChunk < duration) {
    drawWithLightStart(canvas, bar, y, scale.xOf(start + firstChunk));
  } else {
    canvas.fillRect(bar.x, y + barTop, bar.width, barHeight);
  }
  canvas.fillStyle = palette.hatch;
  if (slot >= serviceHues) canvas.fillRect(bar.x, y + barTop, bar.width, barHeight);
  else drawWaiting(canvas, scene, row, bar, y);
  if (columns.status[row] === statusCodes.error) {
    canvas.fillStyle = palette.error;
    canvas.fillRect(bar.x, y + barTop - errorCapReach, errorCapWidth, barHeight + 2 * errorCapReach);
    canvas.fillStyle = palette.ground;
    canvas.fillRect(bar.x + errorCapWidth, y + barTop, 1, barHeight);
  }
  drawPath(canvas, scene, row, bar, y);
  drawLabel(canvas, scene, row, bar, y);
}

/** A model streams: light until the first chunk, full from there on. */
function drawWithLightStart(canvas: Canvas2d, bar: Bar, y: number, chunkX: number): void {
  const split = Math.min(Math.max(chunkX, bar.x), bar.x + bar.width);
  canvas.globalAlpha = 0.4;
  canvas.fillRect(bar.x, y + barTop, split - bar.x, barHeight);
  canvas.globalAlpha = 1;
  canvas.fillRect(split, y + barTop, bar.x + bar.width - split, barHeight);
}

/** Between a client span and its server span nobody works: network, queue, or a handler that has not begun. */
function drawWaiting(canvas: Canvas2d, scene: WaterfallScene, row: number, bar: Bar, y: number): void {
  const { columns, tree, scale } = scene;
  if (columns.kind[row] !== spanKinds.client) return;
  const child = tree.firstChild[row]!;
  if (child === -1 || tree.nextSibling[child] !== -1 || columns.kind[child] !== spanKinds.server) return;
  const end = bar.x + bar.width;
  const childStart = Math.min(end, Math.max(bar.x, scale.xOf(columns.startNanos[child]!)));
  const childEnd = Math.min(
    end,
    Math.max(childStart, scale.xOf(columns.startNanos[child]! + columns.durationsNanos[child]!)),
  );
  if (childStart - bar.x >= 1) canvas.fillRect(bar.x, y + barTop, childStart - bar.x, barHeight);
  if (end - childEnd >= 1) canvas.fillRect(childEnd, y + barTop, end - childEnd, barHeight);
}

/** Stretches closer than a pixel are drawn as one: a row may have 50,000 of them. */
function drawPath(canvas: Canvas2d, scene: WaterfallScene, row: number, bar: Bar, y: number): void {
  const { path, scale } = scene;
  if (path === undefined) return;
  const last = path.first[row + 1]!;
  canvas.fillStyle = scene.palette.text;
  let at = firstStretchEndingAfter(path, row, scale.nanosAt(bar.x));
  while (at < last) {
    const left = Math.max(bar.x, scale.xOf(path.startNanos[at]!));
    if (left > scale.width) return;
    let right = Math.max(left + 1, scale.xOf(path.endNanos[at]!));
    at = Math.max(at + 1, firstStretchEndingAfter(path, row, scale.nanosAt(right)));
    while (at < last && scale.xOf(path.startNanos[at]!) <= right + 0.5) {
      right = Math.max(right + 0.5, scale.xOf(path.endNanos[at]!));
      at = Math.max(at + 1, firstStretchEndingAfter(path, row, scale.nanosAt(right)));
    }
    canvas.fillRect(left, y + pathTop, Math.min(right, scale.width) - left, pathHeight);
  }
}

function drawLabel(canvas: Canvas2d, scene: WaterfallScene, row: number, bar: Bar, y: number): void {
  const { columns, palette, scale } = scene;
  const text = formatDuration(columns.durationsNanos[row]!);
  const labelWidth = canvas.measureText(text).width;
  const { x, isInside } = labelX(bar, labelWidth, scale.width);
  if (isInside) {
    // Hatching would make the label hard to read.
    canvas.fillStyle = palette.services[scene.slots[columns.serviceIndex[row]!]! % serviceHues]!;
    canvas.fillRect(x - 3, y + barTop, labelWidth + 6, barHeight);
  }
  canvas.fillStyle = isInside ? palette.onBar : palette.textDim;
  canvas.fillText(text, x, y + barTop + barHeight / 2 + 0.5);
}
