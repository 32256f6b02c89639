import type { TotalDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import {
  orderOf,
  type SearchOrder,
  type SearchState,
  type SearchView,
  searchViews,
} from '../../state/search-url.ts';
import { describeError } from '../../ui/error-state.tsx';
import { formatCounted } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';

export interface ResultToolbarProps {
  readonly state: SearchState;
  /** Of all that match. Undefined while nobody knows, and of groups. */
  readonly total?: TotalDto | undefined;
  readonly onSearch: (state: SearchState) => void;
  /** Undefined where nothing new can enter the list in its place. */
  readonly live?: boolean | undefined;
  readonly waitingCount?: number;
  readonly onShowWaiting?: () => void;
  /** Of the last refresh, while older results are still shown. */
  readonly error: Error | null;
  /** What can be done with the search. */
  readonly children: ReactNode;
}

const viewNames = { traces: 'Traces', spans: 'Spans', groups: 'Groups' } as const;

/** What comes first downwards, and upwards. */
const traceOrders = [
  ['time', 'Newest', 'Oldest'],
  ['duration', 'Slowest', 'Quickest'],
  ['spans', 'Most spans', 'Fewest spans'],
  ['errors', 'Most errors', 'Fewest errors'],
  ['tokens', 'Most tokens', 'Fewest tokens'],
  ['cost', 'Most expensive', 'Cheapest'],
] as const satisfies readonly (readonly [SearchOrder, string, string])[];

/** Columns turn the list upwards. */
const upwards = 'upwards';

export function ResultToolbar(props: ResultToolbarProps) {
  const { state, total, onSearch, live, waitingCount = 0, onShowWaiting, error, children } = props;
  const view: SearchView = state.show ?? 'traces';
  const orders = traceOrders.filter(
    ([order]) => view === 'traces' || (order !== 'spans' && order !== 'errors'),
  );
  return (
    <div className="result-toolbar">
      <nav className="result-views" aria-label="Show">
        {searchViews.map((name) => (
          <Link
            key={name}
            to="/search"
            search={inView(state, name)}
            // The router compares texts of the address with numbers of the state, and finds no view where there are some.
            activeOptions={{ exact: true, includeSearch: true }}
            aria-current={name === view ? 'page' : undefined}
          >
            {viewNames[name]}
          </Link>
        ))}
      </nav>
      {view !== 'groups' && (
        <>
          <h2>{total === undefined ? viewNames[view] : totalText(total, view)}</h2>
          <select
            className="select order"
            aria-label="Order"
            value={state.direction === undefined ? orderOf(state) : upwards}
            onChange={(event) => onSearch(inOrder(state, event.target.value))}
          >
            {orders.map(([order, name]) => (
              <option key={order} value={order}>
                {name} first
              </option>
            ))}
            {state.direction !== undefined && <option value={upwards}>{upwardsName(state)}</option>}
          </select>
        </>
      )}
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
      {children}
      {live !== undefined && (
        <button
          type="button"
          className="button live"
          aria-pressed={live}
          onClick={() => {
            const { live: _, ...rest } = state;
            onSearch(live ? { ...rest, live: 'off' } : rest);
          }}
        >
          <Icon name={live ? 'pause' : 'live'} />
          Live
        </button>
      )}
    </div>
  );
}

function inOrder(state: SearchState, chosen: string): SearchState {
  const order = traceOrders.map(([name]) => name).find((name) => name === chosen);
  const { order: _, direction: __, ...rest } = state;
  if (order === undefined) return state;
  return order === 'time' ? rest : { ...rest, order };
}

function upwardsName(state: SearchState): string {
  return `${traceOrders.find(([order]) => order === orderOf(state))?.[2] ?? 'Smallest'} first`;
}

/** `412 traces`, `at least 10,000 traces`. */
function totalText({ count, exact }: TotalDto, view: 'traces' | 'spans'): string {
  const text = formatCounted(count, view === 'traces' ? 'trace' : 'span');
  return exact ? text : `at least ${text}`;
}

function inView(state: SearchState, view: SearchView): SearchState {
  const { show: _, ...rest } = state;
  return view === 'traces' ? rest : { ...rest, show: view };
}
