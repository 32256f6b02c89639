import type {
  AttributesResponse,
  CallsResponse,
  InstrumentationResponse,
  LogSearchResponse,
  LogsResponse,
  OperationsResponse,
  SearchGroupsResponse,
  SearchHeatmapResponse,
  SearchSpansResponse,
  SearchTracesResponse,
  SearchValuesResponse,
  ServicesResponse,
  SpansResponse,
  StatsResponse,
  StatusResponse,
  SystemResponse,
  TraceAnalysisDto,
  TraceComparisonDto,
  TraceSkeletonDto,
} from '@spanwise/api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { getJson } from './client.ts';

/** Every question that the pages ask, with how long an answer may be reused. */

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => getJson<ServicesResponse>('/api/v1/services', signal),
  staleTime: 30_000,
});

export function operationsQuery(service: string) {
  return queryOptions({
    queryKey: ['operations', service],
    queryFn: ({ signal }) =>
      getJson<OperationsResponse>(`/api/v1/operations?service=${encodeURIComponent(service)}`, signal),
    enabled: service !== '',
    staleTime: 30_000,
  });
}

/** Keys of attributes that were sent, for who types a filter. */
export const attributesQuery = queryOptions({
  queryKey: ['attributes'],
  queryFn: ({ signal }) => getJson<AttributesResponse>('/api/v1/attributes?limit=5000', signal),
  staleTime: 60_000,
});

/** `query` is the query string of the API, without `?`; this and the following. */
export function searchTracesQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ['search', 'traces', query],
    queryFn: ({ signal, pageParam }) =>
      getJson<SearchTracesResponse>(`/api/v1/search/traces?${query}${cursorOf(pageParam)}`, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** What is newest now: the first page once more. */
export function searchHeadQuery(query: string) {
  return queryOptions({
    queryKey: ['search', 'head', query],
    queryFn: ({ signal }) => getJson<SearchTracesResponse>(`/api/v1/search/traces?${query}`, signal),
  });
}

export function searchSpansQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ['search', 'spans', query],
    queryFn: ({ signal, pageParam }) =>
      getJson<SearchSpansResponse>(`/api/v1/search/spans?${query}${cursorOf(pageParam)}`, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

export function searchGroupsQuery(query: string) {
  return queryOptions({
    queryKey: ['search', 'groups', query],
    queryFn: ({ signal }) => getJson<SearchGroupsResponse>(`/api/v1/search/groups?${query}`, signal),
    placeholderData: keepPreviousData,
  });
}

export function searchHeatmapQuery(query: string, isOn: boolean) {
  return queryOptions({
    queryKey: ['search', 'heatmap', query],
    queryFn: ({ signal }) => getJson<SearchHeatmapResponse>(`/api/v1/search/heatmap?${query}`, signal),
    enabled: isOn,
    placeholderData: keepPreviousData,
  });
}

/** What spans say in one field, most frequent first. */
export function searchValuesQuery(query: string, isOn: boolean) {
  return queryOptions({
    queryKey: ['search', 'values', query],
    queryFn: ({ signal }) => getJson<SearchValuesResponse>(`/api/v1/search/values?${query}`, signal),
    enabled: isOn,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

function cursorOf(cursor: string): string {
  return cursor === '' ? '' : `&cursor=${cursor}`;
}

export function analysisQuery(traceId: string, version: string | undefined) {
  return queryOptions({
    queryKey: ['analysis', traceId, version],
    queryFn: ({ signal }) => getJson<TraceAnalysisDto>(`/api/v1/traces/${traceId}/analysis`, signal),
    enabled: version !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Two traces laid over each other; nothing is asked while an id is empty. */
export function comparisonQuery(before: string, after: string) {
  return queryOptions({
    queryKey: ['comparison', before, after],
    queryFn: ({ signal }) =>
      getJson<TraceComparisonDto>(`/api/v1/compare?before=${before}&after=${after}`, signal),
    enabled: before !== '' && after !== '',
  });
}

export function skeletonQuery(traceId: string) {
  return queryOptions({
    queryKey: ['skeleton', traceId],
    queryFn: ({ signal }) => getJson<TraceSkeletonDto>(`/api/v1/traces/${traceId}`, signal),
    enabled: traceId !== '',
  });
}

export function spanQuery(traceId: string, spanId: string, version: string) {
  return queryOptions({
    queryKey: ['span', traceId, spanId, version],
    queryFn: ({ signal }) => getJson<SpansResponse>(`/api/v1/traces/${traceId}/spans?ids=${spanId}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The most that the API gives at once. */
export const logLimit = 5_000;

export function logsQuery(traceId: string) {
  return queryOptions({
    queryKey: ['logs', traceId],
    queryFn: ({ signal }) =>
      getJson<LogsResponse>(`/api/v1/traces/${traceId}/logs?limit=${logLimit}`, signal),
  });
}

/** `query` is the query string of the API, without `?`. Pages go back in time. */
export function logSearchQuery(query: string) {
  return infiniteQueryOptions({
    queryKey: ['log-search', query],
    queryFn: ({ signal, pageParam }) =>
      getJson<LogSearchResponse>(
        `/api/v1/logs?${query}${pageParam === '' ? '' : `&cursor=${pageParam}`}`,
        signal,
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.older,
    placeholderData: keepPreviousData,
  });
}

/** `query` is the query string of the API, without `?`. */
export function statsQuery(query: string, isOn = true) {
  return queryOptions({
    queryKey: ['stats', query],
    queryFn: ({ signal }) => getJson<StatsResponse>(`/api/v1/stats?${query}`, signal),
    enabled: isOn,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

/** `query` is the query string of the API, without `?`. */
export function callsQuery(query: string) {
  return queryOptions({
    queryKey: ['calls', query],
    queryFn: ({ signal }) => getJson<CallsResponse>(`/api/v1/calls?${query}`, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => getJson<SystemResponse>('/api/v1/system', signal),
  refetchInterval: 2_000,
});

export const instrumentationQuery = queryOptions({
  queryKey: ['instrumentation'],
  queryFn: ({ signal }) => getJson<InstrumentationResponse>('/api/v1/instrumentation', signal),
  refetchInterval: 15_000,
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => getJson<StatusResponse>('/api/v1/status', signal),
  refetchInterval: 10_000,
});
