import type { IntrinsicName } from '@spanwise/filter';
import { equality, formatConditions, parseConditions } from '../filter/conditions.ts';
import { formSlots, writeForm } from '../filter/form-conditions.ts';

/** The search page's state as it stands in its URL. */
export interface SearchState {
  /** In the filter language, kept as typed: the same text works in the API and in `spanwise search`. */
  readonly filter?: string;
  /** `1h`; absent with `start` and `end`. */
  readonly lookback?: string;
  /** Unix milliseconds; both or none. */
  readonly start?: number;
  readonly end?: number;
  /** Absent: traces. */
  readonly show?: 'spans' | 'groups';
  /** Absent: by time. */
  readonly order?: SearchOrder;
  /** Absent: the newest, or largest, first. */
  readonly direction?: 'asc';
  /** What groups are made by, as the API takes it. */
  readonly by?: string;
  /** `off` stops new traces from coming in; they do by default. */
  readonly live?: 'off';
}

export const searchOrders = ['time', 'duration', 'spans', 'errors', 'tokens', 'cost'] as const;
export type SearchOrder = (typeof searchOrders)[number];

export const searchViews = ['traces', 'spans', 'groups'] as const;
export type SearchView = (typeof searchViews)[number];

export const defaultLookback = '1h';
export const defaultGroups = 'service,name';
/** Rows that come at once. */
export const pageSize = 50;

/** How links said it before there was a filter, and how Jaeger's still do. */
const olderOrders: Readonly<Record<string, SearchOrder>> = {
  slowest: 'duration',
  spans: 'spans',
  errors: 'errors',
  tokens: 'tokens',
};

/** Total: what makes no sense is left out, so that an old or mangled link still opens. */
export function parseSearchState(query: Readonly<Record<string, unknown>>): SearchState {
  const filter = filterOf(query);
  const start = parseWhole(query.start);
  const end = parseWhole(query.end);
  const isWindow = start !== undefined && end !== undefined && start < end;
  const lookback =
    typeof query.lookback === 'string' && /^\d+[smhdw]$/.test(query.lookback) ? query.lookback : undefined;
  const show = query.show === 'spans' || query.show === 'groups' ? query.show : undefined;
  const asked = typeof query.sort === 'string' ? olderOrders[query.sort] : query.order;
  const order = searchOrders.find((name) => name === asked && name !== 'time');
  const by = typeof query.by === 'string' && query.by.trim() !== '' ? query.by : undefined;
  return {
    ...(filter === '' ? {} : { filter }),
    ...(isWindow ? { start, end } : lookback === undefined ? {} : { lookback }),
    ...(show === undefined ? {} : { show }),
    ...(order === undefined ? {} : { order }),
    ...(query.direction === 'asc' ? { direction: 'asc' as const } : {}),
    ...(by === undefined ? {} : { by }),
    ...(query.live === 'off' ? { live: 'off' as const } : {}),
  };
}

/** The filter, and whatever the link says by parameters of its own. */
function filterOf(query: Readonly<Record<string, unknown>>): string {
  const text = typeof query.filter === 'string' ? query.filter.trim() : '';
  const older = formSlots.filter((slot) => typeof query[slot] === 'string' && query[slot] !== '');
  let conditions = parseConditions(text);
  if (older.length === 0 || conditions === undefined) return text;
  for (const slot of older) conditions = writeForm(conditions, slot, String(query[slot])) ?? conditions;
  return formatConditions(conditions);
}

/** What every call of `/api/v1/search` for a state is asked with; equal states give equal strings. */
export function searchedQueryOf(state: SearchState): URLSearchParams {
  const query = new URLSearchParams();
  if (state.filter !== undefined) query.set('filter', state.filter);
  if (state.start !== undefined && state.end !== undefined) {
    query.set('start', String(state.start));
    query.set('end', String(state.end));
  } else {
    query.set('lookback', state.lookback ?? defaultLookback);
  }
  return query;
}

/** The query of a list: `/api/v1/search/traces` or `/api/v1/search/spans`. */
export function listQueryOf(state: SearchState): URLSearchParams {
  const query = searchedQueryOf(state);
  query.set('order', orderOf(state));
  query.set('direction', state.direction ?? 'desc');
  query.set('limit', String(pageSize));
  return query;
}

/** Spans alone know neither how many they are nor how many of them failed. */
export function orderOf(state: SearchState): SearchOrder {
  const order = state.order ?? 'time';
  return state.show === 'spans' && (order === 'spans' || order === 'errors') ? 'time' : order;
}

/** A search for what has all these values; those that are undefined are left out. */
export function searchFor(
  values: { readonly [Name in IntrinsicName]?: string | undefined },
  lookback: string,
): SearchState {
  const conditions = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [equality({ type: 'intrinsic', name: name as IntrinsicName }, value)],
  );
  return withFilter({ lookback }, formatConditions(conditions));
}

/** A search for what has this attribute, on any level. */
export function searchForAttribute(key: string, value: string, lookback: string): SearchState {
  return withFilter({ lookback }, formatConditions([equality({ type: 'attribute', key }, value)]));
}

/** Whether both would have the same address. */
export function isSameSearch(state: SearchState, other: SearchState): boolean {
  const [own, others] = [state, other].map((one) => formatQuery({ ...parseSearchState({ ...one }) }));
  return own === others;
}

/** The state with another filter; none for an empty one. */
export function withFilter(state: SearchState, text: string): SearchState {
  const { filter: _, ...rest } = state;
  return text.trim() === '' ? rest : { ...rest, filter: text.trim() };
}

/** The state with a look-back instead of a fixed window. */
export function withLookback(state: SearchState, lookback: string): SearchState {
  const { start: _, end: __, ...rest } = state;
  return { ...rest, lookback };
}

function parseWhole(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The router's codec: plain text values, so that a span id of digits stays text and links look like typed ones. */
export function parseQuery(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function formatQuery(query: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
