import type { SearchTracesResponse } from '@spanwise/api';
import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLive } from '../../api/live.ts';
import { PacedQuestions } from '../../api/paced-questions.ts';
import { searchHeadQuery, searchTracesQuery } from '../../api/queries.ts';
import { mergeLive, withHead } from './merge-live.ts';

/** News is asked for at most this often. */
const leastMillisBetween = 1_000;
/** What sums up the search is asked for more seldom: it reads all that matches. */
const leastMillisBetweenSums = 5_000;

const sums = [['services'], ['search', 'heatmap'], ['search', 'values']] as const;

interface Head {
  readonly query: string;
  readonly reply: SearchTracesResponse;
}

/**
 * The traces of a search, page by page, brought up to date while `isLive`. `isHeld` says whether somebody is reading
 * the list right now, so that new traces have to wait.
 */
export function useFoundTraces(query: string, isLive: boolean, isHeld: () => boolean) {
  const client = useQueryClient();
  const reply = useInfiniteQuery(searchTracesQuery(query));
  const [held, setHeld] = useState<Head | undefined>(undefined);
  const head = held?.query === query ? held.reply : undefined;
  const isHeldNow = useRef(isHeld);
  useEffect(() => {
    isHeldNow.current = isHeld;
  });

  const show = useCallback(
    (next: SearchTracesResponse) => {
      setHeld(undefined);
      client.setQueryData<InfiniteData<SearchTracesResponse, string>>(
        searchTracesQuery(query).queryKey,
        (last) => {
          const pages = withHead(last?.pages ?? [], next);
          return { pages: [...pages], pageParams: (last?.pageParams ?? ['']).slice(0, pages.length) };
        },
      );
    },
    [client, query],
  );
  const ask = useCallback(async () => {
    const next = await client.fetchQuery({ ...searchHeadQuery(query), staleTime: 0 }).catch(() => undefined);
    // A list that does not load says so itself.
    if (next === undefined) return;
    if (isHeldNow.current()) setHeld({ query, reply: next });
    else show(next);
  }, [client, query, show]);
  useStored(isLive, leastMillisBetween, ask);
  useStored(
    isLive,
    leastMillisBetweenSums,
    useCallback(() => Promise.all(sums.map((queryKey) => client.invalidateQueries({ queryKey }))), [client]),
  );

  const loaded = useMemo(() => reply.data?.pages.flatMap((page) => page.traces) ?? [], [reply.data]);
  const list = useMemo(() => mergeLive(loaded, head?.traces), [loaded, head]);
  return {
    ...list,
    reply,
    showWaiting: () => {
      if (head !== undefined) show(head);
    },
  };
}

function useStored(isOn: boolean, leastMillis: number, ask: () => Promise<unknown>): void {
  const questions = useMemo(() => new PacedQuestions(ask, leastMillis), [ask, leastMillis]);
  useEffect(() => () => questions.stop(), [questions]);
  useLive(isOn, () => questions.tell());
}
