import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { searchGroupsQuery } from '../../api/queries.ts';
import { defaultGroups, searchedQueryOf } from '../../state/search-url.ts';
import { GroupForm } from './group-form.tsx';
import { GroupTable } from './group-table.tsx';
import { ResultSkeleton } from './result-skeleton.tsx';
import { ResultToolbar } from './result-toolbar.tsx';
import type { ResultsProps } from './results-props.ts';
import { SearchError } from './search-error.tsx';
import { ShareMenu } from './share-menu.tsx';

/** Matching spans summed up by up to three fields. */
export function GroupResults({ state, onSearch, onListed }: ResultsProps) {
  const client = useQueryClient();
  const by = state.by ?? defaultGroups;
  const query = searchedQueryOf(state);
  query.set('by', by);
  const reply = useQuery(searchGroupsQuery(query.toString()));
  const isListed = !reply.isPending && !reply.isPlaceholderData;
  useEffect(() => {
    if (isListed) onListed();
  }, [isListed, onListed]);
  const { data, error } = reply;
  return (
    <>
      <ResultToolbar {...{ state, onSearch }} error={data === undefined ? null : error}>
        <ShareMenu state={state} />
      </ResultToolbar>
      <GroupForm by={by} onChange={(next) => onSearch({ ...state, by: next })} />
      {data !== undefined ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        <section className="result-scroller" tabIndex={0} aria-label="Groups" aria-busy={reply.isFetching}>
          <GroupTable reply={data} state={state} />
        </section>
      ) : error === null ? (
        <ResultSkeleton
          isWaiting={reply.isFetching}
          onCancel={() => void client.cancelQueries({ queryKey: ['search'] })}
        />
      ) : (
        <SearchError {...{ error, state, onSearch }} onRetry={() => void reply.refetch()} />
      )}
    </>
  );
}
