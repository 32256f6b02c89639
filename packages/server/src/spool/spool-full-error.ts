/** Why: the spool's own bound, the disk's free space, a disk that refuses, the end of the server. */
export type RefusalReason = 'spool_full' | 'disk_full' | 'disk_failing' | 'stopping';

/** The sender must wait: the spool is too full, or the disk refuses to keep what it is given. */
export class SpoolFullError extends Error {
  override readonly name = 'SpoolFullError';
  readonly reason: RefusalReason;
  /** From the rate at which the spool drains. */
  readonly retryAfterMillis: number;

  constructor(reason: RefusalReason, message: string, retryAfterMillis: number, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
    this.retryAfterMillis = retryAfterMillis;
  }
}
