/** Keys whose values stay readable but lose what a user typed: URL query values, SQL literals. */
export const urlKeys: readonly string[] = [
  'url.full',
  'url.original',
  'http.url',
  'http.target',
  'http.referer',
  'mcp.resource.uri',
];
/** Holds the query alone, without the `?`. */
export const urlQueryKeys: readonly string[] = ['url.query'];
export const queryTextKeys: readonly string[] = ['db.query.text', 'db.statement'];
/** Tells in which language a query text is. New and old. */
export const databaseSystemKeys: readonly string[] = ['db.system.name', 'db.system'];
