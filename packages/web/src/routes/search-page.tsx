import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Facets } from '../features/search/facets.tsx';
import { GroupResults } from '../features/search/group-results.tsx';
import { SearchForm } from '../features/search/search-form.tsx';
import { SearchPlot } from '../features/search/search-plot.tsx';
import { SpanResults } from '../features/search/span-results.tsx';
import { TraceResults } from '../features/search/trace-results.tsx';
import { AppBar, PageLinks, TraceIdBox } from '../features/status/app-bar.tsx';
import { StatusLine } from '../features/status/status-line.tsx';
import { type Conditions, formatConditions, parseConditions } from '../filter/conditions.ts';
import { readForm } from '../filter/form-conditions.ts';
import { rememberSearch } from '../state/last-search.ts';
import { isSameSearch, type SearchState, searchedQueryOf, withFilter } from '../state/search-url.ts';

const results = { traces: TraceResults, spans: SpanResults, groups: GroupResults };

export function SearchPage() {
  const state = useSearch({ from: '/search' });
  const navigate = useNavigate();
  const client = useQueryClient();
  const search = (next: SearchState) => {
    // The same question once more wants a new answer; the address would not change.
    if (isSameSearch(next, state)) {
      void client.invalidateQueries({ queryKey: ['search'] });
    } else void navigate({ to: '/search', search: next });
  };
  const [text, setText] = useState(state.filter ?? '');
  useEffect(() => setText(state.filter ?? ''), [state.filter]);
  /** Goes on from what is written in the filter, as far as that is one. */
  const narrow = (change: (conditions: Conditions) => Conditions, millis?: readonly [number, number]) => {
    const conditions = parseConditions(text) ?? parseConditions(state.filter ?? '') ?? [];
    const { lookback, ...rest } = withFilter(state, formatConditions(change(conditions)));
    const window = lookback === undefined ? {} : { lookback };
    search({ ...rest, ...(millis === undefined ? window : { start: millis[0], end: millis[1] }) });
  };
  const service = useMemo(() => readForm(parseConditions(state.filter ?? '') ?? []).service, [state.filter]);
  useEffect(() => {
    document.title = service === '' ? 'Search · Spanwise' : `${service} · Spanwise`;
  }, [service]);
  useEffect(() => rememberSearch(state), [state]);
  // What was asked for goes first; what sums it up, and reads all of it, comes after.
  const searched = searchedQueryOf(state).toString();
  const [listed, setListed] = useState('');
  const onListed = useCallback(() => setListed(searched), [searched]);
  const isListed = listed === searched;
  const Results = results[state.show ?? 'traces'];
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
      <SearchForm state={state} text={text} onText={setText} onSearch={search} />
      <div className="search-body">
        <Facets state={state} onNarrow={narrow} isOn={isListed} />
        <main id="results" className="search-main">
          <SearchPlot state={state} onNarrow={narrow} isOn={isListed} />
          <Results state={state} onSearch={search} onListed={onListed} />
        </main>
      </div>
      <StatusLine />
    </>
  );
}
