import { statusCodes, type TraceColumns } from '@spanwise/model';

export interface MinimapInput {
  readonly columns: TraceColumns;
  /** All rows in display order. */
  readonly order: Int32Array;
  /** 1 for rows that the find box matches. */
  readonly matches: Uint8Array | undefined;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** RGBA by index of the trace's services. */
  readonly servicePixels: Uint32Array;
  readonly errorPixel: number;
  readonly matchPixel: number;
}

/** Device pixels. */
const lineMax = 3;
const tickHeight = 4;

/**
 * Every span as a line, by its place in the tree. Errors are ticks along the bottom, matches along the top.
 * Cost: O(spans + pixels that change); called once per trace, size, theme and search, never per frame.
 */
export function minimapPixels(input: MinimapInput): Uint32Array<ArrayBuffer> {
  const { columns, order, width, height } = input;
  const pixels = new Uint32Array(width * height);
  const count = order.length;
  if (count === 0 || width === 0 || height === 0) return pixels;
  const perNano = width / Math.max(1, columns.durationNanos);
  const top = input.matches === undefined ? 2 : tickHeight;
  const room = Math.max(1, height - top - tickHeight);
  const pitch = Math.min(lineMax + 1, room / count);
  const thickness = Math.max(1, Math.min(lineMax, Math.floor(pitch)));
  for (let place = 0; place < count; place++) {
    const row = order[place]!;
    const start = columns.startNanos[row]! * perNano;
    const from = Math.min(width - 1, Math.floor(start));
    const to = Math.min(
      width,
      Math.max(from + 1, Math.round(start + columns.durationsNanos[row]! * perNano)),
    );
    const y = top + Math.floor(place * pitch);
    const pixel = input.servicePixels[columns.serviceIndex[row]!]!;
    for (let line = y; line < Math.min(height, y + thickness); line++) {
      pixels.fill(pixel, line * width + from, line * width + to);
    }
  }
  for (let row = 0; row < count; row++) {
    const isError = columns.status[row] === statusCodes.error;
    const isMatch = input.matches?.[row] === 1;
    if (!isError && !isMatch) continue;
    const x = Math.min(width - 2, Math.floor(columns.startNanos[row]! * perNano));
    if (isError) tick(pixels, width, x, height - tickHeight, input.errorPixel);
    if (isMatch) tick(pixels, width, x, 0, input.matchPixel);
  }
  return pixels;
}

function tick(pixels: Uint32Array, width: number, x: number, y: number, pixel: number): void {
  for (let line = y; line < y + tickHeight; line++)
    pixels.fill(pixel, line * width + x, line * width + x + 2);
}

export type MinimapGrip = 'start' | 'end' | 'window' | 'new';

/** CSS pixels around an edge of the window that take hold of it. */
const gripReach = 5;

/** What a press at `x` takes hold of, where the window reaches from `left` to `right` of `width` pixels. */
export function minimapGrip(x: number, left: number, right: number, width: number): MinimapGrip {
  if (left <= 0 && right >= width) return 'new';
  if (Math.abs(x - left) <= gripReach) return 'start';
  if (Math.abs(x - right) <= gripReach) return 'end';
  return x > left && x < right ? 'window' : 'new';
}
