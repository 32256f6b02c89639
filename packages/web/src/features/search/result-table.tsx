import type { TraceSummaryDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, memo } from 'react';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { usePreferences } from '../../state/preferences.ts';
import type { SearchState } from '../../state/search-url.ts';
import {
  formatAgo,
  formatCost,
  formatCount,
  formatCounted,
  formatDateTime,
  formatDuration,
  millisOf,
} from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { SortableHead } from '../../ui/sortable-head.tsx';
import { useNow } from '../../ui/use-clock.ts';
import { directionOf, orderedBy, tokensOf } from './list-order.ts';

export interface ResultTableProps {
  readonly traces: readonly TraceSummaryDto[];
  readonly state: SearchState;
  readonly onSearch: (state: SearchState) => void;
}

const columns = [
  ['time', 'Start', 'col-start'],
  ['duration', 'Duration', 'col-duration'],
  [undefined, 'Services', 'col-services'],
  ['spans', 'Spans', 'col-number'],
  ['errors', 'Errors', 'col-number'],
  ['tokens', 'Tokens', 'col-number'],
  ['cost', 'Cost', 'col-number col-cost'],
] as const;

export function ResultTable({ traces, state, onSearch }: ResultTableProps) {
  const now = useNow(10_000);
  const longest = traces.reduce((most, trace) => Math.max(most, trace.durationNanos), 1);
  return (
    <table className="results">
      <thead>
        <tr>
          <th scope="col">Trace</th>
          {columns.map(([order, label, className]) =>
            order === undefined ? (
              <th key={label} scope="col" className={className}>
                {label}
              </th>
            ) : (
              <SortableHead
                key={label}
                className={className}
                direction={directionOf(state, order)}
                onSort={() => onSearch(orderedBy(state, order))}
              >
                {label}
              </SortableHead>
            ),
          )}
        </tr>
      </thead>
      <tbody>
        {traces.map((trace) => (
          <ResultRow key={trace.traceId} trace={trace} now={now} share={trace.durationNanos / longest} />
        ))}
      </tbody>
    </table>
  );
}

interface ResultRowProps {
  readonly trace: TraceSummaryDto;
  readonly now: number;
  /** Of the longest duration on the page. */
  readonly share: number;
}

const ResultRow = memo(function ResultRow({ trace, now, share }: ResultRowProps) {
  const { zone } = usePreferences();
  const startMillis = millisOf(trace.startTimeUnixNano);
  const barStyle = { '--share': share } as CSSProperties;
  return (
    <tr className={trace.errorCount > 0 ? 'has-error' : undefined}>
      <td className="cut">
        <Link to="/trace/$traceId" params={{ traceId: trace.traceId }} className="row-link">
          {trace.rootName === undefined ? (
            <span className="dim">root not here yet</span>
          ) : (
            <>
              <span className="dim">{trace.rootService} › </span>
              <strong>{trace.rootName}</strong>
            </>
          )}
        </Link>
        {trace.models.length > 0 && <span className="pill">{trace.models.join(', ')}</span>}
        {trace.orphanCount > 0 && (
          <span
            className="pill warning"
            title={`${formatCounted(trace.orphanCount, 'span')} without their parent`}
          >
            incomplete
          </span>
        )}
      </td>
      <td className="number dim">
        <time dateTime={new Date(startMillis).toISOString()} title={formatDateTime(startMillis, zone)}>
          {formatAgo(startMillis, now)}
        </time>
      </td>
      <td className="duration-cell">
        <span className="number">{formatDuration(trace.durationNanos)}</span>
        <span className="duration-bar" style={barStyle} />
      </td>
      <td>
        <Services trace={trace} />
      </td>
      <td className="number">{formatCount(trace.spanCount)}</td>
      <td className="number">
        {trace.errorCount > 0 ? (
          <span className="error-text error-count">
            <Icon name="error" />
            {formatCount(trace.errorCount)}
          </span>
        ) : (
          <span className="dim">0</span>
        )}
      </td>
      <td className="number">{formatCount(tokensOf(trace))}</td>
      <td className="number">
        <Cost trace={trace} />
      </td>
    </tr>
  );
});

/** With a mark where it is the least that it can be. */
function Cost({ trace: { cost, unpricedCalls } }: { readonly trace: TraceSummaryDto }) {
  if (cost < 0 || unpricedCalls === 0) return formatCost(cost);
  return (
    <span title={`at least: ${formatCounted(unpricedCalls, 'call')} without a price`}>
      <span aria-hidden="true">≥ </span>
      <span className="visually-hidden">at least </span>
      {formatCost(cost)}
    </span>
  );
}

/** Dots beyond this become a number. */
const dotMax = 10;

function Services({ trace }: { readonly trace: TraceSummaryDto }) {
  const slotOf = useServiceSlots();
  const names = trace.services.map(
    (service) => `${service.name} (${formatCounted(service.spanCount, 'span')})`,
  );
  return (
    <span className="services" role="img" aria-label={names.join(', ')} title={names.join('\n')}>
      {trace.services.slice(0, dotMax).map((service) => (
        <ServiceDot key={service.name} slot={slotOf(service.name)} />
      ))}
      {trace.services.length > dotMax && <span className="dim">+{trace.services.length - dotMax}</span>}
    </span>
  );
}
