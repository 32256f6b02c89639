import type { TraceSummaryDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { usePreferences } from '../../state/preferences.ts';
import { formatAxisTime, formatDuration, millisOf } from '../../ui/format.ts';
import { useSize } from '../../ui/use-size.ts';
import { DurationAxis, type PlotBox, TimeAxis } from './scatter-geometry.ts';
import { traceTitle } from './trace-title.ts';

const height = 112;

export interface ScatterProps {
  readonly traces: readonly TraceSummaryDto[];
  readonly startMillis: number;
  readonly endMillis: number;
  readonly onSelectRange: (startMillis: number, endMillis: number) => void;
}

/**
 * Durations over time. The list below says the same to a screen reader, so the plot is left out there; its points
 * are links all the same.
 */
export function Scatter({ traces, startMillis, endMillis, onSelectRange }: ScatterProps) {
  const { zone } = usePreferences();
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const box = useMemo<PlotBox>(
    () => ({ left: 60, right: Math.max(61, width - 12), top: 6, bottom: height - 20 }),
    [width],
  );
  const time = useMemo(() => new TimeAxis(box, startMillis, endMillis), [box, startMillis, endMillis]);
  const duration = useMemo(
    () =>
      new DurationAxis(
        box,
        traces.map((trace) => trace.durationNanos),
      ),
    [box, traces],
  );
  const drag = useRangeDrag(time, onSelectRange);
  return (
    <div ref={frame} className="scatter" aria-hidden="true" {...drag.handlers}>
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
          <text key={tick.value} x={tick.at} y={height - 5} textAnchor="middle">
            {formatAxisTime(tick.value, endMillis - startMillis, zone)}
          </text>
        ))}
        <line x1={box.left} x2={box.right} y1={box.bottom} y2={box.bottom} className="axis-line" />
        {traces.map((trace) => (
          <Link
            key={trace.traceId}
            to="/trace/$traceId"
            params={{ traceId: trace.traceId }}
            tabIndex={-1}
            draggable={false}
          >
            <Point
              x={time.xOf(millisOf(trace.startTimeUnixNano))}
              y={duration.yOf(trace.durationNanos)}
              radius={Math.min(7, 2.5 + Math.sqrt(trace.spanCount) / 4)}
              isError={trace.errorCount > 0}
              title={`${traceTitle(trace)} · ${formatDuration(trace.durationNanos)}`}
            />
          </Link>
        ))}
        {drag.range !== undefined && (
          <rect
            x={Math.min(...drag.range)}
            width={Math.abs(drag.range[1] - drag.range[0])}
            y={box.top}
            height={box.bottom - box.top}
            className="range"
          />
        )}
      </svg>
    </div>
  );
}

interface PointProps {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly isError: boolean;
  readonly title: string;
}

/** Errors differ by shape too. */
function Point({ x, y, radius, isError, title }: PointProps) {
  return (
    <>
      {isError ? (
        <path
          className="point error"
          d={`M${x} ${y - radius - 1}l${radius + 1} ${radius + 1}l${-radius - 1} ${radius + 1}l${-radius - 1} ${-radius - 1}z`}
        >
          <title>{`${title} · with errors`}</title>
        </path>
      ) : (
        <circle className="point" cx={x} cy={y} r={radius}>
          <title>{title}</title>
        </circle>
      )}
    </>
  );
}

/** A drag shorter than this is a click. CSS pixels. */
const dragThreshold = 5;

function useRangeDrag(time: TimeAxis, onSelectRange: (startMillis: number, endMillis: number) => void) {
  const start = useRef<number | undefined>(undefined);
  const [range, setRange] = useState<readonly [number, number] | undefined>(undefined);
  const xOf = (event: PointerEvent<HTMLElement>) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const end = () => {
    start.current = undefined;
    setRange(undefined);
  };
  const handlers = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button === 0) start.current = xOf(event);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (start.current === undefined) return;
      if (range === undefined && Math.abs(xOf(event) - start.current) < dragThreshold) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setRange([start.current, xOf(event)]);
    },
    onPointerUp: () => {
      if (range !== undefined)
        onSelectRange(time.millisAt(Math.min(...range)), time.millisAt(Math.max(...range)));
      end();
    },
    onPointerCancel: end,
  };
  return { range, handlers };
}
