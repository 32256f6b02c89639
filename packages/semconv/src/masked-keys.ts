/* Keys whose values stay readable but lose what a user typed: URL query values, SQL literals. */

/** A URL, or the path and query of one. */
export const urlKeys: readonly string[] = [
  'url.full',
  'url.original',
  'http.url',
  'http.target',
  'http.referer',
  'http.request.url',
  'http.uri',
];
/** Whatever stands behind the host may be a search or a document's name: only scheme and host stay. */
export const resourceUriKeys: readonly string[] = ['mcp.resource.uri'];
/** Holds the query alone, without the `?`. */
export const urlQueryKeys: readonly string[] = ['url.query'];
export const queryTextKeys: readonly string[] = [
  'db.query.text',
  'db.statement',
  // GraphQL's literals look like those of SQL. (OpenTelemetry's conventions, and its JavaScript instrumentation.)
  'graphql.document',
  'graphql.source',
];
/** Tells in which language a query text is. New and old. */
export const databaseSystemKeys: readonly string[] = ['db.system.name', 'db.system'];
/** Texts that people debug services with, and that quote prompts and answers on steps of agents. */
export const sideDoorKeys: readonly string[] = ['exception.message', 'error.message'];
/** The same: the messages in them go, the frames stay. */
export const stackKeys: readonly string[] = ['exception.stacktrace', 'error.stack'];
