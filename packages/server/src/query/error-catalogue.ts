/** Every error that the query port answers by a code. docs/errors.md is the same table; a test compares them. */
export const errorCatalogue = {
  invalid_parameter: {
    status: [400],
    title: 'A parameter is not understood',
    advice: '`parameter` names it and `detail` says what was expected.',
  },
  bad_request: {
    status: [400, 408, 413, 415, 431],
    title: 'The request is not understood',
    advice: 'Compare address, headers and body with the documentation.',
  },
  host_not_allowed: {
    status: [403],
    title: 'This host name is not allowed',
    advice: 'Start the server with `--allowed-host` and the name by which you reach it.',
  },
  foreign_page: {
    status: [403],
    title: 'A page of another site asked for a change',
    advice: "Call from this server's own pages, or from a program.",
  },
  not_found: {
    status: [404],
    title: 'There is nothing at this address',
    advice: 'Compare it with the documentation; the method counts too.',
  },
  trace_not_found: {
    status: [404],
    title: 'No span of this trace is stored',
    advice: 'It may not have arrived yet, or be older than the retention.',
  },
  too_large: {
    status: [400],
    title: 'The answer would be too large',
    advice: 'Ask for fewer traces or a shorter window.',
  },
  cursor_expired: {
    status: [410],
    title: 'The list that this cursor goes on with is forgotten',
    advice: 'Ask for the first page again.',
  },
  too_broad: {
    status: [422],
    title: 'The search would take too long',
    advice: 'Narrow the time window, name a service, or add a condition.',
  },
  caller_gone: {
    status: [499],
    title: 'The caller went away before the answer',
    advice: 'Nobody reads this answer; the status is in the metrics.',
  },
  internal_error: {
    status: [500],
    title: 'Something went wrong in the server',
    advice: 'The log of the server says more. Please report it.',
  },
  storage_unavailable: {
    status: [503],
    title: 'Storage is restarting or busy',
    advice: 'Ask again after `Retry-After`; nothing that was acknowledged is lost.',
  },
  trace_changing: {
    status: [503],
    title: 'The trace grows faster than it can be read',
    advice: 'Ask again after `Retry-After`.',
  },
  too_many_live_views: {
    status: [503],
    title: 'Too many live views are open',
    advice: 'Close one, or ask again after `Retry-After`.',
  },
  too_slow: {
    status: [504],
    title: 'The question took too long',
    advice: 'Narrow the time window or add a condition.',
  },
} as const satisfies Record<string, ErrorKind>;

export interface ErrorKind {
  /** With which it may come. */
  readonly status: readonly number[];
  readonly title: string;
  /** What the asker can do. */
  readonly advice: string;
}

export type ErrorCode = keyof typeof errorCatalogue;
