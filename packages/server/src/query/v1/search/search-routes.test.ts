import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  ProblemDocument,
  SearchGroupsResponse,
  SearchHeatmapResponse,
  SearchHistogramResponse,
  SearchSpansResponse,
  SearchTracesResponse,
  SearchValuesResponse,
} from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  largeCount,
  largeId,
  modelId,
  ms,
  rootId,
  shortId,
  start,
  startFilledServer,
  text,
  traceId,
} from '../../filled-server.fixture.ts';

const historyCount = 25;

/** Calls of half the time that the filled trace's takes, an hour before. */
const history = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'llm-proxy')] },
      scopeSpans: [
        {
          spans: Array.from({ length: historyCount }, (_, n) => {
            const from = start - 3_600_000n * ms + BigInt(n) * 1_000n * ms;
            return {
              traceId: (n + 1).toString(16).padStart(32, 'f'),
              spanId: (n + 1).toString(16).padStart(16, '0'),
              name: 'chat gpt-4o',
              kind: 3,
              startTimeUnixNano: String(from),
              endTimeUnixNano: String(from + 65n * ms),
            };
          }),
        },
      ],
    },
  ],
};

const allCount = largeCount + 3 + historyCount;

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let api: string;

beforeAll(async () => {
  filled = await startFilledServer();
  api = `http://${filled.server.addresses.query}/api/v1/search`;
  const sent = await fetch(`http://${filled.server.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(history),
  });
  expect(sent.status).toBe(200);
  await vi.waitFor(
    async () => expect((await spans('service = "llm-proxy"')).total?.count).toBe(historyCount + 1),
    { timeout: 10_000 },
  );
}, 60_000);

afterAll(() => filled.close());

type Parameters = Readonly<Record<string, string>>;

const ask = (path: string, parameters: Parameters) =>
  fetch(`${api}/${path}?${new URLSearchParams(parameters)}`);

async function get<Reply>(path: string, parameters: Parameters): Promise<Reply> {
  const response = await ask(path, parameters);
  const body = await response.json();
  expect([response.status, body]).toEqual([200, body]);
  return body as Reply;
}

const spans = (filter: string, more: Parameters = {}) =>
  get<SearchSpansResponse>('spans', { filter, ...more });
const traces = (filter: string, more: Parameters = {}) =>
  get<SearchTracesResponse>('traces', { filter, ...more });

async function refusal(path: string, parameters: Parameters): Promise<ProblemDocument> {
  const response = await ask(path, parameters);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return (await response.json()) as ProblemDocument;
}

describe('spans', () => {
  it.each([
    ['status = error', [modelId]],
    ['user = "two words" or event.attempt = 2', [rootId]],
    ['http.response.status_code = 200 and http.response.status_code = "200"', [rootId]],
    ['{service = "gateway"} > {kind = client}', [modelId]],
    ['trace_duration = 200ms and root_service = "gateway"', [modelId, rootId]],
    ['duration > p95(1d)', [modelId]],
    ['duration <= p50(1d) and service = "gateway"', []],
    ['name = "GET /health" and not root = true', [rootId]],
  ])('%s', async (filter, ids) => {
    const answer = await spans(filter, { lookback: '2h' });
    expect(answer.spans.map(({ spanId }) => spanId)).toEqual(ids);
    expect(answer).toMatchObject({ total: { count: ids.length, exact: true }, searched: { complete: true } });
  });

  it('are told with what a list shows', async () => {
    const { spans: found } = await spans('status = error');
    expect(found).toEqual([
      {
        traceId,
        spanId: modelId,
        parentSpanId: rootId,
        service: 'llm-proxy',
        name: 'chat gpt-4o',
        kind: 'client',
        status: 'error',
        startTimeUnixNano: String(start + 30n * ms),
        durationNanos: 130_000_000,
        inputTokens: -1,
        outputTokens: -1,
        cost: -1,
      },
    ]);
  });

  it('come page by page, each once', async () => {
    const seen = new Set<string>();
    let pages = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined; pages += 1) {
      const page: SearchSpansResponse = await spans('', {
        limit: '1500',
        ...(cursor === '' ? {} : { cursor }),
      });
      expect(page.total).toEqual(cursor === '' ? { count: 10_000, exact: false } : undefined);
      for (const { traceId: trace, spanId } of page.spans) seen.add(`${trace}/${spanId}`);
      cursor = page.next;
    }
    expect([seen.size, pages]).toEqual([allCount, Math.ceil(allCount / 1_500)]);
  });

  it('are within the window asked for', async () => {
    const at = Number(start / ms);
    const { spans: found } = await spans('', { start: String(at), end: String(at + 40) });
    expect(found.map(({ spanId }) => spanId)).toEqual([modelId, rootId]);
    expect((await spans('', { end: '1' })).spans).toEqual([]);
  });
});

describe('traces', () => {
  it('are found by one of their spans, and told whole', async () => {
    const { traces: found, next } = await traces('status = error');
    expect(found).toMatchObject([{ traceId, spanCount: 2, rootName: 'POST /chat' }]);
    expect(next).toBeUndefined();
  });

  it.each([
    ['time', [shortId, traceId]],
    ['spans', [largeId, traceId]],
    ['duration', [largeId, traceId]],
    ['errors', [traceId, shortId]],
  ])('by %s', async (order, ids) => {
    const first = await traces('', { order, limit: '2' });
    expect(first.traces.map((trace) => trace.traceId)).toEqual(ids);
    expect(first.total).toEqual({ count: historyCount + 3, exact: true });
    const all = [...first.traces];
    for (let cursor = first.next; cursor !== undefined; ) {
      const page: SearchTracesResponse = await traces('', { order, limit: '2', cursor });
      expect(page.total).toBeUndefined();
      all.push(...page.traces);
      cursor = page.next;
    }
    expect(new Set(all.map((trace) => trace.traceId)).size).toBe(historyCount + 3);
    expect(all.length).toBe(historyCount + 3);
  });
});

describe('sums', () => {
  it('over time', async () => {
    const histogram = await get<SearchHistogramResponse>('histogram', { bins: '7' });
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    expect([histogram.counts.length, sum(histogram.counts), sum(histogram.errors)]).toEqual([7, allCount, 1]);
    const heat = await get<SearchHeatmapResponse>('heatmap', { bins: '7' });
    expect(heat.bin.every((bin) => bin < 7)).toBe(true);
    expect(sum(heat.count)).toBe(allCount);
    expect((await get<SearchHistogramResponse>('histogram', { end: '1', bins: '3' })).counts).toEqual([
      0, 0, 0,
    ]);
  });

  it('by fields', async () => {
    const { by, groups, truncated } = await get<SearchGroupsResponse>('groups', {
      filter: 'not service = "batch"',
      by: 'service,resource.host.name,user',
    });
    expect(by).toEqual(['service', 'resource.host.name', 'user']);
    expect(truncated).toBe(false);
    const llm = { count: historyCount, errorCount: 0, errorRate: 0, p50Nanos: 65e6, tokens: -1, cost: -1 };
    expect(groups).toMatchObject([
      { keys: ['llm-proxy', null, null], ...llm },
      { keys: ['gateway', 'h1', null], count: 1 },
      { keys: ['gateway', 'h1', 'two words'], count: 1, p99Nanos: 200e6 },
      { keys: ['llm-proxy', 'h1', null], errorRate: 1 },
    ]);
    expect(await get<SearchGroupsResponse>('groups', {})).toMatchObject({
      groups: [{ keys: [], count: allCount }],
    });
    expect(await get<SearchGroupsResponse>('groups', { by: 'name', limit: '5' })).toMatchObject({
      truncated: true,
    });
  });

  it('of the values of a field', async () => {
    expect(await get<SearchValuesResponse>('values', { field: 'service' })).toEqual({
      field: 'service',
      values: [
        { value: 'batch', count: largeCount },
        { value: 'llm-proxy', count: historyCount + 1 },
        { value: 'gateway', count: 2 },
      ],
      truncated: false,
    });
    expect((await get<SearchValuesResponse>('values', { field: 'event.attempt' })).values).toEqual([
      { value: '2', count: 1 },
    ]);
  });
});

describe('what is refused', () => {
  it('names the place in a filter and what was meant', async () => {
    expect(await refusal('spans', { filter: 'a = 1 and servce = "x"' })).toMatchObject({
      status: 400,
      code: 'invalid_parameter',
      parameter: 'filter',
      detail: expect.stringContaining('filter: no field servce at column 11; did you mean service?'),
      position: { from: 10, to: 16 },
      didYouMean: 'service',
    });
    expect(await refusal('groups', { by: 'service,' })).toMatchObject({
      parameter: 'by',
      position: { from: 8, to: 8 },
    });
    expect(await refusal('groups', { by: 'span_count' })).toMatchObject({
      detail: 'by: span_count speaks of whole traces; expected a field of spans',
    });
    expect(await refusal('values', { field: '' })).toMatchObject({ detail: 'field: expected a field' });
    expect(await refusal('traces', { filter: 'name =~ "\\p{Nonsense}"' })).toMatchObject({
      status: 400,
      detail: 'filter: a pattern is not one of RE2',
    });
  });

  it('a cursor of another question, or of none', async () => {
    const { next } = await spans('', { limit: '1' });
    const wrong = { status: 400, parameter: 'cursor' };
    expect(await refusal('spans', { cursor: next!, filter: 'a = 1' })).toMatchObject(wrong);
    expect(await refusal('spans', { cursor: next!, order: 'duration' })).toMatchObject(wrong);
    expect(await refusal('traces', { cursor: next! })).toMatchObject(wrong);
    expect(await refusal('spans', { cursor: 'bm9uc2Vuc2U' })).toMatchObject(wrong);
    const frozen = (await traces('', { order: 'spans', limit: '1' })).next!;
    const forgotten = Buffer.from(frozen, 'base64url')
      .toString()
      .replace(/[\w-]{16} 1$/, `${'A'.repeat(16)} 1`);
    expect(
      await refusal('traces', {
        order: 'spans',
        limit: '1',
        cursor: Buffer.from(forgotten).toString('base64url'),
      }),
    ).toMatchObject({ status: 410, code: 'cursor_expired' });
  });
});

/** What has broken out of quotes, comments, parameters, paths and parsers elsewhere. */
const hostile = [
  ...[
    "'",
    "''",
    "\\'",
    "' OR '1'='1",
    "'; DROP TABLE spans; --",
    "') OR 1=1 --",
    '" OR ""="',
    '`',
    '\\',
    '\\\\',
  ],
  ...[
    '{tenant:UInt32}',
    '{from:Int64}',
    '{x:Identifier}',
    "_CAST(1,'String')",
    '/* */',
    '--',
    '#',
    ';',
    '%00',
    '\u0000',
  ],
  ...[
    '\ud800',
    '🧨',
    '../../etc/passwd',
    '$(id)',
    '__proto__',
    'constructor',
    'NaN',
    '-1',
    '1e309',
    '9'.repeat(40),
  ],
  ...['1 UNION SELECT * FROM system.users', 'sleep(3)', "file('/etc/passwd')", '{"$ne":1}', '\n\r\t', ' '],
] as const;

describe('hostile values', () => {
  const parameters: Readonly<Record<string, readonly string[]>> = {
    spans: ['filter', 'order', 'direction', 'cursor', 'limit', 'start', 'end', 'lookback', 'nonsense'],
    traces: ['filter', 'order', 'direction', 'cursor', 'limit', 'start', 'end', 'lookback'],
    histogram: ['filter', 'bins'],
    groups: ['filter', 'by', 'limit'],
    values: ['filter', 'field', 'limit'],
  };

  it('are values in every parameter, or refused', async () => {
    const field = { field: 'service' };
    const asked = Object.entries(parameters).flatMap(([path, names]) =>
      names.flatMap((name) =>
        hostile.map((value) => ({ path, query: { ...(path === 'values' ? field : {}), [name]: value } })),
      ),
    );
    for (const { path, query } of asked) {
      const response = await ask(path, query);
      const body = await response.text();
      expect([query, response.status, [200, 400].includes(response.status)]).toEqual([
        query,
        response.status,
        true,
      ]);
      if (response.status === 400) expect(JSON.parse(body).code).toBe('invalid_parameter');
    }
  });

  it('find nothing as a text, a key or a pattern of a filter, and change nothing', async () => {
    const quoted = (value: string) =>
      `"${value.replace(/[\\"\n\r\t]/g, (one) => JSON.stringify(one).slice(1, -1))}"`;
    // Several in one question: none may find anything.
    for (let at = 0; at < hostile.length; at += 6) {
      const filter = hostile
        .slice(at, at + 6)
        .map(quoted)
        .flatMap((one) => [
          `name = ${one}`,
          `nothing = ${one}`,
          `${one} exists`,
          `resource.${one} in (${one}, 1)`,
        ])
        .join(' or ');
      expect([filter, (await spans(filter, { lookback: '1h' })).spans]).toEqual([filter, []]);
    }
    const one = quoted("') OR 1=1 --");
    expect((await spans(`{event.${one} = true} >> {name =~ ".*" or ${one} exists}`)).spans).toEqual([]);
    const three = hostile.slice(0, 3).map(quoted).join(',');
    const { groups } = await get<SearchGroupsResponse>('groups', { by: three, lookback: '1h' });
    expect(groups.map(({ keys }) => keys)).toEqual([[null, null, null]]);
    expect((await get<SearchGroupsResponse>('groups', {})).groups[0]?.count).toBe(allCount);
  });
});

describe('docs/filter-language.md', () => {
  const documented = readFileSync(
    fileURLToPath(new URL('../../../../../../docs/filter-language.md', import.meta.url)),
    'utf8',
  );

  it('has examples that can be asked as they stand', async () => {
    const examples = [...documented.split('## Conditions')[0]!.matchAll(/^\| `(.*?)` \|/gm)].map(
      ([, one]) => one!,
    );
    expect(examples.length).toBeGreaterThan(15);
    for (const filter of examples) await spans(filter, { lookback: '1h' });
  });
});

describe('a key that nobody has sent', () => {
  it('is told where nothing is found, with one that is like it', async () => {
    await vi.waitFor(
      async () =>
        expect((await spans('http.response.staus_code = 500')).unknownKeys).toEqual([
          {
            key: 'http.response.staus_code',
            position: { from: 0, to: 24 },
            didYouMean: 'http.response.status_code',
          },
        ]),
      { timeout: 15_000, interval: 500 },
    );
  });
});
