import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { searchHeadQuery } from '../../api/queries.ts';
import { usePreferences } from '../../state/preferences.ts';
import { formatCount, formatDateTime, formatDuration, millisOf } from '../../ui/format.ts';
import { rootFilter, useTypicalTrace } from './use-typical-trace.ts';

export interface ChooseOtherProps {
  readonly traceId: string;
  readonly root: { readonly service: string; readonly name: string };
}

/** Traces that began with the same step: what is usual for it, and the newest. */
export function ChooseOther({ traceId, root }: ChooseOtherProps) {
  const { zone } = usePreferences();
  const typical = useTypicalTrace(root, traceId);
  const query = new URLSearchParams({
    filter: rootFilter(root.service, root.name),
    lookback: '7d',
    limit: '11',
  });
  const newest = useQuery(searchHeadQuery(query.toString())).data?.traces;
  const others = newest?.filter((trace) => trace.traceId !== traceId).slice(0, 10) ?? [];
  return (
    <section className="state choose-other">
      <h2>Compare it with …</h2>
      {typical === null || others.length === 0 ? (
        <p>
          {newest === undefined
            ? 'Looking for traces with the same root …'
            : `In the last 7 days there is no other trace of ${root.service} › ${root.name}. Any other trace’s id can be put above.`}
        </p>
      ) : (
        <ul>
          {typical !== undefined && (
            <li>
              <Link to="/compare" search={{ before: typical.root.traceId, after: traceId }}>
                its typical trace
              </Link>{' '}
              <span className="dim">
                {formatDuration(typical.root.durationNanos)}; the median of {formatCount(typical.count)} in 7
                days is {formatDuration(typical.medianNanos)}
              </span>
            </li>
          )}
          {others.map((trace) => (
            <li key={trace.traceId}>
              <Link to="/compare" search={{ before: trace.traceId, after: traceId }}>
                {formatDateTime(millisOf(trace.startTimeUnixNano), zone)}
              </Link>{' '}
              <span className="dim">
                {formatDuration(trace.durationNanos)} · {formatCount(trace.spanCount)} spans
              </span>
              {trace.errorCount > 0 && (
                <span className="error-text"> · {formatCount(trace.errorCount)} failed</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
