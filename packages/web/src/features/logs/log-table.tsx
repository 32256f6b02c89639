import type { TraceColumns } from '@spanwise/model';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { logLimit, logsQuery } from '../../api/queries.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { formatCount } from '../../ui/format.ts';
import { formatValue } from '../span-panel/format-value.ts';
import { LogLines } from './log-lines.tsx';
import { severityName } from './severity.ts';

export interface LogTableProps {
  readonly columns: TraceColumns;
  readonly rowOfSpan: ReadonlyMap<string, number>;
  readonly openSpan: string | undefined;
}

/** The trace's log lines by time. Each leads to its span. */
export function LogTable({ columns, rowOfSpan, openSpan }: LogTableProps) {
  const reply = useQuery(logsQuery(columns.traceId));
  const [filter, setFilter] = useState('');
  const [isOnlyErrors, setOnlyErrors] = useState(false);
  const logs = reply.data?.logs;
  const shown = useMemo(() => {
    const word = filter.trim().toLowerCase();
    return logs?.filter((log) => {
      const severity = severityName(log);
      if (isOnlyErrors && severity !== 'error' && severity !== 'fatal') return false;
      if (word === '') return true;
      const attributes = log.attributes.map(({ key, value }) => `${key}=${formatValue(value)}`);
      return [log.service, formatValue(log.body), ...attributes].join(' ').toLowerCase().includes(word);
    });
  }, [logs, filter, isOnlyErrors]);
  if (reply.error !== null && logs === undefined) {
    return <ErrorState error={reply.error} onRetry={() => void reply.refetch()} />;
  }
  return (
    <div className="logs">
      <div className="log-filter">
        <input
          className="input"
          aria-label="Filter log lines"
          placeholder="Filter log lines"
          spellCheck={false}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <button
          type="button"
          className="sort"
          aria-pressed={isOnlyErrors}
          onClick={() => setOnlyErrors(!isOnlyErrors)}
        >
          errors only
        </button>
        {shown !== undefined && logs !== undefined && (
          <span className="dim number">
            {formatCount(shown.length)} of {formatCount(logs.length)}
            {logs.length >= logLimit && ' (the first; there may be more)'}
          </span>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard */}
      <section className="log-scroller" tabIndex={0} aria-label="Log lines by time">
        <LogLines columns={columns} logs={shown} rowOfSpan={rowOfSpan} openSpan={openSpan} />
      </section>
    </div>
  );
}
