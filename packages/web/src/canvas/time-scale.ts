import { formatDuration } from '@spanwise/analysis';
import { type Nanos, nanosPerMicro, nanosPerMilli, nanosPerSecond } from '@spanwise/model';

/** A stretch of a trace, in ns after its start. */
export interface TimeRange {
  readonly startNanos: Nanos;
  readonly endNanos: Nanos;
}

/** The only place where nanoseconds become CSS pixels and back. */
export class TimeScale {
  readonly range: TimeRange;
  /** CSS pixels. */
  readonly width: number;
  readonly #pixelsPerNano: number;

  constructor(range: TimeRange, width: number) {
    this.range = range;
    this.width = width;
    this.#pixelsPerNano = width / Math.max(1, range.endNanos - range.startNanos);
  }

  xOf(nanos: Nanos): number {
    return (nanos - this.range.startNanos) * this.#pixelsPerNano;
  }

  nanosAt(x: number): Nanos {
    return this.range.startNanos + x / this.#pixelsPerNano;
  }

  widthOf(nanos: Nanos): number {
    return nanos * this.#pixelsPerNano;
  }
}

/** Closer than this, doubles and the ruler stop telling pixels apart. */
const rangeLeastNanos = 100;

/** The range made to fit into the trace, and not narrower than can be drawn. */
export function clampRange(range: TimeRange, traceNanos: Nanos): TimeRange {
  const length = Math.min(
    Math.max(range.endNanos - range.startNanos, rangeLeastNanos),
    Math.max(traceNanos, 1),
  );
  const startNanos = Math.min(Math.max(0, range.startNanos), Math.max(0, traceNanos - length));
  return { startNanos, endNanos: startNanos + length };
}

/** Makes the range `factor` times as long around the moment `anchor`, which stays where it is on screen. */
export function zoomRange(range: TimeRange, factor: number, anchor: Nanos, traceNanos: Nanos): TimeRange {
  const length = Math.max((range.endNanos - range.startNanos) * factor, rangeLeastNanos);
  const share = (anchor - range.startNanos) / (range.endNanos - range.startNanos);
  const startNanos = anchor - share * length;
  return clampRange({ startNanos, endNanos: startNanos + length }, traceNanos);
}

export function panRange(range: TimeRange, byNanos: Nanos, traceNanos: Nanos): TimeRange {
  return clampRange(
    { startNanos: range.startNanos + byNanos, endNanos: range.endNanos + byNanos },
    traceNanos,
  );
}

export interface RulerTick {
  readonly nanos: Nanos;
  readonly x: number;
  readonly label: string;
}

/** Round moments, at least `leastGap` pixels apart. */
export function rulerTicks(scale: TimeScale, leastGap = 96): RulerTick[] {
  const { startNanos, endNanos } = scale.range;
  const step = niceStep(((endNanos - startNanos) * leastGap) / Math.max(1, scale.width));
  const ticks: RulerTick[] = [];
  for (let index = Math.ceil(startNanos / step); index * step <= endNanos; index++) {
    const nanos = index * step;
    ticks.push({ nanos, x: scale.xOf(nanos), label: formatTick(nanos, step, endNanos) });
  }
  return ticks;
}

/** The least of 1, 2, 5 times a power of ten that is not below `least`. */
function niceStep(least: Nanos): Nanos {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least * (1 - 1e-9)) ?? 10 * power;
}

/** All in one unit, with as many decimals as the step needs. */
function formatTick(nanos: Nanos, step: Nanos, endNanos: Nanos): string {
  if (endNanos >= 120 * nanosPerSecond) return formatDuration(nanos);
  const [unit, unitNanos] =
    endNanos >= nanosPerSecond
      ? (['s', nanosPerSecond] as const)
      : endNanos >= nanosPerMilli
        ? (['ms', nanosPerMilli] as const)
        : (['µs', nanosPerMicro] as const);
  const decimals = Math.max(0, Math.ceil(-Math.log10(step / unitNanos) - 1e-9));
  return `${(nanos / unitNanos).toFixed(decimals)}\u202f${unit}`;
}
