import type { TraceColumns } from '@spanwise/model';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { clampRange, type TimeRange } from '../../canvas/time-scale.ts';
import type { TraceState } from '../../state/trace-url.ts';

/** The URL follows when the hand rests. */
const urlDelayMillis = 300;

/** The visible range: the whole trace until somebody zooms, however it grows; else the same moments. */
export function useRange(columns: TraceColumns, state: TraceState) {
  const navigate = useNavigate();
  const [zoom, setZoom] = useState<TimeRange | undefined>(() =>
    state.from === undefined || state.to === undefined
      ? undefined
      : { startNanos: state.from, endNanos: state.to },
  );
  const origin = useRef(columns.startTimeUnixNano);
  useLayoutEffect(() => {
    // A late span may start before all others, and move the trace's zero.
    const shift = Number(origin.current - columns.startTimeUnixNano);
    origin.current = columns.startTimeUnixNano;
    if (shift === 0) return;
    setZoom((last) => last && { startNanos: last.startNanos + shift, endNanos: last.endNanos + shift });
  }, [columns]);
  const full = columns.durationNanos;
  const range = useMemo(
    () => (zoom === undefined ? { startNanos: 0, endNanos: Math.max(1, full) } : clampRange(zoom, full)),
    [zoom, full],
  );
  const isZoomed = zoom !== undefined && range.endNanos - range.startNanos < full;
  const [from, to] = isZoomed
    ? [Math.round(range.startNanos), Math.round(range.endNanos)]
    : [undefined, undefined];
  useEffect(() => {
    const timer = window.setTimeout(() => {
      void navigate({
        to: '.',
        search: ({ from: _, to: __, ...rest }: TraceState) =>
          from === undefined || to === undefined ? rest : { ...rest, from, to },
        replace: true,
        resetScroll: false,
      });
    }, urlDelayMillis);
    return () => window.clearTimeout(timer);
  }, [navigate, from, to]);
  return { range, isZoomed, setRange: setZoom, fitAll: () => setZoom(undefined) };
}
