import { gzipSync } from 'node:zlib';
import type { LogIngestResponse, LogSearchResponse } from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { limits } from '../../limits.ts';
import { startFilledServer } from '../filled-server.fixture.ts';

const traceId = '5b8efff798038103d269b633813fc60c';
/** Twelve lines, a second apart, the last one a minute ago. */
const lastMillis = Date.now() - 60_000;
const lines = Array.from({ length: 12 }, (_, n) =>
  JSON.stringify({
    time: lastMillis - (11 - n) * 1_000,
    level: n % 4 === 3 ? 'error' : 'info',
    msg: `Line ${n}`,
    ...(n === 5 ? { trace_id: traceId, span_id: 'eee19b7ec3c1b174', 'gen_ai.prompt': 'CANARY' } : {}),
  }),
);

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let url: string;

beforeAll(async () => {
  filled = await startFilledServer();
  url = `http://${filled.server.addresses.query}/api/v1/logs`;
  expect(await ingest(lines.join('\n'), '?service=printer')).toEqual({
    status: 200,
    body: { accepted: 12, rejected: 0 },
  });
  await vi.waitFor(async () => expect((await search('service=printer')).logs).toHaveLength(lines.length), {
    timeout: 10_000,
  });
}, 60_000);

afterAll(() => filled.close());

async function ingest(body: string | Uint8Array, query = '', headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/ingest${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body: Buffer.from(body),
  });
  return { status: response.status, body: (await response.json()) as LogIngestResponse };
}

async function search(query: string): Promise<LogSearchResponse> {
  const response = await fetch(`${url}?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as LogSearchResponse;
}

const numbers = ({ logs }: LogSearchResponse) =>
  logs.map(({ body }) => Number(/\d+/.exec(JSON.stringify(body))));

describe('log records', () => {
  it.each([
    ['', [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['&text=line 1', [11, 10, 1]],
    ['&severity=error', [11, 7, 3]],
    ['&severity=24', []],
    [`&trace=${traceId}`, [5]],
    [`&trace=${traceId}&span=0000000000000001`, []],
    ['&span=eee19b7ec3c1b174', [5]],
    [`&start=${lastMillis - 2_000}&end=${lastMillis - 1_000}`, [10, 9]],
    ['&limit=2', [11, 10]],
    [`&around=${lastMillis - 5_500}&limit=4`, [7, 6, 5, 4]],
  ])('are searched by service=printer%s', async (query, expected) =>
    expect(numbers(await search(`service=printer${query}`))).toEqual(expected),
  );

  it('are paged in both directions without a gap or a repeat', async () => {
    const query = 'service=printer&limit=5';
    const first = await search(query);
    const second = await search(`${query}&cursor=${first.older}`);
    const third = await search(`${query}&cursor=${second.older}`);
    expect([first, second, third].flatMap(numbers)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(third.older).toBeUndefined();
    const back = await search(`${query}&cursor=${third.newer}`);
    expect(numbers(back)).toEqual(numbers(second));
    expect(numbers(await search(`${query}&cursor=${back.newer}`))).toEqual(numbers(first));
    expect((await search(`${query}&cursor=${first.newer}`)).logs).toEqual([]);
  });

  it('lead from a moment to what came before and after', async () => {
    const page = await search(`service=printer&limit=4&around=${lastMillis - 5_500}`);
    expect(numbers(await search(`service=printer&limit=4&cursor=${page.older}`))).toEqual([3, 2, 1, 0]);
    expect(numbers(await search(`service=printer&limit=4&cursor=${page.newer}`))).toEqual([11, 10, 9, 8]);
  });

  it.each([
    ['cursor=abc', 'cursor: expected a cursor of an earlier answer'],
    ['severity=loud', 'severity: expected trace, debug'],
    ['limit=1001', 'limit: expected a number from 1 to 1000'],
    ['span=xyz', 'span: expected 16 lowercase hex digits'],
    ["service=a' OR 1=1 --&start=5&end=4", 'start: lies after end'],
  ])('refuse %s', async (query, detail) => {
    const response = await fetch(`${url}?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  it('find nothing for values that try to be SQL', async () => {
    for (const value of ["' OR 1=1 --", '\\', '{x:String}', '%', '_', "'); DROP TABLE logs; --"]) {
      expect((await search(`service=${encodeURIComponent(value)}`)).logs).toEqual([]);
      expect((await search(`text=${encodeURIComponent(value)}&service=printer`)).logs).toEqual([]);
    }
  });
});

describe('lines that a program printed', () => {
  it('pass the gate like everything else', async () => {
    const [log] = (await search('span=eee19b7ec3c1b174')).logs;
    expect(log).toMatchObject({ traceId, severityNumber: 9, service: 'printer' });
    expect(JSON.stringify(log)).not.toContain('CANARY');
  });

  it('may be compressed, and be no JSON', async () => {
    const body = gzipSync('starting\n\nready\n');
    expect(await ingest(body, '?service=plain', { 'content-encoding': 'gzip' })).toMatchObject({
      status: 200,
      body: { accepted: 2 },
    });
    expect(await ingest('\n')).toMatchObject({ body: { accepted: 0, rejected: 0 } });
  });

  it('are refused one by one when their time is no time', async () => {
    expect(await ingest('{"time":1000,"msg":"long ago"}\nnow')).toMatchObject({
      status: 200,
      body: { accepted: 1, rejected: 1, message: expect.stringContaining('time') },
    });
  });

  it.each([
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of a sister site', { 'sec-fetch-site': 'same-site' }, 403],
    ['an unknown compression', { 'content-encoding': 'br' }, 415],
    ['a wrong compression', { 'content-encoding': 'gzip' }, 400],
  ])('are not taken from %s', async (_, headers, status) =>
    expect((await ingest('x', '', headers as Record<string, string>)).status).toBe(status),
  );

  it('are not taken when they are no text, or too many', async () => {
    expect((await ingest(Uint8Array.of(0xff, 0xfe))).status).toBe(400);
    const tooMuch = gzipSync(Buffer.alloc(limits.logLineBytes.value + 1, 'x'));
    expect((await ingest(tooMuch, '', { 'content-encoding': 'gzip' })).status).toBe(413);
  });
});
