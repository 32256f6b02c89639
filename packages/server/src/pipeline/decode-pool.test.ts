import { encodeTraceRequest } from '@spanwise/otlp';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../limits.ts';
import { createDecodePool, type DecodePool } from './decode-pool.ts';
import type { DecodeRequest } from './decode-result.ts';
import { day, now, span } from './testing/decode.ts';
import { readRows } from './testing/read-rows.ts';

const pools: DecodePool[] = [];
const pool = (workers = 1, entry?: URL) => {
  const settings = {
    workers,
    contentMode: 'none',
    retentionMillis: { spans: 14 * day, logs: 7 * day },
  } as const;
  const created = createDecodePool(settings, entry);
  pools.push(created);
  return created;
};
const request = (body: Uint8Array): DecodeRequest => ({
  signal: 'spans',
  encoding: 'protobuf',
  body,
  tenant: 0,
  receivedAtMillis: now,
});
afterEach(() => Promise.all(pools.splice(0).map((each) => each.close())));

describe('the decode pool', () => {
  it('decodes on a thread, and takes the body along', async () => {
    const body = encodeTraceRequest([span(), span()]);
    const result = await pool().decode(request(body));
    if (result.kind !== 'rows') throw new Error(result.kind);
    expect(readRows('spans', result.rows)).toHaveLength(2);
    expect(body.byteLength).toBe(0);
  });

  it('leaves the rest of a larger buffer with its owner', async () => {
    const encoded = encodeTraceRequest([span()]);
    const larger = Buffer.concat([encoded, encoded]);
    const result = await pool().decode(request(larger.subarray(0, encoded.length)));
    expect(result).toMatchObject({ kind: 'rows', rowCount: 1 });
    expect(larger.byteLength).toBe(encoded.length * 2);
  });

  it('answers many at once, each its own', async () => {
    const two = pool(2);
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        two.decode(request(encodeTraceRequest(Array.from({ length: index }, () => span())))),
      ),
    );
    expect(results.map((result) => (result.kind === 'rows' ? result.rowCount : -1))).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
  });

  it('says what is wrong with a request', async () => {
    expect(await pool().decode(request(Uint8Array.of(2)))).toEqual({
      kind: 'invalid',
      code: 3,
      message: 'not an OTLP request: field number 0',
    });
  });

  it('tells senders to wait when its queue is full', async () => {
    const small = pool();
    const decoding = Array.from({ length: limits.decodeQueue.value + 2 }, () =>
      small.decode(request(encodeTraceRequest([span()]))),
    );
    const kinds = (await Promise.all(decoding)).map((result) => result.kind);
    expect(kinds.filter((kind) => kind === 'unavailable')).toHaveLength(1);
    expect(kinds.at(-1)).toBe('unavailable');
  });

  it('replaces a worker that dies, and asks for its request again; what waited is decoded', async () => {
    const mortal = pool(1, new URL('./testing/mortal-decode-worker.ts', import.meta.url));
    const [deadly, waiting] = [
      mortal.decode(request(Uint8Array.of(0xff))),
      mortal.decode(request(encodeTraceRequest([span()]))),
    ];
    expect(await deadly).toMatchObject({ kind: 'unavailable', reason: 'decode_worker_crashed' });
    expect(await waiting).toMatchObject({ kind: 'rows', rowCount: 1 });
    expect(mortal.status()).toEqual({ workers: 1, queued: 0, running: 0, crashes: 1 });
  });

  it('answers a body that was transferred before, instead of throwing', async () => {
    const one = pool();
    const body = encodeTraceRequest([span()]);
    await one.decode(request(body));
    expect(await one.decode(request(body))).toMatchObject({ kind: 'invalid', code: 13 });
  });

  it('answers what waits when it closes, and nothing after', async () => {
    const closing = pool();
    const waiting = [1, 2, 3].map(() => closing.decode(request(encodeTraceRequest([span()]))));
    await closing.close();
    for (const result of await Promise.all(waiting))
      expect(result).toMatchObject({ kind: 'unavailable', reason: 'closed' });
    expect(await closing.decode(request(new Uint8Array(0)))).toMatchObject({ reason: 'closed' });
  });
});
