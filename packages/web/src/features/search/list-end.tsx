import type { SearchedDto } from '@spanwise/api';
import { ApiError } from '../../api/client.ts';
import { usePreferences } from '../../state/preferences.ts';
import { orderOf, type SearchState } from '../../state/search-url.ts';
import { describeError } from '../../ui/error-state.tsx';
import { formatDateTime, millisOf } from '../../ui/format.ts';

export interface ListEndProps {
  readonly state: SearchState;
  /** Of the page that came last. */
  readonly searched: SearchedDto | undefined;
  readonly hasMore: boolean;
  readonly isFetching: boolean;
  readonly error: Error | null;
  readonly onMore: () => void;
  readonly onAgain: () => void;
}

/** The way to the next page, and how far this one has looked. */
export function ListEnd({ state, searched, hasMore, isFetching, error, onMore, onAgain }: ListEndProps) {
  const { zone } = usePreferences();
  const isPartial = searched !== undefined && !searched.complete;
  const isUpwards = orderOf(state) === 'time' && state.direction === 'asc';
  const edge = searched && (isUpwards ? searched.toUnixNano : searched.fromUnixNano);
  // The server keeps such a list for ten minutes.
  const isForgotten = error instanceof ApiError && error.code === 'cursor_expired';
  if (!hasMore && !isPartial && error === null) return null;
  return (
    <div className="list-end">
      {hasMore && (
        <button
          type="button"
          className="button"
          disabled={isFetching}
          onClick={isForgotten ? onAgain : onMore}
        >
          {isFetching ? 'Searching …' : isForgotten ? 'Search again' : 'More'}
        </button>
      )}
      {isPartial && edge !== undefined && (
        <span role="status">
          Complete {isUpwards ? 'up to' : 'back to'} {formatDateTime(millisOf(edge), zone)}: the time for one
          answer was used up.{' '}
          {orderOf(state) === 'time'
            ? 'The next page goes on from there.'
            : 'Narrow the window, or add a condition.'}
        </span>
      )}
      {error !== null && (
        <span className="error-text" role="alert">
          {describeError(error).title}. {error.message}
        </span>
      )}
    </div>
  );
}
