import type { LogRecordDto } from '@spanwise/api';
import { type TraceColumns, unixMillisFromNano, unixNano } from '@spanwise/model';
import { Link } from '@tanstack/react-router';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { usePreferences } from '../../state/preferences.ts';
import { formatDateTime, formatTime } from '../../ui/format.ts';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { formatValue } from '../span-panel/format-value.ts';
import { severityName } from './severity.ts';

export interface LogLinesProps {
  readonly columns: TraceColumns;
  /** Undefined while they are on their way. */
  readonly logs: readonly LogRecordDto[] | undefined;
  /** Given where the lines are of many spans: then each links to its own. */
  readonly rowOfSpan?: ReadonlyMap<string, number>;
  readonly openSpan?: string | undefined;
}

export function LogLines({ columns, logs, rowOfSpan, openSpan }: LogLinesProps) {
  if (logs === undefined) return null;
  if (logs.length === 0) return <p className="panel-note dim">No log lines.</p>;
  return (
    <ol className={rowOfSpan === undefined ? 'log-lines narrow' : 'log-lines'}>
      {logs.map((log, index) => (
        <LogLine
          // biome-ignore lint/suspicious/noArrayIndexKey: log records have no id
          key={`${log.timeUnixNano} ${index}`}
          columns={columns}
          log={log}
          row={log.spanId === undefined ? undefined : rowOfSpan?.get(log.spanId)}
          hasSpanColumn={rowOfSpan !== undefined}
          isOpen={openSpan !== undefined && log.spanId === openSpan}
        />
      ))}
    </ol>
  );
}

interface LogLineProps {
  readonly columns: TraceColumns;
  readonly log: LogRecordDto;
  readonly row: number | undefined;
  readonly hasSpanColumn: boolean;
  readonly isOpen: boolean;
}

function LogLine({ columns, log, row, hasSpanColumn, isOpen }: LogLineProps) {
  const { zone } = usePreferences();
  const slotOf = useServiceSlots();
  const millis = unixMillisFromNano(unixNano(log.timeUnixNano));
  const severity = severityName(log);
  return (
    <li className={`log-line ${severity}${isOpen ? ' open' : ''}`}>
      <time className="mono dim" title={formatDateTime(millis, zone)}>
        {formatTime(millis, zone)}
      </time>
      <span className="mono severity">{severity}</span>
      {hasSpanColumn && (
        <span className="log-origin cut">
          <ServiceDot slot={slotOf(log.service)} /> <span className="dim">{log.service}</span>{' '}
          {row !== undefined && (
            <Link to="." search={{ span: columns.spanIds[row]! }} title="Show the span">
              {columns.names[columns.nameIndex[row]!]}
            </Link>
          )}
        </span>
      )}
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
}
