import type { TracesResponse } from '@spanwise/api';
import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '../../api/queries.ts';
import { defaultLookback, type SearchState } from '../../state/search-url.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { widerLookback } from './search-form.tsx';

export interface EmptyResultProps {
  readonly reason: NonNullable<TracesResponse['emptyReason']>;
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
}

/** Says why there is nothing, and what to do. */
export function EmptyResult({ reason, state, onSearch }: EmptyResultProps) {
  if (reason === 'nothing_stored') return <FirstSpan />;
  if (reason === 'unknown_service') {
    const { service, operation: _, ...rest } = state;
    return (
      <section className="state">
        <h2>No service called “{service}”</h2>
        <p>
          No span of a service by that name was ever stored. Its name is the resource attribute service.name.
        </p>
        <button type="button" className="button" onClick={() => onSearch(rest)}>
          Search all services
        </button>
      </section>
    );
  }
  return <NothingInWindow state={state} onSearch={onSearch} />;
}

function NothingInWindow({ state, onSearch }: Omit<EmptyResultProps, 'reason'>) {
  const { start, end: _, ...rest } = state;
  const wider = start === undefined ? widerLookback(state.lookback ?? defaultLookback) : defaultLookback;
  const conditions = [state.operation, state.tags, state.minDuration, state.maxDuration].filter(Boolean);
  const { operation: _o, tags: _t, minDuration: _mi, maxDuration: _ma, ...unconditional } = state;
  return (
    <section className="state">
      <h2>No trace matches in this window</h2>
      <p>Spans are stored, but none in this window meets every condition.</p>
      <div className="actions">
        {wider !== undefined && (
          <button type="button" className="button" onClick={() => onSearch({ ...rest, lookback: wider })}>
            Widen to the last {wider}
          </button>
        )}
        {conditions.length > 0 && (
          <button type="button" className="button" onClick={() => onSearch(unconditional)}>
            Drop the other conditions
          </button>
        )}
      </div>
    </section>
  );
}

function FirstSpan() {
  const endpoints = useQuery(statusQuery).data?.endpoints;
  const http = withScheme(endpoints?.otlpHttp ?? '127.0.0.1:4318');
  const command = `OTEL_EXPORTER_OTLP_ENDPOINT=${http} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`;
  return (
    <section className="state">
      <h2>Nothing stored yet</h2>
      <p>Point any OpenTelemetry SDK or Collector at this server. For most SDKs, two variables do it:</p>
      <pre className="mono">
        {command.replace(' ', '\n')} <CopyButton text={command} label="Copy the variables" />
      </pre>
      <p className="dim">
        OTLP over HTTP: {http}
        {endpoints !== undefined && `, over gRPC: ${withScheme(endpoints.otlpGrpc)}`}
      </p>
      <p className="waiting" role="status">
        <span className="waiting-dot" aria-hidden="true" />
        Waiting for your first span …
      </p>
    </section>
  );
}

function withScheme(endpoint: string): string {
  return endpoint.includes('://') ? endpoint : `http://${endpoint}`;
}
