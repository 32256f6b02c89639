import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TailHello, TailProgress } from '@spanwise/api';
import type { LiveFeed } from '../../live-feed.ts';
import { QueryError } from '../../query-error.ts';
import type { TailRound } from './tail-round.ts';

/** Keeps proxies and browsers from taking a quiet connection for a dead one. */
const heartbeatMillis = 15_000;
/** Between two looks: what is stored meanwhile is found together. */
const pauseMillis = 250;
/** Before another try when storage is away. */
const retryMillis = 1_000;

export interface TailViewOptions {
  readonly response: ServerResponse;
  readonly live: LiveFeed;
  /** Everything up to this segment has been seen, or shall not be. */
  readonly afterSeq: bigint;
  readonly hello: TailHello;
  /** What matches in segments after the first and up to the second number. */
  readonly round: (after: bigint, upTo: bigint) => Promise<TailRound>;
  readonly onDropped: (count: number) => void;
}

/**
 * Follows what is stored, in rounds: one question at a time, and the next one only when the reader has taken the
 * answer. Who reads slowly gets fewer and larger rounds, of which the newest matches come and the others are counted.
 * Resolves when either side has ended it.
 */
export async function followTail(options: TailViewOptions): Promise<void> {
  const { response, live, hello, round, onDropped } = options;
  const gone = new AbortController();
  response.on('error', () => {}); // the reader is gone: 'close' follows
  response.once('close', () => gone.abort());
  const write = (text: string) => {
    if (!gone.signal.aborted) response.write(text);
  };
  write(`event: hello\ndata: ${JSON.stringify(hello)}\n\n`);
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMillis);
  let seen = options.afterSeq;
  try {
    while (!gone.signal.aborted) {
      const upTo = await live.storedAfter(seen, gone.signal);
      if (response.writableNeedDrain) await once(response, 'drain', { signal: gone.signal });
      let found: TailRound;
      try {
        found = await round(seen, upTo);
      } catch (error) {
        if (!(error instanceof QueryError) || error.code !== 'too_broad') {
          await sleep(retryMillis, undefined, { signal: gone.signal });
          continue;
        }
        found = { event: 'span', items: [], dropped: -1 };
      }
      seen = upTo;
      const { event, items, dropped } = found;
      if (dropped > 0) onDropped(dropped);
      if (items.length > 0 || dropped !== 0) {
        const progress: TailProgress = { ingestSeq: String(seen), dropped };
        // Only the last event has an id: whoever comes back gets a round as a whole.
        write(
          `${items.map((item) => `event: ${event}\ndata: ${JSON.stringify(item)}\n\n`).join('')}id: ${seen}\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`,
        );
      }
      await sleep(pauseMillis, undefined, { signal: gone.signal });
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    clearInterval(heartbeat);
    response.destroy();
  }
}
