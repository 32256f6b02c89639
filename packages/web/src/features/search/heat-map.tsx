import type { SearchHeatmapResponse } from '@spanwise/api';
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { usePreferences } from '../../state/preferences.ts';
import { formatAxisTime, formatCounted, formatDuration, formatTime, millisOf } from '../../ui/format.ts';
import { useSize } from '../../ui/use-size.ts';
import { DurationAxis, type HeatGrid, heatGrid, type PlotBox, TimeAxis } from './heat-geometry.ts';

/** What was pulled out of the plot: times, durations or both. */
interface HeatSelection {
  readonly millis?: readonly [start: number, end: number];
  readonly nanos?: readonly [least: number, most: number];
}

export interface HeatMapProps {
  readonly reply: SearchHeatmapResponse;
  readonly onSelect: (selection: HeatSelection) => void;
}

const height = 132;
/** Of the strip of counts above the cells. */
const countsHeight = 22;
const leastRowHeight = 5;

/**
 * Spans that match, by time and duration, and how many there are at each time. Facets, list and form say the same to
 * a screen reader and a keyboard, so the plot is left out there.
 */
export function HeatMap({ reply, onSelect }: HeatMapProps) {
  const { zone } = usePreferences();
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const box = useMemo<PlotBox>(
    () => ({ left: 60, right: Math.max(61, width - 12), top: countsHeight + 6, bottom: height - 18 }),
    [width],
  );
  const grid = useMemo(
    () => heatGrid(reply, Math.floor((box.bottom - box.top) / leastRowHeight)),
    [reply, box],
  );
  const startMillis = millisOf(reply.startUnixNano);
  const endMillis = startMillis + (reply.bins * reply.stepNanos) / 1e6;
  const time = useMemo(() => new TimeAxis(box, startMillis, endMillis), [box, startMillis, endMillis]);
  const duration = useMemo(() => grid && durationAxis(box, grid), [box, grid]);
  const drag = useDrag(box, time, duration, onSelect);
  if (grid === undefined || duration === undefined) return <div ref={frame} className="heat-map" />;
  const [columnWidth, rowHeight] = [(box.right - box.left) / grid.bins, (box.bottom - box.top) / grid.rows];
  const under = cellAt(drag.at, grid, box, columnWidth, rowHeight);
  return (
    <div ref={frame} className="heat-map" aria-hidden="true" {...drag.handlers}>
      <svg width={width} height={height} aria-hidden="true">
        {duration.ticks().map((tick) => (
          <g key={tick.value}>
            <line x1={box.left} x2={box.right} y1={tick.at} y2={tick.at} className="grid-line" />
            <text x={box.left - 8} y={tick.at + 4} textAnchor="end">
              {formatDuration(tick.value).replace(/\.0+(?=\D)/, '')}
            </text>
          </g>
        ))}
        {time.ticks().map((tick) => (
          <text key={tick.value} x={tick.at} y={height - 4} textAnchor="middle">
            {formatAxisTime(tick.value, endMillis - startMillis, zone)}
          </text>
        ))}
        <Counts grid={grid} left={box.left} columnWidth={columnWidth} />
        <Cells grid={grid} box={box} columnWidth={columnWidth} rowHeight={rowHeight} />
        <line x1={box.left} x2={box.right} y1={box.bottom} y2={box.bottom} className="axis-line" />
        {drag.range !== undefined && <rect className="range" {...drag.range} />}
      </svg>
      {under !== undefined && drag.range === undefined && (
        <span className="heat-readout">
          {formatTime(startMillis + (under.bin * reply.stepNanos) / 1e6, zone)} ·{' '}
          {formatDuration(rowStart(grid, under.row))} – {formatDuration(rowStart(grid, under.row + 1))} ·{' '}
          {formatCounted(under.count, 'span')}
          {under.errors > 0 && `, ${formatCounted(under.errors, 'error')}`}
        </span>
      )}
    </div>
  );
}

interface CellsProps {
  readonly grid: HeatGrid;
  readonly box: PlotBox;
  readonly columnWidth: number;
  readonly rowHeight: number;
}

/** The darker the more; what failed stands red at the foot of its cell, by its share, and never thinner than a line. */
function Cells({ grid, box, columnWidth, rowHeight }: CellsProps) {
  const [width, height] = [Math.max(1, columnWidth - 0.5), Math.max(1, rowHeight - 0.5)];
  return grid.cells.map((cell) => {
    const x = box.left + cell.bin * columnWidth;
    const bottom = box.bottom - cell.row * rowHeight - 0.5;
    const failed = cell.errors === 0 ? 0 : Math.max(1.5, height * (cell.errors / cell.count));
    return (
      <g key={`${cell.bin} ${cell.row}`}>
        <rect
          className="heat-cell"
          {...{ x, width, height }}
          y={bottom - height}
          style={{ opacity: weightOf(cell.count, grid.mostInCell) }}
        />
        {failed > 0 && (
          <rect className="heat-cell error" {...{ x, width }} y={bottom - failed} height={failed} />
        )}
      </g>
    );
  });
}

function Counts({
  grid,
  left,
  columnWidth,
}: {
  readonly grid: HeatGrid;
  readonly left: number;
  readonly columnWidth: number;
}) {
  return grid.counts.map((count, bin) => {
    const [all, failed] = [count, grid.errors[bin]!].map(
      (one) => (one / grid.mostInBin) * (countsHeight - 2),
    );
    if (count === 0 || all === undefined || failed === undefined) return null;
    const place = { x: left + bin * columnWidth, width: Math.max(1, columnWidth - 0.5) };
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
      <g key={bin}>
        <rect
          className="heat-count"
          {...place}
          y={countsHeight - Math.max(1, all)}
          height={Math.max(1, all)}
        />
        {failed > 0 && (
          <rect
            className="heat-count error"
            {...place}
            y={countsHeight - Math.max(1, failed)}
            height={Math.max(1, failed)}
          />
        )}
      </g>
    );
  });
}

/** By orders of magnitude; one span alone is visible. */
function weightOf(count: number, most: number): number {
  return 0.3 + (0.7 * Math.log1p(count - 1)) / Math.max(1, Math.log1p(most - 1));
}

function durationAxis(box: PlotBox, grid: HeatGrid): DurationAxis {
  return new DurationAxis(box, rowStart(grid, 0), rowStart(grid, grid.rows));
}

function rowStart({ lowBucket, bucketsPerRow, bucketsPerOctave }: HeatGrid, row: number): number {
  return Math.round(2 ** ((lowBucket + row * bucketsPerRow) / bucketsPerOctave));
}

type Point = readonly [x: number, y: number];

function cellAt(at: Point | undefined, grid: HeatGrid, box: PlotBox, columnWidth: number, rowHeight: number) {
  if (at === undefined) return undefined;
  const bin = Math.floor((at[0] - box.left) / columnWidth);
  const row = Math.floor((box.bottom - at[1]) / rowHeight);
  return grid.cells.find((cell) => cell.bin === bin && cell.row === row);
}

/** A drag shorter than this in a direction says nothing about it. CSS pixels. */
const dragThreshold = 6;

/** What a hand can point at has two digits: `1.2s` in the filter, not `1.2047s`. */
function rounded(nanos: number): number {
  return Math.round(Number(nanos.toPrecision(2)));
}

/** Pulls out a rectangle: sideways it selects times, upwards durations. */
function useDrag(
  box: PlotBox,
  time: TimeAxis,
  duration: DurationAxis | undefined,
  onSelect: (selection: HeatSelection) => void,
) {
  const start = useRef<Point | undefined>(undefined);
  const [at, setAt] = useState<Point | undefined>(undefined);
  const [to, setTo] = useState<Point | undefined>(undefined);
  const pointOf = (event: PointerEvent<HTMLElement>): Point => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const end = () => {
    start.current = undefined;
    setTo(undefined);
  };
  const extent = (from: Point, until: Point) => {
    const [isWide, isHigh] = [0, 1].map((axis) => Math.abs(until[axis]! - from[axis]!) >= dragThreshold);
    const xs = [from[0], until[0]].sort((a, b) => a - b) as [number, number];
    const ys = [from[1], until[1]].sort((a, b) => a - b) as [number, number];
    return { isWide: isWide === true, isHigh: isHigh === true, xs, ys };
  };
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button === 0) start.current = pointOf(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const point = pointOf(event);
      setAt(point);
      if (start.current === undefined) return;
      const { isWide, isHigh } = extent(start.current, point);
      if (to === undefined && !isWide && !isHigh) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setTo(point);
    },
    onPointerUp: () => {
      if (start.current !== undefined && to !== undefined && duration !== undefined) {
        const { isWide, isHigh, xs, ys } = extent(start.current, to);
        if (isWide || isHigh) {
          onSelect({
            ...(isWide
              ? { millis: [Math.floor(time.millisAt(xs[0])), Math.ceil(time.millisAt(xs[1]))] }
              : {}),
            ...(isHigh
              ? { nanos: [rounded(duration.nanosAt(ys[1])), rounded(duration.nanosAt(ys[0]))] }
              : {}),
          });
        }
      }
      end();
    },
    onPointerLeave: () => setAt(undefined),
    onPointerCancel: end,
  };
  let range: { x: number; y: number; width: number; height: number } | undefined;
  if (start.current !== undefined && to !== undefined) {
    const { isWide, isHigh, xs, ys } = extent(start.current, to);
    const [x, right] = isWide ? xs : [box.left, box.right];
    const [y, bottom] = isHigh ? ys : [box.top, box.bottom];
    range = { x, y, width: right - x, height: bottom - y };
  }
  return { at, range, handlers };
}
