import { setTimeout as sleep } from 'node:timers/promises';

export interface LogSenderOptions {
  /** Where a Spanwise answers: `http://127.0.0.1:16686`. */
  readonly url: string;
  /** For lines that name no service. */
  readonly service: string;
}

/** What became of the lines. */
export interface LogSenderCounts {
  readonly sent: number;
  /** By the server: their time is no time, or it refused the whole request. */
  readonly refused: number;
  /** Too many waited for a server that did not answer. */
  readonly dropped: number;
}

/** Of one request; the server takes 4 MiB. */
const batchBytesMax = 1024 * 1024;
const batchLinesMax = 1_000;
/** Company that a line waits for. */
const lingerMillis = 500;
/** Of lines that wait. Whoever prints must never wait for us, so beyond it the oldest go. */
const waitingBytesMax = 16 * 1024 * 1024;
const backOffMillis = { first: 250, most: 10_000 } as const;

/** Sends lines in batches, in order, however long the server is away; keeps a bounded number of them. */
export class LogSender {
  readonly #target: URL;
  readonly #stopping = new AbortController();
  #waiting: string[] = [];
  #waitingBytes = 0;
  #sent = 0;
  #refused = 0;
  #dropped = 0;
  #failure: string | undefined;
  #sending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @throws TypeError for a URL that is none. */
  constructor({ url, service }: LogSenderOptions) {
    this.#target = new URL('/api/v1/logs/ingest', url);
    this.#target.searchParams.set('service', service);
  }

  get counts(): LogSenderCounts {
    return { sent: this.#sent, refused: this.#refused, dropped: this.#dropped };
  }

  /** Why the last try failed; absent after one that did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  add(line: string): void {
    this.#waiting.push(line);
    this.#waitingBytes += line.length + 1;
    while (this.#waitingBytes > waitingBytesMax) {
      this.#waitingBytes -= this.#waiting.shift()!.length + 1;
      this.#dropped += 1;
    }
    if (this.#waiting.length >= batchLinesMax || this.#waitingBytes >= batchBytesMax) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), lingerMillis);
  }

  /** Sends what waits, for at most `timeoutMillis`; what is left then counts as dropped. */
  async close(timeoutMillis: number): Promise<LogSenderCounts> {
    const timer = setTimeout(() => this.#stopping.abort(), timeoutMillis);
    if (this.#waiting.length > 0) this.#start();
    await this.#sending;
    clearTimeout(timer);
    clearTimeout(this.#timer);
    this.#dropped += this.#waiting.length;
    this.#waiting = [];
    return this.counts;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#stopping;
    let wait: number = backOffMillis.first;
    while (this.#waiting.length > 0 && !signal.aborted) {
      const batch = this.#nextBatch();
      try {
        this.#failure = await this.#post(batch);
      } catch (error) {
        this.#failure = `${this.#target.host} can't be reached: ${reasonOf(error)}`;
      }
      if (this.#failure === undefined) {
        wait = backOffMillis.first;
        continue;
      }
      // In front again: they are older than what came meanwhile.
      this.#waiting.unshift(...batch);
      this.#waitingBytes += bytesOf(batch);
      await sleep(wait, undefined, { signal }).catch(() => {});
      wait = Math.min(wait * 2, backOffMillis.most);
    }
  }

  #nextBatch(): readonly string[] {
    let count = 0;
    for (let bytes = 0; count < Math.min(this.#waiting.length, batchLinesMax); count += 1) {
      bytes += this.#waiting[count]!.length + 1;
      if (bytes > batchBytesMax && count > 0) break;
    }
    const batch = this.#waiting.splice(0, count);
    this.#waitingBytes -= bytesOf(batch);
    return batch;
  }

  /** Gives why it should be tried again; undefined when it is done with, stored or refused for good. */
  async #post(batch: readonly string[]): Promise<string | undefined> {
    const response = await fetch(this.#target, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: batch.join('\n'),
      signal: this.#stopping.signal,
    });
    const answer: unknown = await response.json().catch(() => undefined);
    const { accepted, rejected, detail } = (answer ?? {}) as Record<string, unknown>;
    if (response.ok) {
      this.#sent += Number(accepted);
      this.#refused += Number(rejected);
      return undefined;
    }
    const reason = `${this.#target.host} answered ${response.status}: ${detail ?? 'no reason given'}`;
    if (response.status >= 500 || response.status === 429) return reason;
    this.#refused += batch.length;
    return undefined;
  }
}

/** What `fetch` says is "fetch failed"; why stands in the cause. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
}

function bytesOf(lines: readonly string[]): number {
  return lines.reduce((bytes, line) => bytes + line.length + 1, 0);
}
