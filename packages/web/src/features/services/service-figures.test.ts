import type { StatsRowDto } from '@spanwise/api';
import { describe, expect, it } from 'vitest';
import { figuresOfServices, formatRate, sortFigures } from './service-figures.ts';
import { spansOfRow } from './spans-of-row.ts';

const row = (service: string, more: Partial<StatsRowDto> = {}): StatsRowDto => ({
  service,
  spanCount: 10,
  errorCount: 0,
  spansPerSecond: 1,
  meanNanos: 1,
  p50Nanos: 1,
  p95Nanos: 1,
  p99Nanos: 1,
  ...more,
});

describe('a service', () => {
  it('shows its requests, and all its spans where it takes none', () => {
    const shown = figuresOfServices(
      [row('gateway', { spanCount: 3 })],
      [row('batch', { spanCount: 7 }), row('gateway', { spanCount: 30 })],
    );
    expect(shown.map(({ service, spanCount, unit }) => [service, spanCount, unit])).toEqual([
      ['batch', 7, 'spans'],
      ['gateway', 3, 'requests'],
    ]);
  });
});

describe('services', () => {
  const rows = [
    row('b', { errorCount: 5, p99Nanos: 9 }),
    row('a', { spansPerSecond: 2 }),
    row('c', { errorCount: 5, spanCount: 100 }),
  ];
  it.each([
    ['name', 'a b c'],
    ['rate', 'a b c'],
    ['errors', 'b c a'],
    ['p99', 'b a c'],
  ] as const)('stand by %s', (order, expected) =>
    expect(
      sortFigures(rows, order)
        .map(({ service }) => service)
        .join(' '),
    ).toBe(expected),
  );
});

describe('a rate', () => {
  it.each([
    [12.345, '12.3 /s'],
    [0.05, '3.00 /min'],
    [0, '0.00 /min'],
    [12_345.6, '12,346 /s'],
  ])('%d is %s', (rate, text) => expect(formatRate(rate).replaceAll('\u202f', ' ')).toBe(text));
});

describe('spansOfRow', () => {
  const row = { service: 'gateway' } as StatsRowDto;
  it('leads to what failed among the requests of a service', () =>
    expect(spansOfRow({ row, unit: 'requests', lookback: '6h' }, 'failed')).toEqual({
      filter: 'service = "gateway" and kind in (server, consumer) and status = error',
      lookback: '6h',
      show: 'spans',
    }));
  it('leads to the slowest of an operation', () =>
    expect(
      spansOfRow(
        { row: { ...row, operation: 'GET /', kind: 'client' }, unit: 'spans', lookback: '1h' },
        'slowest',
      ),
    ).toEqual({
      filter: 'service = "gateway" and name = "GET /" and kind = client',
      lookback: '1h',
      show: 'spans',
      order: 'duration',
    }));
});
