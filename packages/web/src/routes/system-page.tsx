import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { instrumentationQuery, systemQuery } from '../api/queries.ts';
import { AppBar, PageLinks, TraceIdBox } from '../features/status/app-bar.tsx';
import { StatusLine } from '../features/status/status-line.tsx';
import { Instrumentation } from '../features/system/instrumentation.tsx';
import { SystemReport } from '../features/system/system-report.tsx';
import { usePreferences } from '../state/preferences.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { formatDateTime } from '../ui/format.ts';

/** What the server tells about itself, every two seconds. */
export function SystemPage() {
  const { zone } = usePreferences();
  const reply = useQuery(systemQuery);
  const system = reply.data;
  const instrumentation = useQuery(instrumentationQuery).data;
  useEffect(() => {
    document.title = 'System · Spanwise';
  }, []);
  return (
    <>
      <AppBar>
        <PageLinks />
        <TraceIdBox />
      </AppBar>
      <div className="page-form">
        <h1>
          System{' '}
          {system !== undefined && (
            <span className="dim">
              · Spanwise {system.version}, since {formatDateTime(system.startedAtMillis, zone)}
            </span>
          )}
        </h1>
        {system !== undefined && system.status !== 'StatusOK' && (
          <strong className="error-text" role="status">
            {system.reason ?? system.status}
          </strong>
        )}
      </div>
      <main className="page-main">
        {reply.error !== null && system === undefined ? (
          <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />
        ) : (
          system !== undefined && (
            <>
              {system.warnings.length > 0 && (
                <ul className="system-warnings warning-text">
                  {system.warnings.map((warning) => (
                    <li key={warning}>{warning}</li>
                  ))}
                </ul>
              )}
              <SystemReport system={system} />
              {instrumentation !== undefined && (
                <Instrumentation instrumentation={instrumentation} zone={zone} />
              )}
            </>
          )
        )}
      </main>
      <StatusLine />
    </>
  );
}
