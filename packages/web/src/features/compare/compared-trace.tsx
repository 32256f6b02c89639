import type { TraceSkeletonDto } from '@spanwise/api';
import { Link } from '@tanstack/react-router';
import { usePreferences } from '../../state/preferences.ts';
import { formatCounted, formatDateTime, formatDuration, millisOf } from '../../ui/format.ts';

export interface ComparedTraceProps {
  readonly side: 'Before' | 'After';
  readonly trace: TraceSkeletonDto;
}

/** Which of the two it is, in one line. */
export function ComparedTrace({ side, trace }: ComparedTraceProps) {
  const { zone } = usePreferences();
  const root = rootOf(trace);
  return (
    <p className="compared">
      <span className="compared-side dim">{side}</span>
      <Link to="/trace/$traceId" params={{ traceId: trace.traceId }}>
        {root === undefined ? 'root not here yet' : `${root.service} › ${root.name}`}
      </Link>
      <strong className="number">{formatDuration(trace.durationNanos)}</strong>
      <span className="dim">
        {formatDateTime(millisOf(trace.startTimeUnixNano), zone)} · {formatCounted(trace.spanCount, 'span')}
      </span>
      <span className="mono dim">{trace.traceId}</span>
    </p>
  );
}

/** Absence: undefined while no span without a parent has arrived. */
export function rootOf(
  trace: TraceSkeletonDto,
): { readonly service: string; readonly name: string } | undefined {
  const row = trace.parentRow.indexOf(-1);
  if (row === -1) return undefined;
  return {
    service: trace.services[trace.serviceIndex[row]!] ?? '',
    name: trace.names[trace.nameIndex[row]!] ?? '',
  };
}
