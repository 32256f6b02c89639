import { type ChildProcess, fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type DataFolderLock, lockDataFolder } from '../data-folder-lock.ts';
import { type Engine, EngineError, type EngineStatus, type QueryOptions } from '../engine.ts';
import { defaultEngineLimits, type EngineLimits, maxExecutionSeconds } from '../engine-limits.ts';
import { engineErrorFrom, timeoutError } from '../error-codes.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { bindDatabase, bindParameters, defaultDatabase, quote } from '../sql/bind.ts';
import { Watchdog } from '../watchdog.ts';
import { type EngineSettings, type FromEngine, settingsVariable, type ToEngine } from './messages.ts';

export interface EmbeddedEngineOptions {
  /** Owned by this process until `close`. Created when it is missing. */
  readonly dataDir: string;
  readonly logger?: Logger;
  readonly limits?: EngineLimits;
  readonly onStateChange?: (status: EngineStatus) => void;
}

/**
 * Starts the ClickHouse engine (chDB) in a child process and resolves when it answers.
 * Errors: `DataFolderTakenError` when another live process owns the folder (after waiting up to 10 s for one that
 * is ending); `EngineError` when chDB has no build for this machine.
 */
export async function createEmbeddedEngine(options: EmbeddedEngineOptions): Promise<Engine> {
  const lock = await lockDataFolder(options.dataDir);
  const engine = new EmbeddedEngine(options, lock);
  try {
    await engine.start();
  } catch (error) {
    await engine.close(0);
    throw error;
  }
  return engine;
}

interface Pending {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly isQuery: boolean;
  /** Lets go of the timer and the caller's signal. */
  readonly forget: () => void;
}

const defaultQueryMillis = 30_000;
/** The engine cancels at a query's time-out; its error should come first. */
const deadlineMillis = 1_000;
const watch = { everyMillis: 5_000, silentRoundsMax: 4 } as const;
const startMillis = 60_000;
const backOffMillis = { first: 100, most: 5_000 } as const;
/** libuv threads of the engine process: each running statement holds one, and waiting ones must not queue here. */
const threadPoolSize = 16;

class EmbeddedEngine implements Engine {
  readonly kind = 'embedded';
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #limits: EngineLimits;
  readonly #onStateChange: (status: EngineStatus) => void;
  readonly #lock: DataFolderLock;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  #state: EngineStatus['state'] = 'starting';
  #restarts = 0;
  #lastError: string | undefined;
  #nextId = 1;
  #pendingQueries = 0;
  #watchdog: Watchdog | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedEngineOptions, lock: DataFolderLock) {
    this.#dataDir = options.dataDir;
    this.#logger = options.logger ?? silentLogger;
    this.#limits = options.limits ?? defaultEngineLimits;
    this.#onStateChange = options.onStateChange ?? (() => {});
    this.#lock = lock;
  }

  async start(): Promise<void> {
    await mkdir(join(this.#dataDir, 'clickhouse'), { recursive: true, mode: 0o700 });
    await this.#spawn();
  }

  query(sql: string, options: QueryOptions = {}): Promise<Uint8Array> {
    const timeoutMillis = Math.min(options.timeoutMillis ?? defaultQueryMillis, maxExecutionSeconds * 1_000);
    if (this.#pendingQueries >= this.#limits.pendingQueries) {
      return Promise.reject(new EngineError('too many queries at once', { retryable: true }));
    }
    const text = bindParameters(sql, options.parameters);
    return this.#ask(
      (id) => ({ kind: 'query', id, sql: text, timeoutMillis }),
      options.signal,
      timeoutMillis + deadlineMillis,
    );
  }

  async execute(sql: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const text = bindDatabase(sql, defaultDatabase);
    await this.#ask((id) => ({ kind: 'execute', id, sql: text }), options.signal);
  }

  fileSource(path: string, structure: string): string {
    return `file(${quote(path)}, 'RowBinary', ${quote(structure)})`;
  }

  status(): EngineStatus {
    return {
      state: this.#state,
      ...(this.#child?.pid === undefined ? {} : { pid: this.#child.pid }),
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
    await this.#tellLock((lock) => lock.markClosing());
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      this.#send({ kind: 'close' });
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMillis);
      await exited;
      clearTimeout(timer);
    }
    this.#rejectPending('storage closed');
    await this.#tellLock((lock) => lock.release());
  }

  /** The lock only informs the next start. A full or vanished disk must not keep this process from its work or end. */
  async #tellLock(tell: (lock: DataFolderLock) => Promise<void>): Promise<void> {
    try {
      await tell(this.#lock);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the lock of the data folder could not be written');
    }
  }

  #ask(
    message: (id: number) => ToEngine,
    signal: AbortSignal | undefined,
    timeoutMillis?: number,
  ): Promise<Uint8Array> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.#state !== 'ready') return Promise.reject(this.#unavailable());
    const id = this.#nextId;
    this.#nextId += 1;
    const request = message(id);
    const isQuery = request.kind === 'query';
    return new Promise<Uint8Array>((resolve, reject) => {
      const giveUp = (reason: Error) => {
        this.#settle(id)?.reject(reason);
        this.#send({ kind: 'cancel', id });
      };
      // Also for a query that still waits for a session.
      const timer =
        timeoutMillis === undefined ? undefined : setTimeout(() => giveUp(timeoutError()), timeoutMillis);
      const onAbort = () => giveUp(signal?.reason as Error);
      signal?.addEventListener('abort', onAbort, { once: true });
      const forget = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      this.#pending.set(id, { resolve, reject, isQuery, forget });
      if (isQuery) this.#pendingQueries += 1;
      this.#send(request);
    });
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    pending.forget();
    this.#pending.delete(id);
    if (pending.isQuery) this.#pendingQueries -= 1;
    return pending;
  }

  #send(message: ToEngine): void {
    // A failed send means that the process has gone; its exit rejects what is pending.
    this.#child?.send(message, () => {});
  }

  /** A stopped process answers nothing and does not end. What runs in it is bounded by itself. */
  #watch(child: ChildProcess): void {
    const watchdog = new Watchdog({
      ...watch,
      ping: () => child.send({ kind: 'ping' } satisfies ToEngine, () => {}),
      onDead: () => {
        this.#logger.error({ pid: child.pid }, 'the storage process does not answer; it is replaced');
        child.kill('SIGKILL');
      },
    });
    this.#watchdog = watchdog;
    child.once('exit', () => watchdog.stop());
  }

  #unavailable(): EngineError {
    const closed = this.#state === 'closed';
    return new EngineError(closed ? 'storage closed' : 'storage restarting', { retryable: !closed });
  }

  #rejectPending(reason: string, processEnd?: 'crash' | 'kill'): void {
    const retryable = this.#state !== 'closed';
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id)?.reject(
        new EngineError(reason, { retryable, ...(processEnd === undefined ? {} : { processEnd }) }),
      );
    }
  }

  #setState(state: EngineStatus['state']): void {
    if (this.#state === 'closed') return;
    this.#state = state;
    this.#onStateChange(this.status());
  }

  async #spawn(): Promise<void> {
    const settings: EngineSettings = {
      path: join(this.#dataDir, 'clickhouse'),
      readers: Math.max(2, Math.min(availableParallelism(), 8)),
      // One query must not take the machine down; four at once may use it.
      resultRows: this.#limits.resultRows,
      resultBytes: this.#limits.resultBytes,
      queryMemoryBytes: Math.floor(Math.min(2 * 1024 ** 3, totalmem() / 4)),
      // A query past it fails and may be tried again, rather than the system choosing whom to kill.
      memoryBytes: Math.floor(totalmem() / 2),
    };
    // BUNDLING: the process's file stands beside this one; a bundle needs it as an entry of its own.
    const module = new URL(`./engine-process${extname(import.meta.url)}`, import.meta.url);
    const child = fork(fileURLToPath(module), [], {
      // Not detached: it stays in the process group. No inherited flags: a debugger port would clash.
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        UV_THREADPOOL_SIZE: String(threadPoolSize),
        [settingsVariable]: JSON.stringify(settings),
      },
    });
    this.#child = child;
    child.stderr?.resume();
    child.on('message', (message: FromEngine) => this.#receive(message));
    child.on('error', (error) => this.#logger.error({ err: error }, 'storage process'));
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), startMillis);
      const settled = () => clearTimeout(timer);
      child.on('message', (message: FromEngine) => {
        if (message.kind === 'ready') {
          settled();
          resolve();
        } else if (message.kind === 'failed') {
          settled();
          reject(startError(message.reason, message.message));
        }
      });
      child.once('exit', (code, signal) => {
        settled();
        reject(
          new EngineError(`the storage process ended while starting (${signal ?? code})`, {
            retryable: true,
          }),
        );
        if (this.#child === child && this.#state === 'ready') this.#restart(signal ?? String(code));
      });
    });
    this.#watch(child);
    const { pid } = child;
    if (pid !== undefined) await this.#tellLock((lock) => lock.setEnginePid(pid));
    this.#setState('ready');
  }

  #receive(message: FromEngine): void {
    this.#watchdog?.heard();
    if (message.kind === 'result') this.#settle(message.id)?.resolve(message.bytes);
    else if (message.kind === 'error') {
      this.#settle(message.id)?.reject(engineErrorFrom(message.message, message.code));
    }
  }

  #restart(cause: string): void {
    this.#lastError = `the storage process ended (${cause})`;
    this.#restarts += 1;
    this.#setState('restarting');
    this.#rejectPending('storage restarting', cause === 'SIGKILL' || cause === 'SIGTERM' ? 'kill' : 'crash');
    this.#logger.warn({ cause, restarts: this.#restarts }, 'storage process ended; starting it again');
    void this.#spawnUntilReady();
  }

  async #spawnUntilReady(): Promise<void> {
    for (let wait: number = backOffMillis.first; ; wait = Math.min(wait * 2, backOffMillis.most)) {
      // First at once: most crashes are not followed by a second one.
      try {
        await this.#spawn();
        return;
      } catch (error) {
        if (this.#state === 'closed') return;
        this.#lastError = error instanceof Error ? error.message : String(error);
        this.#logger.error({ err: error, waitMillis: wait }, 'storage process could not start');
      }
      await sleep(wait, undefined, { ref: false });
      if (this.#closing !== undefined) return;
    }
  }
}

function startError(reason: 'unavailable' | 'open', message: string): EngineError {
  if (reason === 'open') {
    const code = Number(/Code: (\d+)/.exec(message)?.[1]) || undefined;
    const reason = code === undefined ? message : engineErrorFrom(message, code).message;
    return new EngineError(`the data folder could not be opened: ${reason}`, { retryable: false });
  }
  return new EngineError(
    `the embedded storage engine (chDB) could not be loaded on ${process.platform}/${process.arch}. It runs on ` +
      'Linux with glibc and on macOS, x64 and arm64. A ClickHouse server works everywhere: ' +
      'spanwise serve --storage clickhouse://user:password@host:8123/spanwise',
    { retryable: false },
  );
}
