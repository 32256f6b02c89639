import type { TraceSummaryDto } from '@spanwise/api';
import type { SortOrder } from '../../state/search-url.ts';

export const sortNames = {
  newest: 'newest',
  slowest: 'slowest',
  spans: 'most spans',
  errors: 'most errors',
  tokens: 'most tokens',
} as const satisfies Record<SortOrder, string>;

const weights: Record<Exclude<SortOrder, 'newest'>, (trace: TraceSummaryDto) => number> = {
  slowest: (trace) => trace.durationNanos,
  spans: (trace) => trace.spanCount,
  errors: (trace) => trace.errorCount,
  tokens: (trace) => tokensOf(trace),
};

/** Of these traces only: the server gave the newest that match. Equals stay newest first. */
export function sortTraces(traces: readonly TraceSummaryDto[], order: SortOrder): readonly TraceSummaryDto[] {
  const newest = traces.toSorted(compareNewest);
  if (order === 'newest') return newest;
  const weight = weights[order];
  return newest.sort((a, b) => weight(b) - weight(a));
}

/** Both directions together; -1 where nobody said. */
export function tokensOf(trace: TraceSummaryDto): number {
  if (trace.inputTokens < 0 && trace.outputTokens < 0) return -1;
  return Math.max(0, trace.inputTokens) + Math.max(0, trace.outputTokens);
}

function compareNewest(a: TraceSummaryDto, b: TraceSummaryDto): number {
  const [first, second] = [BigInt(a.startTimeUnixNano), BigInt(b.startTimeUnixNano)];
  return first === second ? 0 : first < second ? 1 : -1;
}
