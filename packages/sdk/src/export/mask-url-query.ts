/** `/find?q=a%20question&page=2` → `/find?q=*&page=*`: which parameters there were, not what was in them. */
export function maskUrlQuery(url: string): string {
  const queryStart = url.indexOf('?');
  return queryStart < 0 ? url : url.slice(0, queryStart) + maskQuery(url.slice(queryStart));
}

/** The same for a query alone, with or without its `?`. A query without `=` is a value as a whole. */
export function maskQuery(query: string): string {
  if (!query.includes('=')) return query.replace(/[^?#].*/s, '*');
  return query.replace(/=[^&#]*/g, '=*');
}
