import type { TraceComparisonDto, TraceSkeletonDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, useMemo } from 'react';
import { useServiceSlots } from '../../api/use-service-slots.ts';
import { formatCount, formatCounted, formatDuration } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { ServiceDot } from '../../ui/service-dot.tsx';
import { type AlignedRow, type AlignedSpan, alignedRows } from './aligned-rows.ts';
import { ChangeBar } from './step-changes.tsx';

/** What a page can hold as plain rows. */
const mostRows = 1_000;

export interface AlignedTableProps {
  readonly comparison: TraceComparisonDto;
  readonly before: TraceSkeletonDto;
  readonly after: TraceSkeletonDto;
}

/** Both trees laid over each other. */
export function AlignedTable({ comparison, before, after }: AlignedTableProps) {
  const slotOf = useServiceSlots();
  const rows = useMemo(() => alignedRows(comparison, before, after, mostRows), [comparison, before, after]);
  const most = rows.reduce((top, row) => Math.max(top, Math.abs(changeOf(row))), 1);
  const { onlyBeforeCount, onlyAfterCount, depth } = comparison;
  return (
    <section aria-labelledby="aligned">
      <h2 id="aligned" className="page-section">
        Span by span
        <span className="dim">
          {formatCounted(comparison.matchedCount, 'span')} in both
          {onlyBeforeCount > 0 && `, ${formatCount(onlyBeforeCount)} only before`}
          {onlyAfterCount > 0 && `, ${formatCount(onlyAfterCount)} only after`}
        </span>
      </h2>
      <table className="results aligned">
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col" className="col-change">
              Change
            </th>
            <th scope="col" className="col-number">
              Before
            </th>
            <th scope="col" className="col-number">
              After
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.before?.spanId ?? ''} ${row.after?.spanId ?? ''}`} className={sideOf(row)}>
              <td className="cut" style={{ '--depth': Math.min(row.depth, 30) } as CSSProperties}>
                <ServiceDot slot={slotOf(row.service)} /> <span className="dim">{row.service} › </span>
                <strong>{row.name}</strong>
                {row.before === undefined && <span className="pill">only after</span>}
                {row.after === undefined && <span className="pill">only before</span>}
              </td>
              <td>
                <ChangeBar nanos={changeOf(row)} most={most} />
              </td>
              <SpanCell traceId={before.traceId} span={row.before} />
              <SpanCell traceId={after.traceId} span={row.after} />
            </tr>
          ))}
        </tbody>
      </table>
      {depth.length > mostRows && (
        <p className="list-end dim">
          The first {formatCount(mostRows)} of {formatCount(depth.length)} rows; the steps above count all.
        </p>
      )}
    </section>
  );
}

interface SpanCellProps {
  readonly traceId: string;
  readonly span: AlignedSpan | undefined;
}

function SpanCell({ traceId, span }: SpanCellProps) {
  if (span === undefined) return <td className="number dim">–</td>;
  return (
    <td className="number">
      {span.isFailed && (
        <span className="error-text" role="img" aria-label="failed">
          <Icon name="error" />
        </span>
      )}{' '}
      <Link to="/trace/$traceId" params={{ traceId }} search={{ span: span.spanId }}>
        {formatDuration(span.durationNanos)}
      </Link>
    </td>
  );
}

function changeOf({ before, after }: AlignedRow): number {
  return (after?.durationNanos ?? 0) - (before?.durationNanos ?? 0);
}

function sideOf({ before, after }: AlignedRow): string | undefined {
  if (before === undefined) return 'only-after';
  return after === undefined ? 'only-before' : undefined;
}
