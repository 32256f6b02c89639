import type { FoundSpanDto, SearchGroupsResponse, SearchSpansResponse } from '@spanwise/api';
import { useQuery } from '@tanstack/react-query';
import { getJson } from '../../api/client.ts';
import { formatConditions, parseConditions } from '../../filter/conditions.ts';
import { writeForm } from '../../filter/form-conditions.ts';

export interface TypicalTrace {
  readonly root: FoundSpanDto;
  /** Of the durations of `count` roots. */
  readonly medianNanos: number;
  readonly count: number;
}

const lookback = '7d';

/**
 * The trace whose root took what is usual among those with the same root in the last days: the first one not below
 * the median. Absence: undefined while nobody knows, null where there is no other.
 */
export function useTypicalTrace(
  root: { readonly service: string; readonly name: string } | undefined,
  otherThan: string | undefined,
): TypicalTrace | null | undefined {
  return useQuery({
    queryKey: ['typical', root?.service, root?.name, otherThan],
    enabled: root !== undefined,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<TypicalTrace | null> => {
      const filter = rootFilter(root?.service ?? '', root?.name ?? '');
      const groups = await getJson<SearchGroupsResponse>(
        `/api/v1/search/groups?${new URLSearchParams({ filter, lookback })}`,
        signal,
      );
      const [all] = groups.groups;
      if (all === undefined) return null;
      const found = await getJson<SearchSpansResponse>(
        `/api/v1/search/spans?${new URLSearchParams({
          // The median is exact: it is the duration of one of them.
          filter: `${filter} and duration >= ${all.p50Nanos}ns`,
          lookback,
          order: 'duration',
          direction: 'asc',
          limit: '2',
        })}`,
        signal,
      );
      const span = found.spans.find(({ traceId }) => traceId !== otherThan);
      return span === undefined ? null : { root: span, medianNanos: all.p50Nanos, count: all.count };
    },
  }).data;
}

/** Traces with this root, by their root. */
export function rootFilter(service: string, name: string): string {
  const conditions = parseConditions('root = true') ?? [];
  const named = writeForm(conditions, 'service', service) ?? conditions;
  return formatConditions(writeForm(named, 'operation', name) ?? named);
}
