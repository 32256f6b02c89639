/** The same question for a shell. `query` is that of `/api/v1/search/…`. */
export function curlCommand(origin: string, path: string, query: URLSearchParams): string {
  const parameters = [...query].map(([name, value]) => `--data-urlencode ${quote(`${name}=${value}`)}`);
  return ['curl -sG', quote(`${origin}${path}`), ...parameters].join(' ');
}

export interface CliSearch {
  readonly origin: string;
  readonly filter: string;
  readonly isOfTraces: boolean;
  readonly order: string;
  readonly isAscending: boolean;
  readonly lookback: string;
}

/** `spanwise search --traces --lookback 1h 'service = "gateway"'`: what is the command's own default is left out. */
export function searchCommand(search: CliSearch): string {
  const { origin, filter, isOfTraces, order, isAscending, lookback } = search;
  return [
    'spanwise search',
    ...(isOfTraces ? ['--traces'] : []),
    ...(order === 'time' ? [] : [`--order ${order}`]),
    ...(isAscending ? ['--asc'] : []),
    `--lookback ${lookback}`,
    ...(origin === 'http://127.0.0.1:16686' ? [] : [`--url ${quote(origin)}`]),
    ...(filter === '' ? [] : [quote(filter)]),
  ].join(' ');
}

/** One word of a POSIX shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
