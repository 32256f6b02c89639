/** The search page's state as it stands in its URL. Text is kept as typed; the server judges it. */
export interface SearchState {
  readonly service?: string;
  readonly operation?: string;
  readonly tags?: string;
  readonly minDuration?: string;
  readonly maxDuration?: string;
  /** `1h`; absent with `start` and `end`. */
  readonly lookback?: string;
  /** Unix milliseconds; both or none. */
  readonly start?: number;
  readonly end?: number;
  readonly limit?: number;
  readonly sort?: SortOrder;
  /** `off` stops new traces from coming in; they do by default. */
  readonly live?: 'off';
}

export const sortOrders = ['newest', 'slowest', 'spans', 'errors', 'tokens'] as const;
export type SortOrder = (typeof sortOrders)[number];

export const defaultLookback = '1h';
export const defaultLimit = 20;
export const limitMax = 1_500;

const textKeys = ['service', 'operation', 'tags', 'minDuration', 'maxDuration'] as const;

/** Total: what makes no sense is left out, so that an old or mangled link still opens. */
export function parseSearchState(query: Readonly<Record<string, unknown>>): SearchState {
  const texts: Partial<Record<(typeof textKeys)[number], string>> = {};
  for (const key of textKeys) {
    const value = query[key];
    if (typeof value === 'string' && value.trim() !== '') texts[key] = value;
  }
  const start = parseWhole(query.start);
  const end = parseWhole(query.end);
  const isWindow = start !== undefined && end !== undefined && start < end;
  const lookback =
    typeof query.lookback === 'string' && /^\d+[smhdw]$/.test(query.lookback) ? query.lookback : undefined;
  const limit = parseWhole(query.limit);
  const sort = sortOrders.find((order) => order === query.sort);
  return {
    ...texts,
    ...(isWindow ? { start, end } : lookback === undefined ? {} : { lookback }),
    ...(limit === undefined || limit < 1 ? {} : { limit: Math.min(limit, limitMax) }),
    ...(sort === undefined ? {} : { sort }),
    ...(query.live === 'off' ? { live: 'off' as const } : {}),
  };
}

/** The query string of `GET /api/v1/traces` for a state; equal states give equal strings. */
export function tracesQueryOf(state: SearchState): string {
  const query = new URLSearchParams();
  for (const key of textKeys) {
    const value = state[key];
    if (value !== undefined) query.set(key, value.trim());
  }
  if (state.start !== undefined && state.end !== undefined) {
    query.set('start', String(state.start));
    query.set('end', String(state.end));
  } else {
    query.set('lookback', state.lookback ?? defaultLookback);
  }
  query.set('limit', String(state.limit ?? defaultLimit));
  return query.toString();
}

/** `key=value` in logfmt, quoted where it must be. */
export function formatTag(key: string, value: string): string {
  return /^[^\s"=]+$/.test(value) ? `${key}=${value}` : `${key}="${value.replace(/["\\]/g, '\\$&')}"`;
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
