import { databaseNamePattern, defaultDatabase } from '../sql/bind.ts';

/** Where a ClickHouse server is and how to enter. */
export interface ServerAddress {
  /** Entries to the same data, in order of preference. At least one. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly secure: boolean;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  /** Its tables are replicated and distributed over this cluster of the server's configuration. Absent: one server. */
  readonly cluster?: string;
}

/** What an operator may write. */
export const serverAddressAllowed =
  'clickhouse://user:password@host:8123/database, several hosts with commas between, clickhouses:// or ?secure=1 ' +
  'for TLS';

/** ClickHouse's own ports of its HTTP interface. */
const defaultPorts = { plain: 8123, secure: 8443 } as const;
const shape = /^(clickhouses?):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
const hostShape = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
const clusterShape = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * Reads `clickhouse://user:password@host:8123,other:8123/database?secure=1&cluster=name`. User and password are
 * percent-encoded where they hold `@`, `:`, `/`, `?`, `#` or `%`.
 * Absence: undefined when it is none.
 */
export function parseServerAddress(text: string): ServerAddress | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, scheme, credentials = 'default', hostList = '', database = '', query = ''] = match;
  const options = parseOptions(query);
  if (options === undefined) return undefined;
  const secure = scheme === 'clickhouses' || options.secure;
  const hosts = hostList.split(',').map((host) => parseHost(host, secure));
  const colon = credentials.indexOf(':');
  const username = decode(colon === -1 ? credentials : credentials.slice(0, colon));
  const password = decode(colon === -1 ? '' : credentials.slice(colon + 1));
  const name = database === '' ? defaultDatabase : database;
  if (username === undefined || password === undefined || !databaseNamePattern.test(name)) return undefined;
  if (hosts.includes(undefined)) return undefined;
  return {
    hosts: hosts.filter((host) => host !== undefined),
    secure,
    username: username === '' ? 'default' : username,
    password,
    database: name,
    ...(options.cluster === undefined ? {} : { cluster: options.cluster }),
  };
}

/** Without user and password: for logs and screens. */
export function formatServerAddress({ hosts, secure, database, cluster }: ServerAddress): string {
  const list = hosts.map(({ host, port }) => `${host}:${port}`).join(',');
  return `clickhouse${secure ? 's' : ''}://${list}/${database}${cluster === undefined ? '' : `?cluster=${cluster}`}`;
}

function parseHost(text: string, secure: boolean) {
  const match = hostShape.exec(text);
  if (match === null) return undefined;
  const port = match[2] === undefined ? defaultPorts[secure ? 'secure' : 'plain'] : Number(match[2]);
  return port >= 1 && port <= 65_535 ? { host: match[1]!, port } : undefined;
}

function parseOptions(query: string): { readonly secure: boolean; readonly cluster?: string } | undefined {
  let secure = false;
  let cluster: string | undefined;
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === 'secure' && ['', '1', 'true'].includes(value)) secure = true;
    else if (key === 'secure' && ['0', 'false'].includes(value)) secure = false;
    else if (key === 'cluster' && clusterShape.test(value)) cluster = value;
    else return undefined;
  }
  return { secure, ...(cluster === undefined ? {} : { cluster }) };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
