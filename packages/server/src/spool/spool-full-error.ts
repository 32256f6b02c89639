/** The sender must wait: the spool is too full, or the disk refuses to keep what it is given. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
  /** From the rate at which the spool drains. */
  readonly retryAfterMillis: number;

  constructor(message: string, retryAfterMillis: number, cause?: unknown) {
    super(message, { cause });
    this.retryAfterMillis = retryAfterMillis;
  }
}
