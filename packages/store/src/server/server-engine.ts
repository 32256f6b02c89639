import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { type Engine, EngineError, type EngineStatus, type QueryOptions } from '../engine.ts';
import {
  defaultEngineLimits,
  type EngineLimits,
  maxExecutionSeconds,
  queryLimits,
} from '../engine-limits.ts';
import { engineErrorFrom, errorCodes, timeoutError } from '../error-codes.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { readRows } from '../row-binary/reader.ts';
import { bindDatabase, bindParameters } from '../sql/bind.ts';
import { Watchdog } from '../watchdog.ts';
import { DatabaseLock } from './database-lock.ts';
import { fileInput, fileOf } from './file-input.ts';
import { readBody } from './response-body.ts';
import { formatServerAddress, type ServerAddress } from './server-address.ts';

export interface ServerEngineOptions {
  readonly address: ServerAddress;
  readonly logger?: Logger;
  readonly limits?: EngineLimits;
  readonly onStateChange?: (status: EngineStatus) => void;
}

/**
 * Enters a ClickHouse server, makes the database when it is missing, and owns it until `close`.
 * Errors: `DatabaseTakenError` when another Spanwise owns the database (after waiting up to half a minute for one
 * that may be gone); `EngineError` when no host answers or the server refuses us.
 */
export async function createServerEngine(options: ServerEngineOptions): Promise<Engine> {
  if (options.address.cluster !== undefined) {
    throw new EngineError(
      'storage in a cluster is not available in this version; spanwise schema --cluster prints its tables',
      { retryable: false },
    );
  }
  const engine = new ServerEngine(options);
  try {
    await engine.start();
  } catch (error) {
    await engine.close(0);
    throw error;
  }
  return engine;
}

type Client = ReturnType<typeof createClient>;

const defaultQueryMillis = 30_000;
/** An insert of the largest segment takes seconds; a mutation on a busy disk a minute. As in the embedded engine. */
const executeMillis = 180_000;
/** As in the embedded engine, which takes it from the machine; of a server's machine we know nothing. */
const queryMemoryBytes = 2 * 1024 ** 3;
/** Readers beyond it wait here: so many the embedded engine's largest has, and twice that for slow networks. */
const connectionsMax = 16;
const watch = { everyMillis: 5_000, silentRoundsMax: 4 } as const;
const backOffMillis = { first: 100, most: 5_000 } as const;
/** Read in pieces as large as the network takes well. */
const filePieceBytes = 256 * 1024;
/** The engine of this version of chDB: what every statement has been run on. */
const testedVersion = [26, 7] as const;
/** UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, AUTHENTICATION_FAILED. (ClickHouse, src/Common/ErrorCodes.cpp.) */
const authenticationCodes: ReadonlySet<number> = new Set([192, 193, 194, 516]);
/** Numbers for 2^36 segments under each owner. Two owners never give the same one. */
const ingestSeqBits = 36n;

class ServerEngine implements Engine {
  readonly kind = 'server';
  readonly #address: ServerAddress;
  readonly #limits: EngineLimits;
  readonly #logger: Logger;
  readonly #onStateChange: (status: EngineStatus) => void;
  readonly #clients: readonly Client[];
  /** Aborts what runs when the server is given up. */
  #running = new AbortController();
  #current = 0;
  #state: EngineStatus['state'] = 'starting';
  #restarts = 0;
  #lastError: string | undefined;
  #pendingQueries = 0;
  #writes: Promise<void> = Promise.resolve();
  #lock: DatabaseLock | undefined;
  #watchdog: Watchdog | undefined;
  #closing: Promise<void> | undefined;

  constructor({ address, logger, limits, onStateChange }: ServerEngineOptions) {
    this.#address = address;
    this.#limits = limits ?? defaultEngineLimits;
    this.#logger = logger ?? silentLogger;
    this.#onStateChange = onStateChange ?? (() => {});
    this.#clients = address.hosts.map(({ host, port }) =>
      createClient({
        url: `${address.secure ? 'https' : 'http'}://${host}:${port}`,
        username: address.username,
        password: address.password,
        application: 'spanwise',
        // Its log quotes statements.
        log: { level: ClickHouseLogLevel.OFF },
        // Deadlines are ours; this is for a connection on which nothing moves at all.
        request_timeout: executeMillis + 10_000,
        max_open_connections: connectionsMax + 4,
        // Rows shrink to a fifth, for a tenth of a core at full speed.
        compression: { request: { codec: 'zstd', level: 1 }, response: { codec: 'zstd' } },
      }),
    );
  }

  async start(): Promise<void> {
    const version = await this.#enter();
    if (version.localeCompare(testedVersion.join('.'), 'en', { numeric: true }) < 0) {
      this.#logger.warn(
        { version, testedVersion: testedVersion.join('.') },
        'the ClickHouse server is older than what this version of Spanwise has been tested with',
      );
    }
    await this.#execute(`CREATE DATABASE IF NOT EXISTS ${this.#address.database}`);
    this.#lock = await DatabaseLock.take(
      {
        read: async (sql) => readRows(await this.#query(sql, {})),
        execute: (sql) => this.#execute(sql),
      },
      () => this.#logger.error({}, 'another Spanwise has taken the database; nothing more is written'),
    );
    this.#ready();
  }

  get ingestSeqFloor(): bigint {
    return BigInt(this.#lock?.number ?? 0) << ingestSeqBits;
  }

  async query(sql: string, options: QueryOptions = {}): Promise<Uint8Array> {
    if (this.#state !== 'ready') throw this.#unavailable();
    return this.#query(sql, options);
  }

  execute(sql: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.#state !== 'ready') return Promise.reject(this.#unavailable());
    const turn = this.#writes.then(() => {
      options.signal?.throwIfAborted();
      if (this.#lock?.isHeld === false) {
        throw new EngineError('the database may have another owner by now', { retryable: true });
      }
      return this.#execute(sql);
    });
    this.#writes = turn.catch(() => {});
    return abortable(turn, options.signal);
  }

  fileSource(path: string, structure: string): string {
    return fileInput(path, structure);
  }

  status(): EngineStatus {
    return {
      state: this.#state,
      restarts: this.#restarts,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  close(timeoutMillis: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMillis);
    return this.#closing;
  }

  async #close(timeoutMillis: number): Promise<void> {
    this.#setState('closed');
    this.#watchdog?.stop();
    const timer = setTimeout(() => this.#running.abort(), timeoutMillis);
    await this.#writes;
    // So that the next start need not wait for the lease to end. Where it can't be told, it waits.
    await this.#lock?.release().catch(() => {});
    clearTimeout(timer);
    this.#running.abort();
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #query(sql: string, options: QueryOptions): Promise<Uint8Array> {
    if (this.#pendingQueries >= this.#limits.pendingQueries) {
      throw new EngineError('too many queries at once', { retryable: true });
    }
    const timeoutMillis = Math.min(options.timeoutMillis ?? defaultQueryMillis, maxExecutionSeconds * 1_000);
    const text = bindParameters(sql, options.parameters, this.#address.database);
    const settings = {
      ...queryLimits({ queryMemoryBytes, ...this.#limits }),
      readonly: '1' as const,
      // A reader that goes away takes its query with it.
      cancel_http_readonly_queries_on_client_close: 1 as const,
    };
    this.#pendingQueries += 1;
    try {
      return await this.#ask(`${text}\nFORMAT RowBinaryWithNamesAndTypes`, {
        settings,
        timeoutMillis,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } finally {
      this.#pendingQueries -= 1;
    }
  }

  async #execute(sql: string): Promise<void> {
    const text = bindDatabase(sql, this.#address.database);
    const path = fileOf(text);
    // Retention drops days however large they are.
    const options = { settings: { max_partition_size_to_drop: '0' }, timeoutMillis: executeMillis };
    if (path === undefined) {
      await this.#ask(text, options);
      return;
    }
    const file = await open(path).catch((error: unknown) => {
      throw new EngineError('the file of a segment can not be read', {
        retryable: false,
        code: errorCodes.fileDoesntExist,
        cause: error,
      });
    });
    try {
      const values = file.createReadStream({ highWaterMark: filePieceBytes, autoClose: false });
      await this.#ask(`${text}\nFORMAT RowBinary`, { ...options, values });
    } finally {
      await file.close();
    }
  }

  /** One request. It ends at its time-out, when its caller aborts, and when the server is given up. */
  async #ask(query: string, { settings, timeoutMillis, signal, values }: Request): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const client = this.#client();
    const id = randomUUID();
    const timeout = AbortSignal.timeout(timeoutMillis);
    const ends = [timeout, this.#running.signal, ...(signal === undefined ? [] : [signal])];
    const end = AbortSignal.any(ends);
    try {
      const request = {
        query,
        query_id: id,
        abort_signal: end,
        // The whole answer before its first byte: a failure is one then, with its code.
        clickhouse_settings: { ...settings, wait_end_of_query: 1 as const },
      };
      const { stream, response_headers: headers } = await (values === undefined
        ? client.exec(request)
        : client.exec({ ...request, values }));
      const onEnd = () => stream.destroy(new Error('aborted'));
      end.addEventListener('abort', onEnd, { once: true });
      if (end.aborted) onEnd();
      try {
        return await readBody(stream, headers);
      } finally {
        end.removeEventListener('abort', onEnd);
      }
    } catch (error) {
      if (end.aborted) this.#cancel(client, id);
      if (signal?.aborted) throw signal.reason;
      if (timeout.aborted) {
        const late = timeoutError();
        // A reader asked for too much; a writer waits for better times.
        throw settings.readonly === '1' ? late : new EngineError(late.message, { retryable: true });
      }
      throw this.#errorOf(error);
    }
  }

  /** ASYNC only: the embedded engine's SYNC never returns, and nobody waits for it. */
  #cancel(client: Client, id: string): void {
    client.command({ query: `KILL QUERY WHERE query_id = '${id}' ASYNC` }).catch(() => {});
  }

  #errorOf(error: unknown): EngineError {
    if (error instanceof EngineError) return error;
    if (error instanceof ClickHouseError) {
      return engineErrorFrom(
        `${error.message} (${error.type ?? 'UNKNOWN'})`,
        Number(error.code) || undefined,
      );
    }
    if (this.#state === 'closed') return this.#unavailable();
    this.#suspect();
    // The text of a broken answer may quote rows; that of a socket does not.
    const { code } = error as NodeJS.ErrnoException;
    return new EngineError(
      `no answer from ${formatServerAddress(this.#address)}${code === undefined ? '' : ` (${code})`}`,
      { retryable: true, cause: error },
    );
  }

  #client(): Client {
    return this.#clients[this.#current]!;
  }

  /**
   * The first host that lets us in becomes the current one.
   * Gives: the version of the server. Errors: that of the last host.
   */
  async #enter(): Promise<string> {
    for (let left = this.#clients.length; ; left -= 1) {
      try {
        const [row] = readRows(await this.#query('SELECT version()', { timeoutMillis: 10_000 }));
        return row![0] as string;
      } catch (reason) {
        const error = this.#refusal(reason);
        this.#lastError = error instanceof Error ? error.message : String(error);
        this.#current = (this.#current + 1) % this.#clients.length;
        if (left <= 1) throw error;
      }
    }
  }

  /** With what an operator can change. */
  #refusal(error: unknown): unknown {
    if (!(error instanceof EngineError) || !authenticationCodes.has(error.code ?? 0)) return error;
    const { username } = this.#address;
    return new EngineError(
      `${formatServerAddress(this.#address)} refuses user ${JSON.stringify(username)}: check user and password`,
      { retryable: false, cause: error, code: error.code! },
    );
  }

  #ready(): void {
    this.#running = new AbortController();
    this.#watchdog = new Watchdog({
      ...watch,
      ping: () => void this.#ping(),
      onDead: () => this.#giveUp(),
    });
    this.#setState('ready');
  }

  async #ping(): Promise<boolean> {
    const { success } = await this.#client().ping({
      select: false,
      abort_signal: AbortSignal.timeout(watch.everyMillis),
    });
    if (success) this.#watchdog?.heard();
    return success;
  }

  /** After a request that got no answer: one more look decides. */
  #suspect(): void {
    if (this.#state !== 'ready') return;
    void this.#ping().then((isAlive) => {
      if (!isAlive) this.#giveUp();
    });
  }

  #giveUp(): void {
    if (this.#state !== 'ready') return;
    this.#watchdog?.stop();
    this.#restarts += 1;
    this.#lastError = `no answer from ${formatServerAddress(this.#address)}`;
    this.#setState('restarting');
    this.#logger.warn({ server: formatServerAddress(this.#address) }, 'the storage server does not answer');
    this.#running.abort();
    this.#running = new AbortController();
    void this.#enterUntilReady();
  }

  async #enterUntilReady(): Promise<void> {
    for (let wait: number = backOffMillis.first; ; wait = Math.min(wait * 2, backOffMillis.most)) {
      try {
        await this.#enter();
        if (this.#closing === undefined) this.#ready();
        return;
      } catch {
        await sleep(wait, undefined, { ref: false });
        if (this.#closing !== undefined) return;
      }
    }
  }

  #unavailable(): EngineError {
    const closed = this.#state === 'closed';
    return new EngineError(closed ? 'storage closed' : 'storage not reachable', { retryable: !closed });
  }

  #setState(state: EngineStatus['state']): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#onStateChange(this.status());
  }
}

interface Request {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly timeoutMillis: number;
  readonly signal?: AbortSignal;
  /** The body, where the statement reads one. */
  readonly values?: Readable;
}

/** The caller goes at once; the work goes on. */
async function abortable(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
