import type { FoundSpanDto, TraceSummaryDto } from '@spanwise/api';
import type { Filter } from '@spanwise/filter';
import type { TraceReader } from '@spanwise/store';
import { limits } from '../../../limits.ts';
import { searchFor, withinBudget } from '../search/prepare-search.ts';
import { toFoundSpanDto, toSummaryDto } from '../to-dto.ts';

/** What matches in some segments: the newest by start, oldest first. */
export interface TailRound {
  readonly event: 'span' | 'trace';
  readonly items: readonly (FoundSpanDto | TraceSummaryDto)[];
  /** Matches that are not among `items`; -1: nobody knows, because looking took too long. */
  readonly dropped: number;
}

/** Of segments after `after` and up to `upTo`. Errors: as searches. */
export async function readTailRound(
  reader: TraceReader,
  tenant: number,
  filter: Filter,
  of: 'spans' | 'traces',
  [after, upTo]: readonly [after: bigint, upTo: bigint],
  now: number,
): Promise<TailRound> {
  const event = of === 'spans' ? 'span' : 'trace';
  const window = await reader.arrivals(tenant, after, upTo);
  if (window === undefined) return { event, items: [], dropped: 0 };
  const pages = { ...window, ingestSeq: upTo, asOfMillis: now };
  const search = { ...(await searchFor(reader, tenant, filter, pages)), afterSeq: after };
  const limit = limits.tailResults.value;
  const listed = { ...search, direction: 'descending', limit } as const;
  const { items, hasMore } = await withinBudget<{
    readonly items: TailRound['items'];
    readonly hasMore: boolean;
  }>(
    of === 'spans'
      ? reader
          .searchSpans(tenant, { ...listed, order: 'time' })
          .then((found) => ({ ...found, items: found.items.map(toFoundSpanDto) }))
      : reader.searchTraceIds(tenant, listed).then(async (found) => ({
          ...found,
          items: (
            await reader.summaries(
              tenant,
              found.items.map(({ traceId }) => traceId),
            )
          ).map(toSummaryDto),
        })),
  );
  const total = hasMore
    ? await withinBudget(reader.countMatches(tenant, search, of, limits.tailCounted.value))
    : items.length;
  return { event, items: items.toReversed(), dropped: Math.max(0, total - items.length) };
}
