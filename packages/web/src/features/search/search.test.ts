import type { TraceSummaryDto } from '@spanwise/api';
import { describe, expect, it } from 'vitest';
import { mergeLive } from './merge-live.ts';
import { DurationAxis, TimeAxis } from './scatter-geometry.ts';
import { sortTraces } from './sort-traces.ts';

const trace = (traceId: string, start: number, change: Partial<TraceSummaryDto> = {}): TraceSummaryDto => ({
  traceId,
  startTimeUnixNano: String(start),
  durationNanos: 1,
  spanCount: 1,
  errorCount: 0,
  orphanCount: 0,
  services: [],
  inputTokens: -1,
  outputTokens: -1,
  models: [],
  ...change,
});
const ids = (traces: readonly TraceSummaryDto[]) => traces.map(({ traceId }) => traceId).join('');

describe('mergeLive', () => {
  const shown = [trace('b', 2), trace('a', 1)];
  const found = [trace('c', 3), trace('b', 2, { spanCount: 9 })];
  it('keeps new traces back while the list is read, and updates what is shown in its place', () => {
    const list = mergeLive(shown, found, true);
    expect(ids(list.shown)).toBe('ba');
    expect(list.shown[0]!.spanCount).toBe(9);
    expect(ids(list.waiting)).toBe('c');
  });
  it('shows what was found otherwise', () => expect(ids(mergeLive(shown, found, false).shown)).toBe('cb'));
  it('fills an empty list at once', () => expect(ids(mergeLive([], found, true).shown)).toBe('cb'));
});

describe('sortTraces', () => {
  const traces = [
    trace('a', 1, { durationNanos: 5, inputTokens: 10 }),
    trace('b', 2, { durationNanos: 5, outputTokens: 20 }),
    trace('c', 3, { errorCount: 1 }),
  ];
  it('puts the largest first, and the newest first of equals', () => {
    expect(ids(sortTraces(traces, 'newest'))).toBe('cba');
    expect(ids(sortTraces(traces, 'slowest'))).toBe('bac');
    expect(ids(sortTraces(traces, 'errors'))).toBe('cba');
    expect(ids(sortTraces(traces, 'tokens'))).toBe('bac');
  });
});

describe('axes', () => {
  const box = { left: 0, right: 600, top: 0, bottom: 100 };
  it('give every duration a place inside', () => {
    const axis = new DurationAxis(box, [1e6, 5e9]);
    expect(axis.yOf(5e9)).toBeGreaterThan(0);
    expect(axis.yOf(1e6)).toBeLessThan(100);
    expect(axis.ticks().map(({ value }) => value)).toEqual([1e6, 1e7, 1e8, 1e9]);
  });
  it('turn a drag back into time', () => {
    const axis = new TimeAxis(box, 0, 3_600_000);
    expect(axis.millisAt(300)).toBe(1_800_000);
    expect(axis.millisAt(9_999)).toBe(3_600_000);
    expect(axis.ticks().length).toBeLessThanOrEqual(7);
  });
});
