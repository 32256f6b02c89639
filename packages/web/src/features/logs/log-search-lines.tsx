import type { LogRecordDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { usePreferences } from '../../state/preferences.ts';
import { formatDateTime, formatTime, millisOf } from '../../ui/format.ts';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { formatValue } from '../span-panel/format-value.ts';
import { severityName } from './severity.ts';

/** Log records of any service, newest first; each leads to its trace. */
export function LogSearchLines({ logs }: { readonly logs: readonly LogRecordDto[] }) {
  const { zone } = usePreferences();
  const slotOf = useServiceSlots();
  return (
    <ol className="log-lines">
      {logs.map((log, index) => {
        const millis = millisOf(log.timeUnixNano);
        const severity = severityName(log);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: log records have no id
          <li key={`${log.timeUnixNano} ${index}`} className={`log-line ${severity}`}>
            <time className="mono dim" title={formatDateTime(millis, zone)}>
              {formatTime(millis, zone)}
            </time>
            <span className="mono severity">{severity}</span>
            <span className="log-origin cut">
              <ServiceDot slot={slotOf(log.service)} /> <span className="dim">{log.service}</span>{' '}
              {log.traceId !== undefined && (
                <Link
                  to="/trace/$traceId"
                  params={{ traceId: log.traceId }}
                  search={log.spanId === undefined ? {} : { span: log.spanId, tab: 'logs' as const }}
                  title="Show where it was written"
                >
                  trace
                </Link>
              )}
            </span>
            <span className="mono log-text">
              {formatValue(log.body)}
              {log.attributes.length > 0 && (
                <span className="dim">
                  {' '}
                  {log.attributes.map(({ key, value }) => `${key}=${formatValue(value)}`).join(' ')}
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
