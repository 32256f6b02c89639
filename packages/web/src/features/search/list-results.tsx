import type { SearchedDto, TotalDto, UnknownKeyDto } from '@spanwise/api';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode, RefObject } from 'react';
import type { SearchState } from '../../state/search-url.ts';
import { EmptyResult } from './empty-result.tsx';
import { ListEnd } from './list-end.tsx';
import { ResultSkeleton } from './result-skeleton.tsx';
import { ResultToolbar } from './result-toolbar.tsx';
import { SearchError } from './search-error.tsx';
import { ShareMenu } from './share-menu.tsx';

/** What lists of traces and of spans have in common. */
interface ListPage {
  readonly searched: SearchedDto;
  readonly total?: TotalDto;
  readonly unknownKeys?: readonly UnknownKeyDto[];
}

export interface ListResultsProps {
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
  readonly reply: UseInfiniteQueryResult<InfiniteData<ListPage, unknown>>;
  readonly isEmpty: boolean;
  readonly scroller: RefObject<HTMLElement | null>;
  /** Undefined where nothing new can enter the list. */
  readonly live?: boolean | undefined;
  readonly waitingCount?: number;
  readonly onShowWaiting?: () => void;
  /** The table. */
  readonly children: ReactNode;
}

/** A list with everything around it: loading, nothing, failure, order, pages. */
export function ListResults(props: ListResultsProps) {
  const { state, onSearch, reply, isEmpty, scroller, live, waitingCount, onShowWaiting, children } = props;
  const client = useQueryClient();
  const { data, error } = reply;
  const [first] = data?.pages ?? [];
  if (data === undefined) {
    return error === null ? (
      <ResultSkeleton
        isWaiting={reply.isFetching}
        onCancel={() => void client.cancelQueries({ queryKey: ['search'] })}
      />
    ) : (
      <SearchError {...{ error, state, onSearch }} onRetry={() => void reply.refetch()} />
    );
  }
  const last = data.pages.at(-1)?.searched;
  return (
    <>
      <ResultToolbar
        {...{ state, onSearch, live }}
        {...(waitingCount === undefined ? {} : { waitingCount })}
        {...(onShowWaiting === undefined ? {} : { onShowWaiting })}
        total={reply.isPlaceholderData ? undefined : first?.total}
        error={reply.isFetchNextPageError ? null : error}
      >
        <ShareMenu state={state} />
      </ResultToolbar>
      <section
        ref={scroller}
        className={reply.isPlaceholderData ? 'result-scroller stale' : 'result-scroller'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        tabIndex={0}
        aria-label={state.show === 'spans' ? 'Spans' : 'Traces'}
        aria-busy={reply.isFetching}
      >
        {isEmpty && !reply.isPlaceholderData && last?.complete !== false ? (
          <EmptyResult state={state} unknownKeys={first?.unknownKeys ?? []} onSearch={onSearch} />
        ) : (
          children
        )}
        <ListEnd
          state={state}
          searched={last}
          hasMore={reply.hasNextPage && !reply.isPlaceholderData}
          isFetching={reply.isFetchingNextPage}
          error={reply.isFetchNextPageError ? error : null}
          onMore={() => void reply.fetchNextPage()}
          onAgain={() => void reply.refetch()}
        />
      </section>
    </>
  );
}
