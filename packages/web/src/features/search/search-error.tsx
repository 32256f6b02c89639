import { ApiError } from '../../api/client.ts';
import { type SearchState, withLookback } from '../../state/search-url.ts';
import { ErrorState } from '../../ui/error-state.tsx';

export interface SearchErrorProps {
  readonly error: Error;
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
  readonly onRetry: () => void;
}

/** What is over its budget can be made smaller here. */
export function SearchError({ error, state, onSearch, onRetry }: SearchErrorProps) {
  const isTooBroad = error instanceof ApiError && error.code === 'too_broad';
  return (
    <ErrorState error={error} onRetry={onRetry}>
      {isTooBroad && state.lookback !== '5m' && (
        <button type="button" className="button" onClick={() => onSearch(withLookback(state, '5m'))}>
          Search the last 5 minutes
        </button>
      )}
    </ErrorState>
  );
}
