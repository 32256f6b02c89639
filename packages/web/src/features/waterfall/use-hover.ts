import { type PointerEvent, useRef } from 'react';
import { placeAt, rowHeight } from '../../canvas/row-geometry.ts';
import type { TimeScale } from '../../canvas/time-scale.ts';
import { formatDuration } from '../../ui/format.ts';

/**
 * The band on the row under the pointer and the hair line with its time. Set on the nodes themselves: a pointer
 * moves far too often for a render.
 */
export function useHover(scale: TimeScale, nameWidth: number, rowCount: number) {
  const band = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  const pointer = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);

  const update = (scrollTop: number) => {
    if (band.current === null || line.current === null || time.current === null) return;
    const at = pointer.current;
    const place = at === undefined ? -1 : placeAt(at.y, scrollTop, rowCount);
    band.current.hidden = place === -1;
    if (place !== -1) band.current.style.transform = `translateY(${place * rowHeight - scrollTop}px)`;
    const x = at === undefined ? -1 : at.x - nameWidth;
    line.current.hidden = x < 0;
    time.current.hidden = x < 0;
    if (x < 0) return;
    line.current.style.transform = `translateX(${x}px)`;
    time.current.style.transform = `translateX(${Math.min(x, scale.width - 72)}px)`;
    time.current.textContent = formatDuration(Math.max(0, scale.nanosAt(x)));
  };
  return {
    band,
    line,
    time,
    update,
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      const box = event.currentTarget.getBoundingClientRect();
      pointer.current = { x: event.clientX - box.left, y: event.clientY - box.top };
      update(event.currentTarget.scrollTop);
    },
    onPointerLeave: () => {
      pointer.current = undefined;
      update(0);
    },
  };
}
