import { useEffect, useRef } from 'react';
import { listQueryOf, orderOf } from '../../state/search-url.ts';
import { ListResults } from './list-results.tsx';
import { ResultTable } from './result-table.tsx';
import type { ResultsProps } from './results-props.ts';
import { useFoundTraces } from './use-found-traces.ts';

/** Traces of which one span matches, with new ones as they come in. */
export function TraceResults({ state, onSearch, onListed }: ResultsProps) {
  const scroller = useRef<HTMLElement>(null);
  // Only the newest have a place for what comes in: the top.
  const canBeLive = state.start === undefined && orderOf(state) === 'time' && state.direction === undefined;
  const isLive = canBeLive && state.live !== 'off';
  const { shown, waiting, showWaiting, reply } = useFoundTraces(listQueryOf(state).toString(), isLive, () =>
    isBeingRead(scroller.current),
  );
  const isListed = !reply.isPending && !reply.isPlaceholderData;
  useEffect(() => {
    if (isListed) onListed();
  }, [isListed, onListed]);
  return (
    <ListResults
      {...{ state, onSearch, scroller, reply }}
      isEmpty={shown.length === 0}
      live={canBeLive ? isLive : undefined}
      waitingCount={waiting.length}
      onShowWaiting={() => {
        showWaiting();
        scroller.current?.scrollTo({ top: 0 });
      }}
    >
      <ResultTable traces={shown} state={state} onSearch={onSearch} />
    </ListResults>
  );
}

/** New rows may go on top only where they push nothing away from under the pointer, the focus or the eye. */
function isBeingRead(scroller: HTMLElement | null): boolean {
  if (scroller === null) return false;
  return scroller.scrollTop > 0 || scroller.matches(':hover') || scroller.matches(':focus-within');
}
