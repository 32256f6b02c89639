import { type RefObject, useEffect, useRef } from 'react';
import { panRange, type TimeRange, type TimeScale, zoomRange } from '../../canvas/time-scale.ts';

/** Range per wheel notch (100 px): a fifth, so that four notches halve what is shown. */
const zoomPerPixel = 0.002;

/** Ctrl and wheel (or a pinch) zooms around the pointer; Shift and wheel, or a sideways wheel, pans. */
export function useWheelZoom(
  element: RefObject<HTMLElement | null>,
  nameWidth: number,
  scale: TimeScale,
  traceNanos: number,
  onRange: (range: TimeRange) => void,
): void {
  const handler = useRef<(event: WheelEvent) => void>(() => undefined);
  useEffect(() => {
    handler.current = (event) => {
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const x = event.clientX - element.current!.getBoundingClientRect().left - nameWidth;
        onRange(
          zoomRange(
            scale.range,
            Math.exp(event.deltaY * zoomPerPixel),
            scale.nanosAt(Math.max(0, x)),
            traceNanos,
          ),
        );
      } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
        event.preventDefault();
        onRange(panRange(scale.range, scale.nanosAt(sideways) - scale.nanosAt(0), traceNanos));
      }
    };
  });
  useEffect(() => {
    const node = element.current;
    const onWheel = (event: WheelEvent) => handler.current(event);
    // React's own wheel listener is passive and could not keep the browser from zooming the page.
    node?.addEventListener('wheel', onWheel, { passive: false });
    return () => node?.removeEventListener('wheel', onWheel);
  }, [element]);
}
