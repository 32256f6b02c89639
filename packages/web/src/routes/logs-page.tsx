import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { logSearchQuery, servicesQuery } from '../api/queries.ts';
import { LogSearchLines } from '../features/logs/log-search-lines.tsx';
import { AppBar, PageLinks, TraceIdBox } from '../features/status/app-bar.tsx';
import { StatusLine } from '../features/status/status-line.tsx';
import { type LogSeverity, type LogsState, logSeverities, logsQueryOf } from '../state/logs-url.ts';
import { defaultLookback } from '../state/search-url.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { LookbackSelect } from '../ui/lookback-select.tsx';
import { Suggest } from '../ui/suggest.tsx';

/** Log records by service, severity and text. */
export function LogsPage() {
  const state = useSearch({ from: '/logs' });
  const navigate = useNavigate();
  const search = (next: LogsState) => void navigate({ to: '/logs', search: next });
  const reply = useInfiniteQuery(logSearchQuery(logsQueryOf(state)));
  const logs = useMemo(() => reply.data?.pages.flatMap((page) => page.logs), [reply.data]);
  useEffect(() => {
    document.title = 'Logs · Spanwise';
  }, []);
  return (
    <>
      <a className="skip-link" href="#logs">
        Skip to the log lines
      </a>
      <AppBar>
        <h1 className="visually-hidden">Logs</h1>
        <PageLinks />
        <TraceIdBox />
      </AppBar>
      <LogForm state={state} onSearch={search} />
      <main id="logs" className="page-main">
        {reply.error !== null && logs === undefined ? (
          <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />
        ) : logs?.length === 0 ? (
          <section className="state">
            <h2>No log lines match</h2>
            <p>
              Widen the look-back, or send log records over OTLP. What programs print can be sent as it is:
              POST its lines to /api/v1/logs/ingest.
            </p>
          </section>
        ) : (
          <>
            {logs !== undefined && <LogSearchLines logs={logs} />}
            {reply.hasNextPage && (
              <button
                type="button"
                className="button more"
                disabled={reply.isFetchingNextPage}
                onClick={() => void reply.fetchNextPage()}
              >
                {reply.isFetchingNextPage ? 'Reading …' : 'Older lines'}
              </button>
            )}
          </>
        )}
      </main>
      <StatusLine />
    </>
  );
}

interface LogFormProps {
  readonly state: LogsState;
  readonly onSearch: (state: LogsState) => void;
}

/** What is typed counts on Enter or Find, what is chosen counts at once. */
function LogForm({ state, onSearch }: LogFormProps) {
  const [draft, setDraft] = useState(state);
  useEffect(() => setDraft(state), [state]);
  const services = useQuery(servicesQuery).data?.services ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(draft);
  };
  const field = (key: 'text' | 'trace', label: string, placeholder: string) => (
    <div className={`field ${key}`}>
      <label htmlFor={`logs-${key}`}>{label}</label>
      <input
        id={`logs-${key}`}
        className="input"
        placeholder={placeholder}
        spellCheck={false}
        value={draft[key] ?? ''}
        onChange={(event) => setDraft({ ...draft, [key]: event.target.value })}
      />
    </div>
  );
  return (
    <form className="page-form" onSubmit={submit} aria-label="Search log lines">
      <Suggest
        label="Service"
        placeholder="All services"
        value={draft.service ?? ''}
        items={services}
        onChange={(service) => setDraft({ ...draft, service })}
      />
      <div className="field">
        <label htmlFor="logs-severity">Severity</label>
        <select
          id="logs-severity"
          className="select"
          value={draft.severity ?? ''}
          onChange={(event) => {
            const { severity: _, ...rest } = draft;
            const severity = event.target.value as LogSeverity | '';
            onSearch(severity === '' ? rest : { ...rest, severity });
          }}
        >
          <option value="">All</option>
          {logSeverities.map((severity) => (
            <option key={severity} value={severity}>
              {severity === 'fatal' ? severity : `${severity} and worse`}
            </option>
          ))}
        </select>
      </div>
      {field('text', 'Text', 'part of the line')}
      {field('trace', 'Trace id', 'all traces')}
      <LookbackSelect
        value={draft.lookback ?? defaultLookback}
        onChange={(lookback) => onSearch({ ...draft, lookback })}
      />
      <button type="submit" className="button primary">
        Find lines
      </button>
    </form>
  );
}
