import type { StatsRowDto } from '@spanwise/api';
import { type Conditions, equality, fieldOf, formatConditions } from '../../filter/conditions.ts';
import { toggleIncluded } from '../../filter/facet-conditions.ts';
import { type SearchState, withFilter } from '../../state/search-url.ts';

/** What spans a row counts: those of an operation, or what a service is asked for. */
export interface CountedSpans {
  readonly row: StatsRowDto;
  /** Of a service: its requests, or, where it takes none, all it does. */
  readonly unit: 'requests' | 'spans';
  readonly lookback: string;
}

/** A search for the spans behind a row: those that failed, or the slowest first. */
export function spansOfRow({ row, unit, lookback }: CountedSpans, which: 'failed' | 'slowest'): SearchState {
  const { service, operation, kind } = row;
  const named = [
    equality(fieldOf('service'), service),
    ...(operation === undefined ? [] : [equality(fieldOf('name'), operation)]),
  ];
  const kinds = kind !== undefined ? [kind] : unit === 'requests' ? ['server', 'consumer'] : [];
  const counted = kinds.reduce<Conditions>((all, one) => toggleIncluded(all, fieldOf('kind'), one), named);
  const conditions = which === 'failed' ? [...counted, equality(fieldOf('status'), 'error')] : counted;
  const search = withFilter({ lookback, show: 'spans' }, formatConditions(conditions));
  return which === 'failed' ? search : { ...search, order: 'duration' };
}
