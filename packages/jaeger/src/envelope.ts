/** What every answer of `/api/*` is wrapped in. `limit` and `offset` are always 0. */
export interface JaegerResponse<Data> {
  readonly data: Data | null;
  /** Non-zero for services and operations only. */
  readonly total: number;
  readonly limit: 0;
  readonly offset: 0;
  readonly errors: readonly JaegerError[] | null;
}

export interface JaegerError {
  /** Repeats the HTTP status; left out for one trace of several. */
  readonly code?: number;
  readonly msg: string;
  readonly traceID?: string;
}

/** `total` is given for services and operations only. `errors` beside data: unknown ids of a `traceID` list. */
export function jaegerResponse<Data>(
  data: Data,
  options: { readonly total?: number; readonly errors?: readonly JaegerError[] } = {},
): JaegerResponse<Data> {
  const { total = 0, errors = [] } = options;
  return { data, total, limit: 0, offset: 0, errors: errors.length > 0 ? errors : null };
}

/**
 * An error answer as data. Jaeger sends it through Go's plain error writer: JSON followed by a newline, with the
 * content type `text/plain; charset=utf-8`.
 */
export interface JaegerErrorResponse {
  readonly status: number;
  readonly contentType: 'text/plain; charset=utf-8';
  readonly body: string;
}

export function jaegerErrorResponse(status: number, message: string): JaegerErrorResponse {
  const response: JaegerResponse<never> = {
    data: null,
    total: 0,
    limit: 0,
    offset: 0,
    errors: [{ code: status, msg: message }],
  };
  return {
    status,
    contentType: 'text/plain; charset=utf-8',
    body: `${JSON.stringify(response)}\n`,
  };
}
