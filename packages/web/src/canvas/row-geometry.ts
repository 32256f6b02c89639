import type { TimeScale } from './time-scale.ts';

/** CSS pixels. One table of measures for drawing, hit-testing, keyboard and DOM rows. */
export const rowHeight = 24;
export const barTop = 5;
export const barHeight = 12;
export const pathTop = 19;
export const pathHeight = 2;
export const errorCapWidth = 4;
/** Of the cap above and below the bar, so that it shows on a bar of a like colour too. */
export const errorCapReach = 2;
const barWidthMin = 2;
const labelGap = 6;

export interface Bar {
  /** From the left edge of the time area; cut to a pixel outside of it on either side. */
  readonly x: number;
  readonly width: number;
}

/** Absence: undefined when the span lies outside the range. */
export function barOf(scale: TimeScale, startNanos: number, durationNanos: number): Bar | undefined {
  const left = scale.xOf(startNanos);
  const right = Math.max(scale.xOf(startNanos + durationNanos), left + barWidthMin);
  if (right < 0 || left > scale.width) return undefined;
  // A span far larger than the screen would lose precision in the canvas' single floats.
  const x = Math.max(left, -1);
  return { x, width: Math.min(right, scale.width + 1) - x };
}

/** Where a bar's label stands: right of it, left where there is no room, inside at the end when it fills the row. */
export function labelX(
  bar: Bar,
  labelWidth: number,
  width: number,
): { readonly x: number; readonly isInside: boolean } {
  const right = bar.x + bar.width + labelGap;
  if (right + labelWidth <= width) return { x: right, isInside: false };
  const left = bar.x - labelGap - labelWidth;
  if (left >= 0) return { x: left, isInside: false };
  return { x: Math.min(bar.x + bar.width, width) - labelGap - labelWidth, isInside: true };
}

/** The rows that a viewport shows, the cut ones included. */
export function visibleSlice(scrollTop: number, height: number, rowCount: number) {
  const first = Math.max(0, Math.min(rowCount, Math.floor(scrollTop / rowHeight)));
  const end = Math.min(rowCount, Math.ceil((scrollTop + height) / rowHeight));
  return { first, end };
}

/** Place of the row at `y` of the viewport. Absence: -1 below the last row. */
export function placeAt(y: number, scrollTop: number, rowCount: number): number {
  const place = Math.floor((y + scrollTop) / rowHeight);
  return place >= 0 && place < rowCount ? place : -1;
}

/** The scroll position that shows a place: the present one where it does, else the nearest with a row of air. */
export function scrollTopShowing(place: number, scrollTop: number, height: number, rowCount: number): number {
  const top = place * rowHeight;
  if (top >= scrollTop && top + rowHeight <= scrollTop + height) return scrollTop;
  const air = Math.min(rowHeight, Math.max(0, (height - rowHeight) / 2));
  let next = scrollTop;
  if (top - air < scrollTop) next = top - air;
  else if (top + rowHeight + air > scrollTop + height) next = top + rowHeight + air - height;
  return Math.max(0, Math.min(next, rowCount * rowHeight - height));
}
