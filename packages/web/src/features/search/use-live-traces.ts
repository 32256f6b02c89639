import type { TraceSummaryDto, TracesResponse } from '@spanwise/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLive } from '../../api/live.ts';
import { tracesQuery } from '../../api/queries.ts';
import { type LiveList, mergeLive } from './merge-live.ts';

/** News is asked for at most this often. */
const leastMillisBetween = 1_000;

/**
 * The traces of a search, brought up to date while `isLive`. `isHeld` says whether somebody is reading the list
 * right now, so that new traces have to wait.
 */
export function useLiveTraces(query: string, isLive: boolean, isHeld: () => boolean) {
  const client = useQueryClient();
  const reply = useQuery(tracesQuery(query));
  const timer = useRef<number | undefined>(undefined);
  const ask = useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['traces', query] });
      void client.invalidateQueries({ queryKey: ['services'] });
    }, leastMillisBetween);
  }, [client, query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was planned for another question is off
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
      timer.current = undefined;
    },
    [ask],
  );
  useLive(isLive, ask);

  const list = useHeldList(reply.isPlaceholderData ? undefined : reply.data, query, isHeld);
  return { ...list, reply, cancel: () => client.cancelQueries({ queryKey: ['traces', query] }) };
}

function useHeldList(data: TracesResponse | undefined, query: string, isHeld: () => boolean) {
  const [list, setList] = useState<LiveList & { readonly query: string }>({ query, shown: [], waiting: [] });
  const held = useRef(isHeld);
  useEffect(() => {
    held.current = isHeld;
  });
  useEffect(() => {
    if (data === undefined) return;
    setList((last) =>
      last.query === query
        ? { query, ...mergeLive(last.shown, data.traces, held.current()) }
        : { query, shown: data.traces, waiting: [] },
    );
  }, [data, query]);
  const showWaiting = () => {
    if (data !== undefined) setList({ query, shown: data.traces, waiting: [] });
  };
  return {
    shown: list.shown as readonly TraceSummaryDto[],
    waitingCount: list.waiting.length,
    showWaiting,
  };
}
