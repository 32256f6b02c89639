import type { FoundSpanDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, memo } from 'react';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { usePreferences } from '../../state/preferences.ts';
import type { SearchState } from '../../state/search-url.ts';
import {
  formatAgo,
  formatCost,
  formatCount,
  formatDateTime,
  formatDuration,
  millisOf,
} from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { SortableHead } from '../../ui/sortable-head.tsx';
import { useNow } from '../../ui/use-clock.ts';
import { directionOf, orderedBy, tokensOf } from './list-order.ts';

export interface SpanTableProps {
  readonly spans: readonly FoundSpanDto[];
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
}

const columns = [
  ['time', 'Start', 'col-start'],
  ['duration', 'Duration', 'col-duration'],
  ['tokens', 'Tokens', 'col-number'],
  ['cost', 'Cost', 'col-number'],
] as const;

/** Spans that match, each leading to its place in its trace. */
export function SpanTable({ spans, state, onSearch }: SpanTableProps) {
  const now = useNow(10_000);
  const longest = spans.reduce((most, span) => Math.max(most, span.durationNanos), 1);
  return (
    <table className="results">
      <thead>
        <tr>
          <th scope="col">Span</th>
          <th scope="col" className="col-kind">
            Kind
          </th>
          {columns.map(([order, label, className]) => (
            <SortableHead
              key={label}
              className={className}
              direction={directionOf(state, order)}
              onSort={() => onSearch(orderedBy(state, order))}
            >
              {label}
            </SortableHead>
          ))}
        </tr>
      </thead>
      <tbody>
        {spans.map((span) => (
          <SpanRow
            key={`${span.traceId} ${span.spanId}`}
            span={span}
            now={now}
            share={span.durationNanos / longest}
          />
        ))}
      </tbody>
    </table>
  );
}

interface SpanRowProps {
  readonly span: FoundSpanDto;
  readonly now: number;
  /** Of the longest duration on the page. */
  readonly share: number;
}

const SpanRow = memo(function SpanRow({ span, now, share }: SpanRowProps) {
  const { zone } = usePreferences();
  const slotOf = useServiceSlots();
  const startMillis = millisOf(span.startTimeUnixNano);
  const isFailed = span.status === 'error';
  const pill = span.model ?? span.tool ?? span.agent;
  return (
    <tr className={isFailed ? 'has-error' : undefined}>
      <td className="cut">
        <ServiceDot slot={slotOf(span.service)} />{' '}
        <Link
          to="/trace/$traceId"
          params={{ traceId: span.traceId }}
          search={{ span: span.spanId }}
          className="row-link"
        >
          <span className="dim">{span.service} › </span>
          <strong>{span.name}</strong>
        </Link>
        {isFailed && (
          <span className="error-text error-mark" role="img" aria-label="failed" title="Status: error">
            <Icon name="error" />
          </span>
        )}
        {pill !== undefined && !span.name.includes(pill) && <span className="pill">{pill}</span>}
      </td>
      <td className="dim">{span.kind === 'unspecified' ? '–' : span.kind}</td>
      <td className="number dim">
        <time dateTime={new Date(startMillis).toISOString()} title={formatDateTime(startMillis, zone)}>
          {formatAgo(startMillis, now)}
        </time>
      </td>
      <td className="duration-cell">
        <span className="number">{formatDuration(span.durationNanos)}</span>
        <span className="duration-bar" style={{ '--share': share } as CSSProperties} />
      </td>
      <td className="number">{formatCount(tokensOf(span))}</td>
      <td className="number">{formatCost(span.cost)}</td>
    </tr>
  );
});
