import type {
  SearchedDto,
  SearchSpansResponse,
  SearchTracesResponse,
  TotalDto,
  UnknownKeyDto,
} from '@spanwise/api';
import { formatFilter, type NamedAttribute } from '@spanwise/filter';
import { didYouMean, type UnixNano } from '@spanwise/model';
import type { Found, Search, TraceReader } from '@spanwise/store';
import type { z } from 'zod';
import { limits } from '../../../limits.ts';
import { invalidParameter, QueryError } from '../../query-error.ts';
import { toFoundSpanDto, toSummaryDto } from '../to-dto.ts';
import type { FrozenLists } from './frozen-lists.ts';
import { isOverBudget, pagesOf, searchFor, withinBudget } from './prepare-search.ts';
import {
  endOfMoment,
  formatSearchCursor,
  type Pages,
  parseSearchCursor,
  questionMark,
  type SearchCursor,
} from './search-cursor.ts';
import {
  filterOf,
  type SearchedParameters,
  type searchSpansParameters,
  type searchTracesParameters,
} from './search-parameters.ts';

interface ListedParameters extends SearchedParameters {
  readonly order: string;
  readonly direction: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

const directions = { asc: 'ascending', desc: 'descending' } as const;

export async function listSpans(
  reader: TraceReader,
  tenant: number,
  asked: z.output<typeof searchSpansParameters>,
  now: number,
): Promise<SearchSpansResponse> {
  const { filter, attributes } = filterOf(asked.filter);
  const mark = markOf('spans', asked, formatFilter(filter));
  const cursor = cursorOf(mark, asked, 'place');
  const pages = cursor?.pages ?? (await pagesOf(reader, tenant, asked, now));
  if (pages === undefined || pages.from > pages.to) return { spans: [], ...nothing };
  const search = await searchFor(reader, tenant, filter, pages);
  const [found, total] = await Promise.all([
    withinBudget(
      reader.searchSpans(tenant, {
        ...search,
        order: asked.order,
        direction: directions[asked.direction],
        limit: asked.limit,
        ...(cursor === undefined ? {} : { after: cursor.place }),
      }),
    ),
    cursor === undefined ? withinBudget(countAll(reader, tenant, search, 'spans')) : undefined,
  ]);
  const last = found.items.at(-1)?.place;
  const isByTime = asked.order === 'time';
  const place =
    found.completeTo !== undefined && isByTime && found.items.length < asked.limit
      ? endOfMoment(found.completeTo)
      : last;
  // What the budget left out of the first page is on no page, or pages would not be in order.
  const following: Pages =
    found.completeTo !== undefined && !isByTime ? { ...pages, from: found.completeTo } : pages;
  return {
    spans: found.items.map(toFoundSpanDto),
    searched: searchedOf(pages, asked, found),
    ...totalOf(total, found.items.length),
    ...(found.hasMore && place !== undefined
      ? { next: formatSearchCursor(mark, { type: 'place', pages: following, place }) }
      : {}),
    ...(await unknownKeys(reader, tenant, attributes, cursor === undefined && found.items.length === 0)),
  };
}

export async function listTraces(
  reader: TraceReader,
  tenant: number,
  asked: z.output<typeof searchTracesParameters>,
  now: number,
  frozen: FrozenLists,
): Promise<SearchTracesResponse> {
  const { order } = asked;
  if (order !== 'time') return listTopTraces(reader, tenant, { ...asked, order }, now, frozen);
  const { filter, attributes } = filterOf(asked.filter);
  const mark = markOf('traces', asked, formatFilter(filter));
  const cursor = cursorOf(mark, asked, 'place');
  const pages = cursor?.pages ?? (await pagesOf(reader, tenant, asked, now));
  if (pages === undefined || pages.from > pages.to) return { traces: [], ...nothing };
  const search = await searchFor(reader, tenant, filter, pages);
  const [found, total] = await Promise.all([
    withinBudget(
      reader.searchTraceIds(tenant, {
        ...search,
        direction: directions[asked.direction],
        limit: asked.limit,
        ...(cursor === undefined ? {} : { after: cursor.place }),
      }),
    ),
    cursor === undefined ? withinBudget(countAll(reader, tenant, search, 'traces')) : undefined,
  ]);
  const last = found.items.at(-1);
  const place =
    found.completeTo !== undefined && found.items.length < asked.limit
      ? endOfMoment(found.completeTo)
      : last && { ...endOfMoment(last.startTimeUnixNano), traceId: last.traceId };
  const summaries = await reader.summaries(
    tenant,
    found.items.map(({ traceId }) => traceId),
  );
  return {
    traces: summaries.map(toSummaryDto),
    searched: searchedOf(pages, asked, found),
    ...totalOf(total, found.items.length),
    ...(found.hasMore && place !== undefined
      ? { next: formatSearchCursor(mark, { type: 'place', pages, place }) }
      : {}),
    ...(await unknownKeys(reader, tenant, attributes, cursor === undefined && found.items.length === 0)),
  };
}

type TopTraceParameters = z.output<typeof searchTracesParameters> & {
  readonly order: Exclude<z.output<typeof searchTracesParameters>['order'], 'time'>;
};

/** By a number that may change: the list is made once, and its pages are cut from it. */
async function listTopTraces(
  reader: TraceReader,
  tenant: number,
  asked: TopTraceParameters,
  now: number,
  frozen: FrozenLists,
): Promise<SearchTracesResponse> {
  const { filter, attributes } = filterOf(asked.filter);
  const mark = markOf('traces', asked, formatFilter(filter));
  const cursor = cursorOf(mark, asked, 'frozen');
  const page = async (list: string, ids: readonly SearchTraceId[], offset: number) => {
    const end = offset + asked.limit;
    const summaries = await reader.summaries(tenant, ids.slice(offset, end));
    return {
      traces: summaries.map(toSummaryDto),
      ...(end < ids.length ? { next: formatSearchCursor(mark, { type: 'frozen', list, offset: end }) } : {}),
    };
  };
  if (cursor !== undefined) {
    const list = frozen.find(cursor.list);
    if (list === undefined) {
      throw new QueryError(410, 'cursor_expired', 'the list is forgotten; ask for the first page again');
    }
    const { searched, ids } = list;
    return { ...(await page(cursor.list, ids, cursor.offset)), searched };
  }
  const pages = await pagesOf(reader, tenant, asked, now);
  if (pages === undefined || pages.from > pages.to) return { traces: [], ...nothing };
  const search = await searchFor(reader, tenant, filter, pages);
  const found = await withinBudget(
    reader.topTraceIds(tenant, {
      ...search,
      order: asked.order,
      direction: directions[asked.direction],
      limit: limits.searchFrozenIds.value,
    }),
  );
  const ids = found.items.slice(0, limits.searchFrozenIds.value);
  const searched = searchedOf(pages, asked, found);
  const list = ids.length > asked.limit ? frozen.add({ ids, searched }) : '';
  return {
    ...(await page(list, ids, 0)),
    searched,
    total: { count: ids.length, exact: !found.hasMore && found.completeTo === undefined },
    ...(await unknownKeys(reader, tenant, attributes, ids.length === 0)),
  };
}

type SearchTraceId = Parameters<TraceReader['summaries']>[1][number];

const nothing = {
  searched: { fromUnixNano: '0', toUnixNano: '0', complete: true },
  total: { count: 0, exact: true },
} as const;

function markOf(of: 'spans' | 'traces', asked: ListedParameters, filter: string): string {
  const { start, end, lookback, order, direction } = asked;
  return questionMark([of, filter, start, end, lookback, order, direction]);
}

function cursorOf<Type extends SearchCursor['type']>(
  mark: string,
  { cursor }: ListedParameters,
  type: Type,
): (SearchCursor & { readonly type: Type }) | undefined {
  if (cursor === undefined) return undefined;
  const parsed = parseSearchCursor(mark, cursor);
  if (parsed?.type !== type) {
    throw invalidParameter('cursor', 'expected `next` of an earlier answer to the same question');
  }
  return parsed as SearchCursor & { readonly type: Type };
}

function searchedOf(
  pages: Pages,
  { order, direction }: ListedParameters,
  { completeTo }: Found<unknown>,
): SearchedDto {
  const isUpwards = order === 'time' && direction === 'asc';
  const window = (from: UnixNano, to: UnixNano) => ({ fromUnixNano: String(from), toUnixNano: String(to) });
  if (completeTo === undefined) return { ...window(pages.from, pages.to), complete: true };
  const searched = isUpwards ? window(pages.from, completeTo) : window(completeTo, pages.to);
  return { ...searched, complete: false };
}

/** Absence: undefined where counting takes too long. */
async function countAll(
  reader: TraceReader,
  tenant: number,
  search: Search,
  of: 'spans' | 'traces',
): Promise<TotalDto | 'unknown'> {
  const most = limits.searchTotal.value;
  try {
    const count = await reader.countMatches(tenant, search, of, most);
    return count > most ? { count: most, exact: false } : { count, exact: true };
  } catch (error) {
    if (isOverBudget(error)) return 'unknown';
    throw error;
  }
}

/** What is on the page is there at least. */
function totalOf(total: TotalDto | 'unknown' | undefined, found: number): { readonly total?: TotalDto } {
  if (total === undefined) return {};
  return { total: total === 'unknown' ? { count: found, exact: false } : total };
}

/** Where nothing was found: keys that nobody has sent, with what was perhaps meant. */
async function unknownKeys(
  reader: TraceReader,
  tenant: number,
  attributes: readonly NamedAttribute[],
  isAsked: boolean,
): Promise<{ readonly unknownKeys?: readonly UnknownKeyDto[] }> {
  if (!isAsked || attributes.length === 0) return {};
  const known = await reader.attributeKeys(tenant, { limit: limits.catalogueKeys.value });
  // The catalogue has no more to say where it is full, and nothing before it is filled.
  if (known.length === 0 || known.length === limits.catalogueKeys.value) return {};
  const keys = [...new Set(known.map(({ key }) => key))];
  const unknown = attributes.filter(
    ({ key, level }) => !known.some((one) => one.key === key && (level === undefined || one.level === level)),
  );
  if (unknown.length === 0) return {};
  return {
    unknownKeys: unknown.map(({ key, from, to }) => {
      const meant = didYouMean(
        key,
        keys.filter((one) => one !== key),
      );
      return { key, position: { from, to }, ...(meant === undefined ? {} : { didYouMean: meant }) };
    }),
  };
}
