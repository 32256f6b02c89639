import type { UnknownKeyDto } from '@spanwise/api';
import { useQuery } from '@tanstack/react-query';
import { servicesQuery, statusQuery } from '../../api/queries.ts';
import { formatConditions, parseConditions } from '../../filter/conditions.ts';
import { readForm, writeForm } from '../../filter/form-conditions.ts';
import { defaultLookback, type SearchState, withFilter, withLookback } from '../../state/search-url.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { widerLookback } from '../../ui/lookbacks.ts';

export interface EmptyResultProps {
  readonly state: SearchState;
  readonly unknownKeys: readonly UnknownKeyDto[];
  readonly onSearch: (state: SearchState) => void;
}

/** Says why there is nothing, and what to do. */
export function EmptyResult({ state, unknownKeys, onSearch }: EmptyResultProps) {
  const services = useQuery(servicesQuery).data?.services;
  const conditions = parseConditions(state.filter ?? '') ?? [];
  const { service } = readForm(conditions);
  if (services?.length === 0) return <FirstSpan />;
  if (service !== '' && services?.includes(service) === false) {
    const others = formatConditions(writeForm(conditions, 'service', '') ?? []);
    return (
      <section className="state">
        <h2>No service called “{service}”</h2>
        <p>
          No span of a service by that name was ever stored. Its name is the resource attribute service.name.
        </p>
        <button type="button" className="button" onClick={() => onSearch(withFilter(state, others))}>
          Search all services
        </button>
      </section>
    );
  }
  const [unknown] = unknownKeys;
  if (unknown !== undefined) return <UnknownKey unknown={unknown} state={state} onSearch={onSearch} />;
  return <NothingInWindow state={state} onSearch={onSearch} />;
}

interface UnknownKeyProps extends Pick<EmptyResultProps, 'state' | 'onSearch'> {
  readonly unknown: UnknownKeyDto;
}

function UnknownKey({ unknown, state, onSearch }: UnknownKeyProps) {
  const { key, didYouMean, position } = unknown;
  const filter = state.filter ?? '';
  const meant = `${filter.slice(0, position.from)}${didYouMean}${filter.slice(position.to)}`;
  return (
    <section className="state">
      <h2>Nobody has sent an attribute “{key}”</h2>
      <p>Attributes are named by their whole key, such as http.response.status_code.</p>
      {didYouMean !== undefined && (
        <button type="button" className="button" onClick={() => onSearch(withFilter(state, meant))}>
          Search for {didYouMean}
        </button>
      )}
    </section>
  );
}

function NothingInWindow({ state, onSearch }: Pick<EmptyResultProps, 'state' | 'onSearch'>) {
  const wider =
    state.start === undefined ? widerLookback(state.lookback ?? defaultLookback) : defaultLookback;
  return (
    <section className="state">
      <h2>Nothing matches in this window</h2>
      <p>Spans are stored, but no single one in this window meets every condition.</p>
      <div className="actions">
        {wider !== undefined && (
          <button type="button" className="button" onClick={() => onSearch(withLookback(state, wider))}>
            Widen to the last {wider}
          </button>
        )}
        {state.filter !== undefined && (
          <button type="button" className="button" onClick={() => onSearch(withFilter(state, ''))}>
            Drop the filter
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
