/**
 * A ClickHouse that runs SQL: embedded (chDB in a child process) or a server. Both get the same statements and
 * give the same bytes.
 */
export interface Engine {
  readonly kind: 'embedded' | 'server';

  /**
   * New segments get higher numbers than this one. Absent: the tables know the last one. A server has it, because
   * rows of another machine's spool, not yet stored, may carry numbers that its tables have not seen.
   */
  readonly ingestSeqFloor?: bigint;

  /**
   * Runs one statement on a reader session: read-only, with limits on time, memory and rows.
   * Gives: RowBinaryWithNamesAndTypes bytes, owned by the caller.
   * Errors: `EngineError`; its `retryable` says whether the same statement may succeed later.
   */
  query(sql: string, options?: QueryOptions): Promise<Uint8Array>;

  /** Runs one statement on the only writer session, in call order. Gives nothing. */
  execute(sql: string, options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** The SQL expression that reads rows of `structure` from an absolute path; escaped. */
  fileSource(path: string, structure: string): string;

  status(): EngineStatus;

  /** Finishes what runs, within `timeoutMillis`, and gives the data folder or database free. Idempotent. */
  close(timeoutMillis: number): Promise<void>;
}

export interface QueryOptions {
  /** Bound to `{name:Type}` in the text. SQL holds no value in any other way. */
  readonly parameters?: Readonly<Record<string, QueryParameter>>;
  readonly timeoutMillis?: number;
  readonly signal?: AbortSignal;
}

export type QueryParameter = string | number | bigint | boolean | readonly (string | number | bigint)[];

export interface EngineStatus {
  readonly state: 'starting' | 'ready' | 'restarting' | 'closed';
  /** Of the embedded engine. */
  readonly pid?: number;
  readonly restarts: number;
  readonly lastError?: string;
}

/** What the engine, or the way to it, refused. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** True for what time cures: restart, memory, too many parts, disk. False for bad SQL and bad content. */
  readonly retryable: boolean;
  /** ClickHouse's exception code, where there is one. */
  readonly code: number | undefined;
  /** The engine's process ended while the statement ran: by itself, or because somebody killed it. */
  readonly processEnd: 'crash' | 'kill' | undefined;

  constructor(
    message: string,
    options: { retryable: boolean; code?: number; processEnd?: 'crash' | 'kill'; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
    this.code = options.code;
    this.processEnd = options.processEnd;
  }
}
