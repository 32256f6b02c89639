import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { LiveFeed } from './live-feed.ts';

let feed: LiveFeed;
let server: Server;

beforeEach(async () => {
  feed = new LiveFeed(() => {});
  server = createServer((request, response) => {
    const id = request.headers['last-event-id'];
    feed.add(response, {}, typeof id === 'string' ? id : undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  feed.close();
  server.close();
});

const publish = (from: number, to: number) => {
  for (let seq = from; seq <= to; seq += 1) {
    feed.publish({ ingestSeq: String(seq), traceIds: [], truncated: false });
  }
};

/** The hello, and the ids of the events that follow it, up to one that is published when all is there. */
async function join(
  lastEventId?: string,
): Promise<{ readonly missed: boolean; readonly ids: readonly string[] }> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
  publish(999_999, 999_999);
  let text = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes('id: 999999\n')) break;
  }
  const hello = JSON.parse(/event: hello\ndata: (.*)/.exec(text)![1]!) as { missed: boolean };
  return { ...hello, ids: [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id!).slice(0, -1) };
}

describe('a live view', () => {
  it('hears what is stored from now on', async () => {
    publish(1, 3);
    expect(await join()).toEqual({ missed: false, ids: [] });
  });

  it('that comes back gets what it missed', async () => {
    publish(1, 5);
    expect(await join('3')).toEqual({ missed: false, ids: ['4', '5'] });
    expect(await join('0')).toMatchObject({ missed: false });
  });

  it('hears when that is no longer known, or never was', async () => {
    publish(1, limits.liveHistory.value + 10);
    expect(await join('9')).toMatchObject({ missed: true });
    // The event that `join` publishes has pushed out one more.
    expect(await join('11')).toMatchObject({ missed: false });
    expect(await join('from elsewhere')).toEqual({ missed: true, ids: [] });
  });
});
