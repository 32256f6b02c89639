import type {
  CallsResponse,
  ExemplarsResponse,
  StatsResponse,
  TraceAnalysisDto,
  UsageResponse,
} from '@spanwise/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { limits } from '../../limits.ts';
import { largeCount, ms, start, startFilledServer, text, traceId } from '../filled-server.fixture.ts';

const minuteMillis = 60_000;
/** An hour before the filled trace, at the beginning of a minute. */
const historyMillis = Math.floor(Number(start / ms) / minuteMillis) * minuteMillis - 60 * minuteMillis;
const historyCount = 25;

/** Calls of half the time that the filled trace's takes; every fifth failed. */
const history = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'llm-proxy')] },
      scopeSpans: [
        {
          spans: Array.from({ length: historyCount }, (_, n) => {
            const from = BigInt(historyMillis + n * 5_000) * ms;
            return {
              traceId: (n + 1).toString(16).padStart(32, 'f'),
              spanId: (n + 1).toString(16).padStart(16, '0'),
              name: 'chat gpt-4o',
              kind: 3,
              startTimeUnixNano: String(from),
              endTimeUnixNano: String(from + 65n * ms),
              ...(n % 5 === 0 ? { status: { code: 2 } } : {}),
            };
          }),
        },
      ],
    },
  ],
};

let filled: Awaited<ReturnType<typeof startFilledServer>>;
let api: string;

beforeAll(async () => {
  filled = await startFilledServer();
  api = `http://${filled.server.addresses.query}/api/v1`;
  const sent = await fetch(`http://${filled.server.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(history),
  });
  expect(sent.status).toBe(200);
  await vi.waitFor(
    async () => {
      const [row] = (await stats('service=llm-proxy&lookback=2h')).rows;
      expect(row).toMatchObject({ spanCount: historyCount + 1 });
    },
    { timeout: 10_000 },
  );
}, 60_000);

afterAll(() => filled.close());

async function get<Reply>(path: string): Promise<Reply> {
  const response = await fetch(`${api}/${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Reply;
}

const stats = (query: string) => get<StatsResponse>(`stats?${query}`);

describe('rates, errors and durations', () => {
  it('by service', async () => {
    const { rows } = await stats('lookback=7h');
    expect(rows.map(({ service, spanCount, errorCount }) => [service, spanCount, errorCount])).toEqual([
      ['batch', largeCount, 0],
      ['gateway', 2, 0],
      ['llm-proxy', historyCount + 1, 6],
    ]);
    const batch = rows[0]!;
    expect(batch.spansPerSecond).toBeCloseTo(largeCount / (7 * 3_600), 3);
    expect(batch.meanNanos).toBe(1_000_000);
    for (const nanos of [batch.p50Nanos, batch.p95Nanos, batch.p99Nanos]) {
      expect(nanos / 1_000_000).toBeGreaterThan(0.91);
      expect(nanos / 1_000_000).toBeLessThan(1.1);
    }
  });

  it('by operation, kind and window', async () => {
    const query = `by=operation&service=llm-proxy&kind=client,server&step=1m&start=${historyMillis}&end=${historyMillis + 3 * minuteMillis}`;
    const { rows, truncated } = await stats(query);
    expect(truncated).toBe(false);
    // Twelve to the minute.
    expect(
      rows.map(({ windowMillis, spanCount, errorCount }) => [windowMillis, spanCount, errorCount]),
    ).toEqual([
      [historyMillis, 12, 3],
      [historyMillis + minuteMillis, 12, 2],
      [historyMillis + 2 * minuteMillis, 1, 0],
    ]);
    expect(rows[0]).toMatchObject({ operation: 'chat gpt-4o', kind: 'client', spansPerSecond: 0.2 });
    expect((await stats(query.replace('kind=client,server', 'kind=internal'))).rows).toEqual([]);
  });

  it.each([
    ['step=90s', 'step: expected whole minutes'],
    ['step=1m&lookback=7d', 'step: gives more than 1000 windows'],
    ['by=name', 'by: expected service or operation'],
    ['kind=client,loud', 'kind: expected unspecified, internal'],
  ])('refuse %s', async (query, detail) => {
    const response = await fetch(`${api}/stats?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  it('find nothing for names that try to be SQL', async () => {
    for (const value of ["' OR 1=1 --", '{x:String}', "') UNION ALL SELECT 1 --"]) {
      expect((await stats(`lookback=7h&service=${encodeURIComponent(value)}`)).rows).toEqual([]);
      expect((await stats(`lookback=7h&operation=${encodeURIComponent(value)}`)).rows).toEqual([]);
    }
  });
});

describe('exemplars', () => {
  const exemplars = (query: string) => get<ExemplarsResponse>(`exemplars?service=llm-proxy&${query}`);
  const failing = (n: number) => (n + 1).toString(16).padStart(32, 'f');

  it('are the slowest traces, and the newest that failed', async () => {
    const { slow, failed } = await exemplars('lookback=2h&limit=3');
    expect(slow.map(({ durationNanos }) => durationNanos)).toEqual([130e6, 65e6, 65e6]);
    expect(slow[0]).toEqual({
      traceId,
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      operation: 'chat gpt-4o',
      kind: 'client',
      startTimeUnixNano: String(start + 30n * ms),
      durationNanos: 130e6,
      hasError: true,
    });
    expect(failed.map((one) => one.traceId)).toEqual([traceId, failing(20), failing(15)]);
    expect(failed.every(({ hasError }) => hasError)).toBe(true);
  });

  it('are of an operation, a kind and a window', async () => {
    const nothing = { slow: [], failed: [] };
    expect(await exemplars('lookback=2h&operation=other')).toMatchObject(nothing);
    expect(await exemplars('lookback=2h&kind=server')).toMatchObject(nothing);
    expect(await exemplars('start=1&end=2')).toMatchObject(nothing);
    const { slow } = await exemplars(`start=${historyMillis}&end=${historyMillis}&kind=client`);
    expect(slow.map((one) => one.traceId)).toEqual([failing(0)]);
  });

  it.each(['lookback=2h', 'service=a&limit=51', 'service='])('refuse %s', async (query) => {
    expect((await fetch(`${api}/exemplars?${query}`)).status).toBe(400);
  });
});

describe('a live tail', () => {
  let sent = 0;
  /** One request of spans so long, each in a trace of its own. */
  const send = async (...durations: readonly bigint[]) => {
    const from = start + 1_000n * ms;
    const spans = durations.map((duration) => {
      sent += 1;
      return {
        traceId: sent.toString(16).padStart(32, 'e'),
        spanId: sent.toString(16).padStart(16, 'e'),
        name: `tailed ${sent}`,
        kind: 1,
        startTimeUnixNano: String(from + BigInt(sent)),
        endTimeUnixNano: String(from + BigInt(sent) + duration * ms),
      };
    });
    const response = await fetch(`http://${filled.server.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [
          { resource: { attributes: [text('service.name', 'tailed')] }, scopeSpans: [{ spans }] },
        ],
      }),
    });
    expect(response.status).toBe(200);
  };
  const filter = encodeURIComponent('service = "tailed" and duration > 10ms');
  const open = async (query: string, lastEventId?: string) => {
    const response = await fetch(`${api}/tail?${query}`, {
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    return {
      close: () => reader.cancel(),
      /** Up to the next one of that name, which is the last. */
      async until(last: string) {
        const events: { readonly event: string; readonly id?: string; readonly data: Tailed }[] = [];
        for (;;) {
          const at = rest.indexOf('\n\n');
          if (at < 0) {
            const { value, done } = await reader.read();
            if (done) throw new Error('the tail ended');
            rest += value;
            continue;
          }
          const fields = new Map(
            rest
              .slice(0, at)
              .split('\n')
              .map((line) => line.split(/: (.*)/s, 2) as [string, string]),
          );
          rest = rest.slice(at + 2);
          const [event, id] = [fields.get('event'), fields.get('id')];
          if (event === undefined) continue;
          events.push({ event, ...(id === undefined ? {} : { id }), data: JSON.parse(fields.get('data')!) });
          if (event === last) return events;
        }
      },
    };
  };
  interface Tailed {
    readonly name?: string;
    readonly traceId?: string;
    readonly missed?: boolean;
    readonly dropped?: number;
  }

  it('shows what matches, and goes on where it was when it comes back', async () => {
    const tail = await open(`filter=${filter}`);
    expect(await tail.until('hello')).toMatchObject([{ data: { missed: false } }]);
    const first = sent;
    await send(20n, 5n, 30n);
    const events = await tail.until('progress');
    expect(events.map(({ event, data }) => data.name ?? [event, data.dropped])).toEqual([
      `tailed ${first + 1}`,
      `tailed ${first + 3}`,
      ['progress', 0],
    ]);
    await tail.close();
    await send(5n, 40n);
    const again = await open(`filter=${filter}`, events.at(-1)!.id);
    expect(
      (await again.until('progress')).map(({ data }) => data.name ?? data.missed ?? data.dropped),
    ).toEqual([false, `tailed ${first + 5}`, 0]);
    await again.close();
  });

  it('shows traces, and counts what is too much at once', async () => {
    const tail = await open(`filter=${filter}&of=traces`, 'from elsewhere');
    expect(await tail.until('hello')).toMatchObject([{ data: { missed: true } }]);
    await send(...new Array<bigint>(limits.tailResults.value + 7).fill(50n));
    const events = await tail.until('progress');
    expect(events.map(({ event }) => event)).toEqual([
      ...new Array<string>(limits.tailResults.value).fill('trace'),
      'progress',
    ]);
    // The newest of them.
    expect(events.at(-2)!.data).toMatchObject({ traceId: sent.toString(16).padStart(32, 'e'), spanCount: 1 });
    expect(events.at(-1)!.data.dropped).toBe(7);
    await tail.close();
  });

  it('refuses a filter that is none, and more tails than there may be', async () => {
    expect((await fetch(`${api}/tail?filter=duration%20%3E`)).status).toBe(400);
    const tails = await Promise.all(Array.from({ length: limits.tailViews.value }, () => open('')));
    expect((await fetch(`${api}/tail`)).status).toBe(503);
    await Promise.all(tails.map((tail) => tail.close()));
    await vi.waitFor(async () => (await open('')).close(), { timeout: 5_000 });
  });
});

describe('what whole traces tell', () => {
  it('is who called whom', async () => {
    await vi.waitFor(
      async () => {
        const { calls } = await get<CallsResponse>('calls?lookback=1h');
        expect(calls).toMatchObject([
          {
            caller: 'gateway',
            callee: 'llm-proxy',
            isMessage: false,
            callCount: 1,
            errorCount: 1,
            meanNanos: 130_000_000,
          },
        ]);
        expect(calls[0]!.p99Nanos / 130_000_000).toBeGreaterThan(0.9);
        expect(calls[0]!.p99Nanos / 130_000_000).toBeLessThan(1.1);
      },
      { timeout: 15_000 },
    );
    expect((await get<CallsResponse>('calls?start=1&end=2')).calls).toEqual([]);
  });

  it('is what models and agents did', async () => {
    expect(await get<UsageResponse>('usage?lookback=1h')).toMatchObject({
      models: expect.any(Array),
      agents: expect.any(Array),
    });
  });
});

describe("what Jaeger's Monitor asks", () => {
  const jaeger = async (call: string) => {
    const response = await fetch(`${api.replace('/api/v1', '')}/api/metrics/${call}`);
    return { status: response.status, body: await response.json() };
  };
  const window = `service=llm-proxy&spanKind=client&endTs=${historyMillis + 3 * minuteMillis}&lookback=180000&step=60000&ratePer=60000`;
  const points = (values: readonly number[]) =>
    values.map((doubleValue, n) => ({
      gaugeValue: { doubleValue },
      timestamp: new Date(historyMillis + n * minuteMillis).toISOString(),
    }));

  it.each([
    ['calls', 'service_call_rate', [12 / 60, 12 / 60, 1 / 60]],
    ['errors', 'service_error_rate', [3 / 12, 2 / 12, 0]],
  ])('is answered for %s', async (call, name, values) => {
    const { status, body } = await jaeger(`${call}?${window}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      name,
      type: 'GAUGE',
      help: expect.stringContaining('grouped by service'),
      metrics: [
        {
          labels: [{ name: 'service_name', value: 'llm-proxy' }],
          metricPoints: points([0, ...values]).slice(1),
        },
      ],
    });
  });

  it('is answered for latencies, in milliseconds, by operation', async () => {
    const { body } = await jaeger(`latencies?quantile=0.95&groupByOperation=true&${window}`);
    expect(body).toMatchObject({
      name: 'service_operation_latencies',
      help: '0.95th quantile latency, grouped by service & operation',
      metrics: [{ labels: [{ name: 'operation', value: 'chat gpt-4o' }, { name: 'service_name' }] }],
    });
    const { gaugeValue } = (
      body as { metrics: { metricPoints: { gaugeValue: { doubleValue: number } }[] }[] }
    ).metrics[0]!.metricPoints[0]!;
    expect(gaugeValue.doubleValue).toBeGreaterThan(60);
    expect(gaugeValue.doubleValue).toBeLessThan(71);
  });

  it.each([
    ['calls', 'provide at least one service'],
    ['latencies?service=a', "param 'quantile'"],
    ['latencies?service=a&quantile=2', "param 'quantile'"],
    ['errors?service=a&step=x', "param 'step'"],
    ['errors?service=a&spanKind=loud', 'unsupported span kind'],
    ['errors?service=a&groupByOperation=perhaps', "param 'groupByOperation'"],
  ])('is refused for %s', async (call, message) => {
    const { status, body } = await jaeger(call);
    expect([status, body]).toMatchObject([400, { errors: [{ msg: expect.stringContaining(message) }] }]);
  });
});

describe('the bottleneck', () => {
  it('is set beside the history of its operation, without itself', async () => {
    const { bottleneck } = await get<TraceAnalysisDto>(`traces/${traceId}/analysis`);
    const usual = bottleneck!.usual!;
    expect(usual).toMatchObject({ sampleCount: historyCount, rank: 1 });
    expect(usual.ratio).toBeGreaterThan(1.9);
    expect(usual.ratio).toBeLessThan(2.1);
    expect(usual.sentence).toMatch(/^[12]\.[90]\s×\sits usual, slower than all 25 calls$/);
  });

  it('has no history where there is none', async () => {
    const { bottleneck } = await get<TraceAnalysisDto>(`traces/ab/analysis`);
    expect(bottleneck).toMatchObject({ name: 'GET /health' });
    expect(bottleneck!.usual).toBeUndefined();
  });
});
