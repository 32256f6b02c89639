import type { SearchTracesResponse, TraceSummaryDto } from '@spanwise/api';
import { describe, expect, it } from 'vitest';
import { DurationAxis, heatGrid, TimeAxis } from './heat-geometry.ts';
import { directionOf, orderedBy } from './list-order.ts';
import { mergeLive, withHead } from './merge-live.ts';

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
  cost: -1,
  unpricedCalls: 0,
  models: [],
  ...change,
});
const ids = (traces: readonly TraceSummaryDto[]) => traces.map(({ traceId }) => traceId).join('');

const page = (names: string, next?: string): SearchTracesResponse => ({
  traces: [...names].map((name, index) => trace(name, 9 - index)),
  searched: { fromUnixNano: '0', toUnixNano: '9', complete: true },
  ...(next === undefined ? {} : { next }),
});
const idsOf = (pages: readonly SearchTracesResponse[]) => pages.map(({ traces }) => ids(traces));

describe('mergeLive', () => {
  const loaded = [trace('b', 2), trace('a', 1)];
  const head = [trace('c', 3), trace('b', 2, { spanCount: 9 })];
  it('keeps new traces back while the list is read, and updates what is shown in its place', () => {
    const list = mergeLive(loaded, head);
    expect(ids(list.shown)).toBe('ba');
    expect(list.shown[0]!.spanCount).toBe(9);
    expect(ids(list.waiting)).toBe('c');
  });
  it('leaves the list as it is while there is no news', () =>
    expect(mergeLive(loaded, undefined)).toEqual({ shown: loaded, waiting: [] }));
});

describe('withHead', () => {
  it('replaces the only page', () => expect(idsOf(withHead([page('ba')], page('cb')))).toEqual(['cb']));
  it('puts news before pages that were turned', () =>
    expect(idsOf(withHead([page('dc', 'x'), page('ba')], page('ed', 'y')))).toEqual(['edc', 'ba']));
  it('begins anew where traces between would be missing', () =>
    expect(idsOf(withHead([page('dc', 'x'), page('ba')], page('gf', 'y')))).toEqual(['gf']));
});

describe('the order of a list', () => {
  it('is turned by what it is ordered by already', () => {
    const slowest = orderedBy({ filter: 'root = true' }, 'duration');
    expect(slowest).toEqual({ filter: 'root = true', order: 'duration' });
    expect(orderedBy(slowest, 'duration')).toEqual({ ...slowest, direction: 'asc' });
    expect(orderedBy({ ...slowest, direction: 'asc' }, 'duration')).toEqual(slowest);
    expect(orderedBy({ ...slowest, direction: 'asc' }, 'time')).toEqual({ filter: 'root = true' });
  });
  it('is that of time where spans alone know no other', () => {
    expect(directionOf({ show: 'spans', order: 'errors' }, 'time')).toBe('desc');
    expect(directionOf({ order: 'errors' }, 'time')).toBeUndefined();
  });
});

describe('heatGrid', () => {
  const reply = {
    startUnixNano: '0',
    stepNanos: 1e9,
    bins: 3,
    bin: [0, 0, 2],
    bucket: [160, 161, 240],
    count: [5, 2, 1],
    errors: [0, 2, 0],
    bucketsPerOctave: 8,
  };
  it('puts buckets together until the rows have room, and loses no span', () => {
    const grid = heatGrid(reply, 12)!;
    expect(grid.rows).toBeLessThanOrEqual(12);
    expect(grid.cells).toEqual([
      { bin: 0, row: 0, count: 7, errors: 2 },
      { bin: 2, row: 11, count: 1, errors: 0 },
    ]);
    expect([grid.counts, grid.errors, grid.mostInCell, grid.mostInBin]).toEqual([[7, 0, 1], [2, 0, 0], 7, 7]);
  });
  it('gives one duration an octave of room', () =>
    expect(heatGrid({ ...reply, bin: [0], bucket: [160], count: [1], errors: [0] }, 100)!.rows).toBe(8));
  it('is none of nothing', () =>
    expect(heatGrid({ ...reply, bin: [], bucket: [], count: [], errors: [] }, 12)).toBeUndefined());
});

describe('axes', () => {
  const box = { left: 0, right: 600, top: 0, bottom: 100 };
  it('turn durations into places and back', () => {
    const axis = new DurationAxis(box, 1e6, 1e10);
    expect(axis.yOf(1e6)).toBe(100);
    expect(axis.nanosAt(50)).toBeCloseTo(1e8);
    expect(axis.nanosAt(-20)).toBeCloseTo(1e10);
    expect(axis.ticks().map(({ value }) => value)).toEqual([1e6, 1e7, 1e8, 1e9, 1e10]);
  });
  it('turn a drag back into time', () => {
    const axis = new TimeAxis(box, 0, 3_600_000);
    expect(axis.millisAt(300)).toBe(1_800_000);
    expect(axis.millisAt(9_999)).toBe(3_600_000);
    expect(axis.ticks().length).toBeLessThanOrEqual(7);
  });
});
