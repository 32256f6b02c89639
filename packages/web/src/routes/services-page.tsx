import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { statsQuery } from '../api/queries.ts';
import { useServiceSlots } from '../api/use-service-slots.ts';
import { FiguresTable } from '../features/services/figures-table.tsx';
import { ServiceCalls } from '../features/services/service-calls.tsx';
import { figuresOfServices, sortFigures } from '../features/services/service-figures.ts';
import { spansOfRow } from '../features/services/spans-of-row.ts';
import { AppBar, PageLinks, TraceIdBox } from '../features/status/app-bar.tsx';
import { StatusLine } from '../features/status/status-line.tsx';
import { defaultLookback, searchFor } from '../state/search-url.ts';
import type { ServicesState } from '../state/services-url.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { LookbackSelect } from '../ui/lookback-select.tsx';
import { ServiceDot } from '../ui/service-dot.tsx';

/** Rates, errors and durations of every service, and of the operations of one. */
export function ServicesPage() {
  const state = useSearch({ from: '/services' });
  const navigate = useNavigate();
  const slotOf = useServiceSlots();
  const lookback = state.lookback ?? defaultLookback;
  const sort = state.sort ?? 'rate';
  const { service } = state;
  const change = (next: Partial<ServicesState>) =>
    void navigate({ to: '/services', search: { ...state, ...next }, replace: true });
  const all = useQuery(statsQuery(`lookback=${lookback}`));
  const requests = useQuery(statsQuery(`lookback=${lookback}&kind=server,consumer`));
  const operations = useQuery(
    statsQuery(
      `by=operation&lookback=${lookback}&service=${encodeURIComponent(service ?? '')}`,
      service !== undefined,
    ),
  );
  const rows = useMemo(
    () => sortFigures(figuresOfServices(requests.data?.rows ?? [], all.data?.rows ?? []), sort),
    [requests.data, all.data, sort],
  );
  const operationRows = useMemo(
    () => sortFigures(operations.data?.rows.filter((row) => row.service === service) ?? [], sort),
    [operations.data, service, sort],
  );
  useEffect(() => {
    document.title = 'Services · Spanwise';
  }, []);
  const error = all.error ?? requests.error;
  return (
    <>
      <a className="skip-link" href="#services">
        Skip to the services
      </a>
      <AppBar>
        <PageLinks />
        <TraceIdBox />
      </AppBar>
      <div className="page-form">
        <h1>Services</h1>
        <LookbackSelect value={lookback} onChange={(next) => change({ lookback: next })} />
      </div>
      <main id="services" className="page-main">
        {error !== null && rows.length === 0 ? (
          <ErrorState error={error} onRetry={() => void Promise.all([all.refetch(), requests.refetch()])} />
        ) : all.data !== undefined && rows.length === 0 ? (
          <section className="state">
            <h2>No spans in this window</h2>
            <p>Widen the look-back, or send spans: the status line below says where to.</p>
          </section>
        ) : (
          <FiguresTable
            what="Service"
            rows={rows}
            sort={sort}
            onSort={(order) => change({ sort: order })}
            isChosen={(row) => row.service === service}
            spansOf={(row, which) => spansOfRow({ row, unit: row.unit, lookback }, which)}
            name={(row) => (
              <Link
                to="/services"
                search={{ ...state, service: row.service }}
                className="row-link"
                aria-expanded={row.service === service}
              >
                <ServiceDot slot={slotOf(row.service)} /> <strong>{row.service}</strong>
                {row.unit === 'spans' && <span className="dim"> · all spans: it takes no requests</span>}
              </Link>
            )}
          />
        )}
        {service !== undefined && operationRows.length > 0 && (
          <section aria-labelledby="operations">
            <h2 id="operations" className="page-section">
              <ServiceDot slot={slotOf(service)} /> Operations of {service}
              <Link to="/search" search={searchFor({ service }, lookback)}>
                Find its traces
              </Link>
            </h2>
            <ServiceCalls service={service} lookback={lookback} />
            <FiguresTable
              what="Operation"
              rows={operationRows}
              sort={sort}
              onSort={(order) => change({ sort: order })}
              spansOf={(row, which) => spansOfRow({ row, unit: 'spans', lookback }, which)}
              name={(row) => (
                <Link
                  to="/search"
                  search={searchFor({ service, name: row.operation }, lookback)}
                  className="row-link"
                  title="Find its traces"
                >
                  <strong>{row.operation}</strong> <span className="dim">{row.kind}</span>
                </Link>
              )}
            />
          </section>
        )}
      </main>
      <StatusLine />
    </>
  );
}
