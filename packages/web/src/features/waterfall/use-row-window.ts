import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { drawWaterfall } from '../../canvas/draw-waterfall.ts';
import { fitCanvas } from '../../canvas/fit-canvas.ts';
import type { Palette } from '../../canvas/palette.ts';
import { rowHeight } from '../../canvas/row-geometry.ts';
import type { TimeScale } from '../../canvas/time-scale.ts';
import type { Size } from '../../ui/use-size.ts';
import type { WaterfallProps } from './waterfall.tsx';

export interface RowWindowInput
  extends Pick<
    WaterfallProps,
    'columns' | 'treeRows' | 'slots' | 'path' | 'matches' | 'openRow' | 'scroller'
  > {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly names: RefObject<HTMLDivElement | null>;
  readonly size: Size;
  readonly scale: TimeScale;
  readonly palette: Palette;
  readonly onFrame: (scrollTop: number) => void;
}

/**
 * Moves names and bars together: both hang in a layer that does not scroll, and both are set in the same frame, so
 * that a fast scroll never shows one without the other. Gives the place of the first row on screen.
 */
export function useRowWindow(input: RowWindowInput): number {
  const [firstPlace, setFirstPlace] = useState(0);
  const latest = useRef(input);
  const shownFirst = useRef(0);
  const frame = useRef<number | undefined>(undefined);

  // Without dependencies: whatever changed is drawn before the browser paints, without a frame between.
  useLayoutEffect(() => {
    latest.current = input;
    paint(input);
    const first = firstPlaceOf(input);
    if (first !== shownFirst.current) {
      shownFirst.current = first;
      setFirstPlace(first);
    }
  });

  const { scroller } = input;
  useEffect(() => {
    const node = scroller.current;
    if (node === null) return undefined;
    const onScroll = () => {
      frame.current ??= requestAnimationFrame(() => {
        frame.current = undefined;
        const first = firstPlaceOf(latest.current);
        if (first === shownFirst.current) {
          paint(latest.current);
        } else {
          shownFirst.current = first;
          flushSync(() => setFirstPlace(first));
        }
      });
    };
    node.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      node.removeEventListener('scroll', onScroll);
      if (frame.current !== undefined) cancelAnimationFrame(frame.current);
      frame.current = undefined;
    };
  }, [scroller]);
  return firstPlace;
}

function firstPlaceOf({ scroller, treeRows }: RowWindowInput): number {
  const place = Math.floor((scroller.current?.scrollTop ?? 0) / rowHeight);
  return Math.max(0, Math.min(place, treeRows.rows.length - 1));
}

function paint(input: RowWindowInput): void {
  const { canvas, names, scroller, size, scale, treeRows } = input;
  if (canvas.current === null || names.current === null || scroller.current === null || size.height === 0)
    return;
  const scrollTop = scroller.current.scrollTop;
  names.current.style.transform = `translateY(${-(scrollTop % rowHeight)}px)`;
  const context = fitCanvas(canvas.current, { width: scale.width, height: size.height });
  if (context === undefined) return;
  drawWaterfall(context, {
    columns: input.columns,
    tree: treeRows.tree,
    rows: treeRows.rows,
    slots: input.slots,
    path: input.path,
    matches: input.matches,
    selectedRow: input.openRow,
    palette: input.palette,
    scale,
    scrollTop,
    height: size.height,
  });
  input.onFrame(scrollTop);
}
