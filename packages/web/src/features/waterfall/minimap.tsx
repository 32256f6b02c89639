import type { TraceTree } from '@spanwise/analysis';
import type { TraceColumns } from '@spanwise/model';
import { memo, type PointerEvent, useLayoutEffect, useRef, useState } from 'react';
import { type MinimapGrip, minimapGrip, minimapPixels } from '../../canvas/minimap-pixels.ts';
import { type Palette, pixelOf } from '../../canvas/palette.ts';
import { clampRange, panRange, type TimeRange, TimeScale } from '../../canvas/time-scale.ts';
import { serviceHues } from '../../ui/service-slot.ts';
import { useSize } from '../../ui/use-size.ts';

export interface MinimapProps {
  readonly columns: TraceColumns;
  readonly tree: TraceTree;
  readonly slots: Int32Array;
  readonly matches: Uint8Array | undefined;
  readonly palette: Palette;
  readonly range: TimeRange;
  readonly onRange: (range: TimeRange) => void;
}

/** The whole trace in one look; the visible range is a window in it. Only the window moves while zooming. */
export const Minimap = memo(function Minimap({
  columns,
  tree,
  slots,
  matches,
  palette,
  range,
  onRange,
}: MinimapProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(frame);
  useLayoutEffect(() => {
    const node = canvas.current;
    if (node === null || width === 0 || height === 0) return;
    node.width = Math.round(width * devicePixelRatio);
    node.height = Math.round(height * devicePixelRatio);
    const hues = palette.services.map(pixelOf);
    const pixels = minimapPixels({
      columns,
      order: tree.order,
      matches,
      width: node.width,
      height: node.height,
      servicePixels: Uint32Array.from(slots, (slot) => hues[slot % serviceHues]!),
      errorPixel: pixelOf(palette.error),
      matchPixel: pixelOf(palette.text),
    });
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), node.width, node.height);
    node.getContext('2d')?.putImageData(image, 0, 0);
  }, [columns, tree, slots, matches, palette, width, height]);

  const trace = new TimeScale({ startNanos: 0, endNanos: columns.durationNanos }, width);
  const left = trace.xOf(range.startNanos);
  const right = trace.xOf(range.endNanos);
  const drag = useWindowDrag(trace, range, columns.durationNanos, onRange);
  return (
    <div
      ref={frame}
      className="minimap"
      role="img"
      aria-label="The whole trace. Drag to zoom; keys: f fits the span, 0 fits all"
      title="Drag to zoom, double-click for all"
      onDoubleClick={() => onRange({ startNanos: 0, endNanos: columns.durationNanos })}
      {...drag.handlers}
    >
      <canvas ref={canvas} />
      <span className="minimap-shade" style={{ left: 0, width: Math.max(0, left) }} />
      <span className="minimap-shade" style={{ left: right, right: 0 }} />
      {right - left < width - 0.5 && (
        <span className="minimap-window" style={{ left, width: Math.max(3, right - left) }} />
      )}
      {drag.fresh !== undefined && (
        <span
          className="minimap-fresh"
          style={{ left: Math.min(...drag.fresh), width: Math.abs(drag.fresh[1] - drag.fresh[0]) }}
        />
      )}
    </div>
  );
});

function useWindowDrag(
  trace: TimeScale,
  range: TimeRange,
  traceNanos: number,
  onRange: (range: TimeRange) => void,
) {
  const held = useRef<
    { readonly grip: MinimapGrip; readonly x: number; readonly range: TimeRange } | undefined
  >(undefined);
  const [fresh, setFresh] = useState<readonly [number, number] | undefined>(undefined);
  const xOf = (event: PointerEvent<HTMLElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      const x = xOf(event);
      const grip = minimapGrip(x, trace.xOf(range.startNanos), trace.xOf(range.endNanos), trace.width);
      held.current = { grip, x, range };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (held.current === undefined) return;
      const { grip, x: from, range: before } = held.current;
      const x = xOf(event);
      const at = trace.nanosAt(x);
      if (grip === 'new') setFresh([from, x]);
      else if (grip === 'window')
        onRange(panRange(before, trace.nanosAt(x) - trace.nanosAt(from), traceNanos));
      else if (grip === 'start' && at < before.endNanos)
        onRange(clampRange({ ...before, startNanos: at }, traceNanos));
      else if (grip === 'end' && at > before.startNanos)
        onRange(clampRange({ ...before, endNanos: at }, traceNanos));
    },
    onPointerUp: () => {
      if (fresh !== undefined && Math.abs(fresh[1] - fresh[0]) > 3) {
        const startNanos = trace.nanosAt(Math.min(...fresh));
        onRange(clampRange({ startNanos, endNanos: trace.nanosAt(Math.max(...fresh)) }, traceNanos));
      }
      held.current = undefined;
      setFresh(undefined);
    },
  };
  return { fresh, handlers };
}
