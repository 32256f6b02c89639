import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { searchSpansQuery } from '../../api/queries.ts';
import { listQueryOf } from '../../state/search-url.ts';
import { ListResults } from './list-results.tsx';
import type { ResultsProps } from './results-props.ts';
import { SpanTable } from './span-table.tsx';

/** The spans themselves. They are those of the moment of asking: pages see what was stored then. */
export function SpanResults({ state, onSearch, onListed }: ResultsProps) {
  const scroller = useRef<HTMLElement>(null);
  const reply = useInfiniteQuery(searchSpansQuery(listQueryOf(state).toString()));
  const spans = useMemo(() => reply.data?.pages.flatMap((page) => page.spans) ?? [], [reply.data]);
  const isListed = !reply.isPending && !reply.isPlaceholderData;
  useEffect(() => {
    if (isListed) onListed();
  }, [isListed, onListed]);
  return (
    <ListResults {...{ state, onSearch, scroller, reply }} isEmpty={spans.length === 0}>
      <SpanTable spans={spans} state={state} onSearch={onSearch} />
    </ListResults>
  );
}
