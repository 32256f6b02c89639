import type { JaegerConditions } from '@spanwise/jaeger';
import type { TraceQuery } from '@spanwise/store';
import { limits } from '../limits.ts';
import { searchConditions } from './search-conditions.ts';

/** What a Jaeger search, of whichever API, asks of the store. */
export function traceQueryOf(search: JaegerConditions): TraceQuery {
  const { tags, limit, ...conditions } = search;
  return {
    ...conditions,
    ...searchConditions(tags),
    limit: Math.min(limit, limits.searchResults.value),
  };
}
