import { useEffect, useRef, useState } from 'react';

const shownMillis = 8_000;

/** How many spans came since the trace was opened or last told of; 0 when nothing is to be said any more. */
export function useArrivals(traceId: string, spanCount: number): number {
  const known = useRef({ traceId, spanCount });
  const [arrived, setArrived] = useState(0);
  useEffect(() => {
    const last = known.current;
    known.current = { traceId, spanCount };
    if (last.traceId !== traceId) setArrived(0);
    else if (spanCount > last.spanCount) setArrived((before) => before + spanCount - last.spanCount);
  }, [traceId, spanCount]);
  useEffect(() => {
    if (arrived === 0) return undefined;
    const timer = window.setTimeout(() => setArrived(0), shownMillis);
    return () => window.clearTimeout(timer);
  }, [arrived]);
  return arrived;
}
