import type { TraceSummaryDto } from '@spanwise/api';

export interface LiveList {
  readonly shown: readonly TraceSummaryDto[];
  /** Found, and kept back until the reader asks. */
  readonly waiting: readonly TraceSummaryDto[];
}

/**
 * Brings news into a list without moving what is being read. A trace that is shown already is brought up to date
 * where it stands; new ones wait while `isHeld`.
 */
export function mergeLive(
  shown: readonly TraceSummaryDto[],
  found: readonly TraceSummaryDto[],
  isHeld: boolean,
): LiveList {
  if (!isHeld || shown.length === 0) return { shown: found, waiting: [] };
  const byId = new Map(found.map((trace) => [trace.traceId, trace]));
  const shownIds = new Set(shown.map((trace) => trace.traceId));
  return {
    shown: shown.map((trace) => byId.get(trace.traceId) ?? trace),
    waiting: found.filter((trace) => !shownIds.has(trace.traceId)),
  };
}
