import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clampRange, panRange, rulerTicks, TimeScale, zoomRange } from './time-scale.ts';

const traceNanos = 5_210_000_000;
const rangeArbitrary = fc
  .tuple(fc.integer({ min: 0, max: traceNanos - 1_000 }), fc.integer({ min: 1_000, max: traceNanos }))
  .map(([startNanos, length]) => clampRange({ startNanos, endNanos: startNanos + length }, traceNanos));

describe('TimeScale', () => {
  it('turns nanoseconds into pixels and back', () => {
    fc.assert(
      fc.property(rangeArbitrary, fc.double({ min: 0, max: 1_000, noNaN: true }), (range, x) => {
        const scale = new TimeScale(range, 1_000);
        expect(scale.xOf(scale.nanosAt(x))).toBeCloseTo(x, 3);
      }),
    );
  });
});

describe('zoom and pan', () => {
  it('stay inside the trace', () => {
    fc.assert(
      fc.property(rangeArbitrary, fc.double({ min: 0.01, max: 100, noNaN: true }), (range, factor) => {
        const anchor = (range.startNanos + range.endNanos) / 2;
        for (const next of [
          zoomRange(range, factor, anchor, traceNanos),
          panRange(range, (factor - 50) * 1e8, traceNanos),
        ]) {
          expect(next.startNanos).toBeGreaterThanOrEqual(0);
          expect(next.endNanos).toBeLessThanOrEqual(traceNanos + 1e-3);
          expect(next.endNanos).toBeGreaterThan(next.startNanos);
        }
      }),
    );
  });

  it('zooming keeps the moment under the pointer where it is', () => {
    const next = zoomRange({ startNanos: 1_000_000, endNanos: 3_000_000 }, 0.5, 1_500_000, traceNanos);
    expect(next).toEqual({ startNanos: 1_250_000, endNanos: 2_250_000 });
  });
});

describe('rulerTicks', () => {
  const labels = (startNanos: number, endNanos: number) =>
    rulerTicks(new TimeScale({ startNanos, endNanos }, 500)).map(({ label }) => label);

  it('are round moments in one unit', () => {
    expect(labels(0, 4_900_000_000)).toEqual(['0\u202fs', '1\u202fs', '2\u202fs', '3\u202fs', '4\u202fs']);
    expect(labels(198_790_000, 199_010_000)).toEqual([
      '198.80\u202fms',
      '198.85\u202fms',
      '198.90\u202fms',
      '198.95\u202fms',
      '199.00\u202fms',
    ]);
  });
});
