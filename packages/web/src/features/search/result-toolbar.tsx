import { type SortOrder, sortOrders } from '../../state/search-url.ts';
import { describeError } from '../../ui/error-state.tsx';
import { formatCounted } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { sortNames } from './sort-traces.ts';

export interface ResultToolbarProps {
  readonly count: number;
  readonly sort: SortOrder;
  readonly onSort: (order: SortOrder) => void;
  /** Undefined where the window is fixed, so that nothing new can enter it. */
  readonly live: boolean | undefined;
  readonly onLive: (isLive: boolean) => void;
  readonly waitingCount: number;
  readonly onShowWaiting: () => void;
  /** Of the last refresh, while older results are still shown. */
  readonly error: Error | null;
}

export function ResultToolbar(props: ResultToolbarProps) {
  const { count, sort, onSort, live, onLive, waitingCount, onShowWaiting, error } = props;
  return (
    <div className="result-toolbar">
      <h2>{formatCounted(count, 'trace')}</h2>
      <fieldset className="sorts">
        <legend className="visually-hidden">Sort these {count}</legend>
        <span className="dim" aria-hidden="true">
          Of these {count}:
        </span>
        {sortOrders.map((order) => (
          <button
            key={order}
            type="button"
            className="sort"
            aria-pressed={sort === order}
            onClick={() => onSort(order)}
          >
            {sortNames[order]}
          </button>
        ))}
      </fieldset>
      <div className="toolbar-end" role="status">
        {waitingCount > 0 && (
          <button type="button" className="button new-traces" onClick={onShowWaiting}>
            <Icon name="up" />
            {waitingCount} new {waitingCount === 1 ? 'trace' : 'traces'}
          </button>
        )}
        {error !== null && (
          <span className="error-text">{describeError(error).title}: shown is what was found last</span>
        )}
      </div>
      {live !== undefined && (
        <button type="button" className="button live" aria-pressed={live} onClick={() => onLive(!live)}>
          <Icon name={live ? 'pause' : 'live'} />
          Live
        </button>
      )}
    </div>
  );
}
