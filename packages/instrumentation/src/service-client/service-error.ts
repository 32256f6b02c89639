/** A call to another service that did not give a usable answer. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** HTTP status; absent when no answer came. */
  readonly status: number | undefined;
  /**
   * What went wrong, for programs: the `code` that the service's JSON body names (or `error.code`), else
   * `http_404`; `timeout`; `response_too_large`; `invalid_response`; the system's code such as `ECONNREFUSED`.
   */
  readonly code: string;

  /** The message is made of method, path and code only. What the service wrote may quote a conversation, so it stays out. */
  constructor(request: string, code: string, status?: number, options?: ErrorOptions) {
    super(`${request} failed: ${status === undefined ? code : `${status} ${code}`}`, options);
    this.code = code;
    this.status = status;
  }
}
