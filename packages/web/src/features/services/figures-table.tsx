import type { StatsRowDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { SearchState } from '../../state/search-url.ts';
import type { ServiceOrder } from '../../state/services-url.ts';
import { formatDuration, formatShare } from '../../ui/format.ts';
import { SortableHead } from '../../ui/sortable-head.tsx';
import { errorShare, formatRate } from './service-figures.ts';

export interface FiguresTableProps<Row extends StatsRowDto> {
  /** What a row is: `Service`, `Operation`. */
  readonly what: string;
  readonly rows: readonly Row[];
  readonly sort: ServiceOrder;
  readonly onSort: (order: ServiceOrder) => void;
  readonly name: (row: Row) => ReactNode;
  readonly isChosen?: (row: Row) => boolean;
  /** What leads to the spans behind a row's numbers. */
  readonly spansOf: (row: Row, which: 'failed' | 'slowest') => SearchState;
}

const columns = [
  ['rate', 'Rate'],
  ['errors', 'Errors'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', 'p99'],
] as const;

/** Rate, errors and durations, a row for each service or operation. */
export function FiguresTable<Row extends StatsRowDto>(props: FiguresTableProps<Row>) {
  const { what, rows, sort, onSort, name, isChosen, spansOf } = props;
  const slowest = rows.reduce((most, row) => Math.max(most, row.p99Nanos), 1);
  const head = (order: ServiceOrder, label: string, className?: string) => (
    <SortableHead
      key={order}
      {...(className === undefined ? {} : { className })}
      direction={sort === order ? (order === 'name' ? 'asc' : 'desc') : undefined}
      onSort={() => onSort(order)}
    >
      {label}
    </SortableHead>
  );
  return (
    <table className="results figures">
      <thead>
        <tr>
          {head('name', what)}
          {columns.map(([order, label]) => head(order, label, 'col-number'))}
          <th scope="col" className="col-duration">
            p50 – p99
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={`${row.service} ${row.operation ?? ''} ${row.kind ?? ''}`}
            className={isChosen?.(row) === true ? 'chosen' : undefined}
          >
            <td className="cut">{name(row)}</td>
            <td className="number">{formatRate(row.spansPerSecond)}</td>
            <td className="number">
              {row.errorCount > 0 ? (
                <Link
                  to="/search"
                  search={spansOf(row, 'failed')}
                  className="figure-link error-text"
                  aria-label={`${formatShare(errorShare(row))} failed: show them`}
                  title="Show those that failed"
                >
                  {formatShare(errorShare(row))}
                </Link>
              ) : (
                <span className="dim">0</span>
              )}
            </td>
            <td className="number">{formatDuration(row.p50Nanos)}</td>
            <td className="number">{formatDuration(row.p95Nanos)}</td>
            <td className="number">
              <Link
                to="/search"
                search={spansOf(row, 'slowest')}
                className="figure-link"
                aria-label={`${formatDuration(row.p99Nanos)}: show the slowest`}
                title="Show the slowest"
              >
                {formatDuration(row.p99Nanos)}
              </Link>
            </td>
            <td>
              <DurationRange row={row} slowest={slowest} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** On a scale that all rows share; its square root, so that the quick ones can be told apart too. */
function DurationRange({ row, slowest }: { readonly row: StatsRowDto; readonly slowest: number }) {
  const at = (nanos: number) => 100 * Math.sqrt(Math.max(0, nanos) / slowest);
  const [from, to] = [at(row.p50Nanos), at(row.p99Nanos)];
  return (
    <svg className="duration-range" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect x={from} y="2" width={Math.max(0.5, to - from)} height="4" />
      <rect className="middle" x={Math.min(99, at(row.p95Nanos))} y="0" width="0.6" height="8" />
    </svg>
  );
}
