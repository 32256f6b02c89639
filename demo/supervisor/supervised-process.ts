import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LogTail } from './log-tail.ts';

export interface ProcessSpec {
  readonly name: string;
  /** Absolute path of the program. */
  readonly entry: string;
  readonly args: readonly string[];
  /** For Node itself. */
  readonly nodeArgs: readonly string[];
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Resolves when the process does its job. Absent: the process sends `{type: 'ready'}` over its channel.
   * The signal aborts when the process ended or took too long.
   */
  readonly waitUntilReady?: (signal: AbortSignal) => Promise<void>;
}

export interface ProcessEvents {
  line(name: string, line: string): void;
  /** It ended without being asked to. `retryMillis` absent: it will not be started again. */
  crashed(name: string, how: string, tail: readonly string[], retryMillis: number | undefined): void;
  restarted(name: string): void;
}

/** A process did not become ready. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

const preload = new URL('./end-with-supervisor.ts', import.meta.url).href;

/** A slow disk and two busy cores included; who waits longer waits for nothing. */
const readyTimeoutMillis = 60_000;
/** Back-off doubles between these: a passing fault is over quickly, a lasting one does not eat a core. */
const firstRetryMillis = 250;
const longestRetryMillis = 8_000;
/** In a row, each within `steadyMillis` of its start: then the fault will not pass by itself. */
const maxQuickCrashes = 8;
const steadyMillis = 30_000;

/** One child process with a name: started, watched, restarted when it crashes, ended when asked. */
export class SupervisedProcess {
  readonly name: string;
  readonly #spec: ProcessSpec;
  readonly #events: ProcessEvents;
  #child: ChildProcess | undefined;
  #tail = new LogTail();
  #quickCrashes = 0;
  readonly #stopped = new AbortController();

  constructor(spec: ProcessSpec, events: ProcessEvents) {
    this.name = spec.name;
    this.#spec = spec;
    this.#events = events;
  }

  /** Absent while it is not running. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it is ready; from then on a crash leads to a restart. Errors: `StartError`. */
  async start(): Promise<void> {
    const child = await this.#launch();
    this.#watch(child);
  }

  /** SIGTERM, and SIGKILL after `graceMillis`. Resolves when it has ended. Idempotent. */
  async stop(graceMillis: number): Promise<void> {
    this.#stopped.abort();
    const child = this.#child;
    if (child === undefined || hasEnded(child)) return;
    const ended = endOf(child);
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMillis);
    await ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#stopped.abort();
    this.#child?.kill('SIGKILL');
  }

  async #launch(): Promise<ChildProcess> {
    this.#tail = new LogTail();
    const { entry, args, nodeArgs, env } = this.#spec;
    const child = spawn(process.execPath, [...nodeArgs, '--import', preload, entry, ...args], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, ...env, SPANWISE_SUPERVISOR_PID: String(process.pid) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => {
        this.#tail.push(line);
        this.#events.line(this.name, line);
      });
    }
    const starting = new AbortController();
    const readyMessage = new Promise<void>((resolve) => child.on('message', (m) => isReady(m) && resolve()));
    const timeout = AbortSignal.timeout(readyTimeoutMillis);
    const timedOut = new Promise<never>((_, reject) => {
      timeout.onabort = () => reject(new StartError(`not ready after ${readyTimeoutMillis / 1000} s`));
    });
    const failed = endOf(child).then((how) => {
      throw new StartError(`ended before it was ready: ${how}`);
    });
    try {
      const signal = AbortSignal.any([starting.signal, timeout, this.#stopped.signal]);
      const ready = this.#spec.waitUntilReady?.(signal) ?? readyMessage;
      await Promise.race([ready, failed, timedOut]);
      return child;
    } catch (error) {
      child.kill('SIGKILL');
      await endOf(child);
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError([`${this.name}: ${reason}`, ...this.#tail.last(30)].join('\n'), { cause: error });
    } finally {
      failed.catch(() => {});
      timedOut.catch(() => {});
      timeout.onabort = null;
      starting.abort();
    }
  }

  #watch(child: ChildProcess): void {
    const startedAt = performance.now();
    void endOf(child).then((how) => {
      if (this.#stopped.signal.aborted) return;
      if (performance.now() - startedAt > steadyMillis) this.#quickCrashes = 0;
      void this.#restart(how);
    });
  }

  async #restart(how: string): Promise<void> {
    for (;;) {
      this.#quickCrashes += 1;
      const retryMillis =
        this.#quickCrashes > maxQuickCrashes
          ? undefined
          : Math.min(firstRetryMillis * 2 ** (this.#quickCrashes - 1), longestRetryMillis);
      this.#events.crashed(this.name, how, this.#tail.last(30), retryMillis);
      if (retryMillis === undefined) return;
      try {
        await delay(retryMillis, undefined, { signal: this.#stopped.signal });
        this.#watch(await this.#launch());
        this.#events.restarted(this.name);
        return;
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        how = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      }
    }
  }
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves with how it ended, for people. */
function endOf(child: ChildProcess): Promise<string> {
  const describe = () =>
    child.signalCode === null ? `exit code ${child.exitCode}` : `killed by ${child.signalCode}`;
  return new Promise((resolve) => {
    if (hasEnded(child)) resolve(describe());
    child.once('exit', () => resolve(describe()));
    child.once('error', (error) => resolve(error.message));
  });
}
