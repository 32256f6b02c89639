import { memo, type PointerEvent, type RefObject, useRef, useState } from 'react';
import { clampRange, rulerTicks, type TimeRange, type TimeScale } from '../../canvas/time-scale.ts';

export interface RulerProps {
  readonly scale: TimeScale;
  readonly traceNanos: number;
  readonly onRange: (range: TimeRange) => void;
  /** Filled in by the waterfall with the time under the pointer. */
  readonly hoverTime: RefObject<HTMLSpanElement | null>;
}

/** Round moments above the bars. A drag zooms to what it covers. */
export const Ruler = memo(function Ruler({ scale, traceNanos, onRange, hoverTime }: RulerProps) {
  const start = useRef<number | undefined>(undefined);
  const [drag, setDrag] = useState<readonly [number, number] | undefined>(undefined);
  const xOf = (event: PointerEvent<HTMLElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  return (
    <div
      className="ruler"
      aria-hidden="true"
      onPointerDown={(event) => {
        start.current = xOf(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (start.current !== undefined) setDrag([start.current, xOf(event)]);
      }}
      onPointerUp={() => {
        if (drag !== undefined && Math.abs(drag[1] - drag[0]) > 4) {
          onRange(
            clampRange(
              { startNanos: scale.nanosAt(Math.min(...drag)), endNanos: scale.nanosAt(Math.max(...drag)) },
              traceNanos,
            ),
          );
        }
        start.current = undefined;
        setDrag(undefined);
      }}
    >
      {rulerTicks(scale).map((tick) => (
        <span
          key={tick.nanos}
          className={tick.x > scale.width - 56 ? 'tick end' : 'tick'}
          style={{ transform: `translateX(${tick.x}px)` }}
        >
          {tick.label}
        </span>
      ))}
      {drag !== undefined && (
        <span
          className="ruler-drag"
          style={{ left: Math.min(...drag), width: Math.abs(drag[1] - drag[0]) }}
        />
      )}
      <span ref={hoverTime} className="hover-time" hidden />
    </div>
  );
});
