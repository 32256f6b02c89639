import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import { ApiError } from '../api/client.ts';
import { EmptyResult } from '../features/search/empty-result.tsx';
import { ResultSkeleton } from '../features/search/result-skeleton.tsx';
import { ResultTable } from '../features/search/result-table.tsx';
import { ResultToolbar } from '../features/search/result-toolbar.tsx';
import { Scatter } from '../features/search/scatter.tsx';
import { SearchForm } from '../features/search/search-form.tsx';
import { sortTraces } from '../features/search/sort-traces.ts';
import { useLiveTraces } from '../features/search/use-live-traces.ts';
import { AppBar, PageLinks, TraceIdBox } from '../features/status/app-bar.tsx';
import { StatusLine } from '../features/status/status-line.tsx';
import { rememberSearch } from '../state/last-search.ts';
import { type SearchState, tracesQueryOf } from '../state/search-url.ts';
import { ErrorState } from '../ui/error-state.tsx';

export function SearchPage() {
  const state = useSearch({ from: '/search' });
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const sort = state.sort ?? 'newest';
  const isRelative = state.start === undefined;
  const isLive = state.live !== 'off' && isRelative;
  const { shown, waitingCount, showWaiting, reply, cancel } = useLiveTraces(
    tracesQueryOf(state),
    isLive,
    () => isBeingRead(scroller.current, sort === 'newest'),
  );
  const traces = useMemo(() => sortTraces(shown, sort), [shown, sort]);
  const search = (next: SearchState) => void navigate({ to: '/search', search: next });
  const change = (next: Partial<SearchState>) => search({ ...state, ...next });
  useEffect(() => {
    document.title = state.service === undefined ? 'Search · Spanwise' : `${state.service} · Spanwise`;
  }, [state.service]);
  useEffect(() => rememberSearch(state), [state]);
  const { data, error } = reply;
  const wrongParameter = error instanceof ApiError ? error.parameter : undefined;
  const emptyReason = traces.length === 0 ? data?.emptyReason : undefined;
  return (
    <>
      <a className="skip-link" href="#results">
        Skip to the results
      </a>
      <AppBar>
        <h1 className="visually-hidden">Search traces</h1>
        <PageLinks />
        <TraceIdBox />
      </AppBar>
      <SearchForm state={state} onSearch={search} wrongParameter={wrongParameter} />
      <main id="results" className="search-main">
        {error !== null && data === undefined ? (
          <ErrorState error={error} onRetry={() => void reply.refetch()} />
        ) : emptyReason !== undefined ? (
          <EmptyResult reason={emptyReason} state={state} onSearch={search} />
        ) : traces.length === 0 ? (
          <ResultSkeleton isWaiting={reply.isFetching} onCancel={() => void cancel()} />
        ) : (
          <>
            {data !== undefined && (
              <Scatter
                traces={traces}
                startMillis={data.startMillis}
                endMillis={data.endMillis}
                onSelectRange={(start, end) => {
                  const { lookback: _, ...rest } = state;
                  search({ ...rest, start, end });
                }}
              />
            )}
            <ResultToolbar
              count={traces.length}
              sort={sort}
              onSort={(next) => change({ sort: next })}
              live={isRelative ? isLive : undefined}
              onLive={(next) => {
                const { live: _, ...rest } = state;
                search(next ? rest : { ...rest, live: 'off' });
              }}
              waitingCount={waitingCount}
              onShowWaiting={() => {
                showWaiting();
                scroller.current?.scrollTo({ top: 0 });
              }}
              error={error}
            />
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard */}
            <section ref={scroller} className="result-scroller" tabIndex={0} aria-label="Traces">
              <ResultTable traces={traces} />
            </section>
          </>
        )}
      </main>
      <StatusLine />
    </>
  );
}

/** New rows may go on top only where they push nothing away from under the pointer, the focus or the eye. */
function isBeingRead(scroller: HTMLElement | null, isNewestFirst: boolean): boolean {
  if (scroller === null) return false;
  return (
    !isNewestFirst ||
    scroller.scrollTop > 0 ||
    scroller.matches(':hover') ||
    scroller.matches(':focus-within')
  );
}
