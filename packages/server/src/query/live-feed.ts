import type { ServerResponse } from 'node:http';
import type { LiveHello, StoredEvent } from '@spanwise/api';
import { limits } from '../limits.ts';

/** Keeps proxies and browsers from taking a quiet connection for a dead one. */
const heartbeatMillis = 15_000;

/** Tells open live views what became searchable. (WHATWG HTML, server-sent events.) */
export class LiveFeed {
  readonly #onSlowView: () => void;
  readonly #views = new Set<ServerResponse>();
  /** The newest events, oldest first, for views that come back. */
  readonly #history: StoredEvent[] = [];
  /** Of the newest event that is not in `#history` any more. */
  #forgottenSeq = -1n;
  #heartbeat: NodeJS.Timeout | undefined;
  /** Of the newest event. */
  #latestSeq: bigint | undefined;
  readonly #waiting = new Set<() => void>();

  /** `onSlowView` is called when a view is closed because its reader is too slow. */
  constructor(onSlowView: () => void) {
    this.#onSlowView = onSlowView;
  }

  get viewCount(): number {
    return this.#views.size;
  }

  /** Of the newest event; undefined before the first one. */
  get latestSeq(): bigint | undefined {
    return this.#latestSeq;
  }

  get isFull(): boolean {
    return this.#views.size >= limits.liveViews.value;
  }

  /**
   * Takes the response over, headers included, until either side ends it. `lastEventId` is what a view that comes
   * back saw last: it gets what it missed, and hears in `hello` when that is no longer known.
   */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>, lastEventId?: string): void {
    response.on('error', () => {}); // the reader is gone: 'close' follows
    response.once('close', () => {
      this.#views.delete(response);
      if (this.#views.size === 0) this.#stopHeartbeat();
    });
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    this.#views.add(response);
    const seen = /^\d{1,20}$/.test(lastEventId ?? '') ? BigInt(lastEventId!) : undefined;
    const hello: LiveHello = { missed: lastEventId !== undefined && (seen ?? -2n) < this.#forgottenSeq };
    this.#write(response, `event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
    if (seen !== undefined) {
      for (const event of this.#history)
        if (BigInt(event.ingestSeq) > seen) this.#write(response, textOf(event));
    }
    this.#heartbeat ??= setInterval(() => this.#writeAll(': still here\n\n'), heartbeatMillis);
  }

  publish(event: StoredEvent): void {
    this.#latestSeq = BigInt(event.ingestSeq);
    for (const wake of [...this.#waiting]) wake();
    this.#history.push(event);
    if (this.#history.length > limits.liveHistory.value) {
      this.#forgottenSeq = BigInt(this.#history.shift()!.ingestSeq);
    }
    this.#writeAll(textOf(event));
  }

  /** The newest segment, as soon as it is newer than this one. Rejects when `signal` aborts. */
  async storedAfter(seq: bigint, signal: AbortSignal): Promise<bigint> {
    while (this.#latestSeq === undefined || this.#latestSeq <= seq) {
      signal.throwIfAborted();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      await promise;
      this.#waiting.delete(resolve);
    }
    signal.throwIfAborted();
    return this.#latestSeq;
  }

  /** Browsers come back by themselves. */
  close(): void {
    this.#stopHeartbeat();
    for (const view of this.#views) view.destroy();
  }

  #writeAll(text: string): void {
    for (const view of this.#views) this.#write(view, text);
  }

  #write(view: ServerResponse, text: string): void {
    if (view.writableLength + text.length <= limits.liveViewBytes.value) {
      view.write(text);
      return;
    }
    this.#onSlowView();
    view.destroy();
  }

  #stopHeartbeat(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }
}

function textOf(event: StoredEvent): string {
  return `id: ${event.ingestSeq}\nevent: stored\ndata: ${JSON.stringify(event)}\n\n`;
}
