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
  /** `1h`, or from one moment to another, Unix milliseconds. */
  readonly window: string | readonly [start: number, end: number];
}

/** `spanwise search --traces --lookback 1h 'service = "gateway"'`: what is the command's own default is left out. */
export function searchCommand(search: CliSearch): string {
  const { origin, filter, isOfTraces, order, isAscending, window } = search;
  return [
    'spanwise search',
    ...(isOfTraces ? ['--traces'] : []),
    ...(order === 'time' ? [] : [`--order ${order}`]),
    ...(isAscending ? ['--asc'] : []),
    typeof window === 'string'
      ? `--lookback ${window}`
      : `--start ${isoTime(window[0])} --end ${isoTime(window[1])}`,
    ...(origin === 'http://127.0.0.1:16686' ? [] : [`--url ${quote(origin)}`]),
    ...(filter === '' ? [] : [quote(filter)]),
  ].join(' ');
}

function isoTime(unixMillis: number): string {
  return new Date(unixMillis).toISOString();
}

/** One word of a POSIX shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
