import { parseTraceId } from '@spanwise/model';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { AppBar } from '../features/status/app-bar.tsx';
import { TraceHeader } from '../features/trace/trace-header.tsx';
import { TraceMissing, TraceSkeleton } from '../features/trace/trace-states.tsx';
import { TraceView } from '../features/trace/trace-view.tsx';
import { useTrace } from '../features/trace/use-trace.ts';
import { NotFoundPage } from './not-found-page.tsx';

export function TracePage() {
  const text = useParams({ from: '/trace/$traceId', select: (params) => params.traceId });
  const traceId = parseTraceId(text);
  const navigate = useNavigate();
  useEffect(() => {
    // Other spellings (upper case, without leading zeros) become the one.
    if (traceId === undefined || traceId === text) return;
    void navigate({ to: '/trace/$traceId', params: { traceId }, search: true, replace: true });
  }, [navigate, traceId, text]);
  if (traceId === undefined) return <NotFoundPage />;
  return <KnownId key={traceId} traceId={traceId} />;
}

function KnownId({ traceId }: { readonly traceId: string }) {
  const state = useSearch({ from: '/trace/$traceId' });
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data, error, refetch, failureReason, errorUpdateCount } = useTrace(traceId);
  useEffect(() => {
    if (data === undefined) {
      document.title = `${traceId.slice(0, 8)} · Spanwise`;
      return;
    }
    const { columns } = data;
    const root = columns.parentRow.indexOf(-1);
    document.title = `${columns.names[columns.nameIndex[Math.max(0, root)]!] ?? 'trace'} · Spanwise`;
  }, [data, traceId]);
  const failure = error ?? failureReason;
  return (
    <>
      <a className="skip-link" href="#spans">
        Skip to the spans
      </a>
      <AppBar>
        {data === undefined ? (
          <div className="trace-header">
            <h1 className="visually-hidden">Trace {traceId}</h1>
          </div>
        ) : (
          <TraceHeader columns={data.columns} />
        )}
      </AppBar>
      {data !== undefined ? (
        <TraceView trace={data} state={state} />
      ) : failure !== null ? (
        <main id="spans">
          <TraceMissing
            error={failure}
            traceId={traceId}
            tries={errorUpdateCount}
            onRetry={() => void refetch()}
          />
        </main>
      ) : (
        <main id="spans">
          <TraceSkeleton
            onCancel={() => {
              void client.cancelQueries({ queryKey: ['trace', traceId] });
              void navigate({ to: '/search' });
            }}
          />
        </main>
      )}
    </>
  );
}
