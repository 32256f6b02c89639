import type { StatsRowDto } from '@spanwise/api';
import type { ServiceOrder } from '../../state/services-url.ts';

/** What a row of the services page shows. */
export interface ServiceFigures extends StatsRowDto {
  /** What is counted: requests that came in, or, of a service that takes none, all its spans. */
  readonly unit: 'requests' | 'spans';
}

/**
 * Requests where a service has any, because that is what its callers see; else all its spans.
 * `requests` are the rows of server and consumer spans, `all` of every kind.
 */
export function figuresOfServices(
  requests: readonly StatsRowDto[],
  all: readonly StatsRowDto[],
): readonly ServiceFigures[] {
  const byService = new Map(requests.map((row) => [row.service, row]));
  return all.map((row) => {
    const own = byService.get(row.service);
    return own === undefined ? { ...row, unit: 'spans' } : { ...own, unit: 'requests' };
  });
}

export function errorShare({ errorCount, spanCount }: StatsRowDto): number {
  return spanCount > 0 ? errorCount / spanCount : 0;
}

/** Names from A to Z, figures from the largest; ties by name. */
export function sortFigures<Row extends StatsRowDto>(
  rows: readonly Row[],
  order: ServiceOrder,
): readonly Row[] {
  const figure = figures[order];
  const name = (row: Row) => `${row.service}\0${row.operation ?? ''}`;
  const byName = (a: Row, b: Row) => (name(a) < name(b) ? -1 : 1);
  if (figure === undefined) return rows.toSorted(byName);
  return rows.toSorted((a, b) => figure(b) - figure(a) || byName(a, b));
}

const figures: Readonly<Record<ServiceOrder, ((row: StatsRowDto) => number) | undefined>> = {
  name: undefined,
  rate: (row) => row.spansPerSecond,
  errors: errorShare,
  p50: (row) => row.p50Nanos,
  p95: (row) => row.p95Nanos,
  p99: (row) => row.p99Nanos,
};

/** A second or, for what is rare, a minute: `12.3 /s`, `4.00 /min`. */
export function formatRate(perSecond: number): string {
  const isRare = perSecond < 1;
  const value = isRare ? perSecond * 60 : perSecond;
  const text = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2);
  return `${text}\u202f/${isRare ? 'min' : 's'}`;
}
