import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { traceId } from '@spanwise/model';
import { EngineError, type TraceReader } from '@spanwise/store';
import { drawTrace } from '@spanwise/testing';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { limits } from '../limits.ts';
import { ServerMetrics } from '../telemetry/server-metrics.ts';
import { readJaegerUi } from './jaeger-ui.ts';
import { LiveFeed } from './live-feed.ts';
import { createQueryApp } from './query-app.ts';

let app: FastifyInstance;

afterEach(() => app.close());

/** What storage says when it can't answer; `spanwise-server.test.ts` asks a real one. */
function failingReader(error: Error): TraceReader {
  const fail = () => Promise.reject(error);
  return {
    services: fail,
    operations: fail,
    findTraces: fail,
    findTraceIds: fail,
    summaries: fail,
    trace: fail,
    traceGroups: fail,
    traceColumns: fail,
    spans: fail,
    logsOfTrace: fail,
    findLogs: fail,
    series: fail,
    serviceCalls: fail,
    agentUses: fail,
    flaws: fail,
    exemplars: fail,
    arrivals: fail,
    modelUsage: fail,
    attributeKeys: fail,
    attributeValues: fail,
    logCounts: fail,
    traceVersion: fail,
    searchBounds: fail,
    searchSpans: fail,
    searchTraceIds: fail,
    topTraceIds: fail,
    countMatches: fail,
    spanHeat: fail,
    groupSpans: fail,
    topValues: fail,
    until() {
      return this;
    },
  };
}

async function start(
  options: { error?: Error; webDir?: string; uiDir?: string; reader?: Partial<TraceReader> } = {},
) {
  const metrics = new ServerMetrics({
    bytesInFlight: () => 0,
    spool: () => undefined,
    decodeQueue: () => 0,
    engineRestarts: () => 0,
    isEngineReady: () => true,
    liveViews: () => 0,
  });
  app = await createQueryApp({
    reader: {
      ...failingReader(options.error ?? new Error('SELECT secret FROM spans')),
      ...options.reader,
    },
    tenant: 0,
    archiveTrace: () => Promise.reject(options.error ?? new Error('not asked here')),
    status: () => {
      throw new Error('not asked here');
    },
    system: () => Promise.reject(new Error('not asked here')),
    live: new LiveFeed(() => {}),
    receiveLogLines: () => Promise.reject(new Error('not asked here')),
    metrics,
    clock: () => 1_700_000_000_000,
    logger: pino({ level: 'silent' }),
    listen: '127.0.0.1',
    allowedHosts: [],
    webDir: options.webDir ?? '/nowhere',
    uiDir: options.uiDir,
  });
}

const id = traceId('5b8efff798038103d269b633813fc60c');

describe('storage that does not answer', () => {
  const restarting = new EngineError('restarting: /data/x', { retryable: true });
  const tooLarge = new EngineError('ClickHouse error 396', { retryable: false, code: 396 });
  const tooSlow = new EngineError('the statement took longer than it may', { retryable: false, code: 159 });
  const broken = new EngineError('ClickHouse error 47 UNKNOWN_IDENTIFIER', { retryable: false, code: 47 });

  it.each([
    ['is restarting', restarting, 503, 'storage_unavailable'],
    ['takes too long', tooSlow, 504, 'too_slow'],
    ['has too large an answer', tooLarge, 400, 'too_large'],
    ['finds our SQL wrong', broken, 500, 'internal_error'],
    ['fails in another way', new Error('SELECT secret FROM spans'), 500, 'internal_error'],
  ])('%s', async (_, error, status, code) => {
    await start({ error });
    for (const url of [
      '/api/v1/services',
      '/api/v1/traces',
      `/api/v1/traces/${id}`,
      `/api/v1/traces/${id}/logs`,
    ]) {
      const response = await app.inject(url);
      expect([url, response.statusCode]).toEqual([url, status]);
      expect(response.json()).toMatchObject({ code, status });
      expect(response.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
      expect(response.body).not.toMatch(/secret|ClickHouse|\/data/);
    }
    for (const url of ['/api/services', '/api/traces?service=a', `/api/traces/${id}`]) {
      const response = await app.inject(url);
      expect([url, response.statusCode]).toEqual([url, status]);
      expect(response.json()).toMatchObject({ data: null, errors: [{ code: status }] });
      expect(response.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
      expect(response.body).not.toMatch(/secret|ClickHouse|\/data/);
    }
    const window = 'query.startTimeMin=2026-11-22T00:00:00Z&query.startTimeMax=2026-11-23T00:00:00Z';
    for (const url of [
      '/api/v3/services',
      '/api/v3/operations?service=a',
      `/api/v3/traces/${id}`,
      `/api/v3/traces?${window}`,
      `/api/v3/trace-summaries?${window}`,
    ]) {
      const response = await app.inject(url);
      expect([url, response.statusCode]).toEqual([url, status]);
      expect(response.json()).toEqual({ error: { httpCode: status, message: expect.any(String) } });
      expect(response.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
      expect(response.body).not.toMatch(/secret|ClickHouse|\/data/);
    }
  });
});

describe('a caller that goes away', () => {
  it('takes its question with it', async () => {
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: stopped, resolve: onStopped } = Promise.withResolvers<void>();
    await start({
      reader: {
        until(signal) {
          signal.addEventListener('abort', () => onStopped());
          return this as TraceReader;
        },
        services: () => {
          onAsked();
          return new Promise(() => {});
        },
      },
    });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const browser = new AbortController();
    const answer = fetch(`${address}/api/v1/services`, { signal: browser.signal });
    await asked;
    browser.abort();
    await expect(answer).rejects.toThrow();
    await stopped;
  });
});

describe('a search whose traces are too large for one answer', () => {
  const ids = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => traceId(String(index).padStart(32, '0')));
  const [span] = drawTrace('web  GET /  |==|').spans;
  const reader: Partial<TraceReader> = {
    findTraceIds: async () => ids,
    traceGroups: async () => [{ ids, read: async () => undefined }],
    trace: async (_, id) => ({
      traceId: id,
      spans: Array.from({ length: limits.jaegerSpans.value / 2 }, () => span!),
    }),
  };

  it('is refused in version 3, which could not tell what is missing', async () => {
    await start({ reader });
    const response = await app.inject(
      '/api/v3/traces?query.startTimeMin=2026-11-22T00:00:00Z&query.startTimeMax=2026-11-23T00:00:00Z',
    );
    expect(response.statusCode).toBe(400);
    expect(response.json().error.message).toContain('lower query.searchDepth');
  });
});

describe('what never becomes a request', () => {
  it.each([
    ['an address that is none', 'GET /% HTTP/1.1\r\nhost: localhost\r\n\r\n', 400],
    ['a foreign name with it', 'GET /% HTTP/1.1\r\nhost: evil.example\r\n\r\n', 403],
    ['too many headers', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['another protocol', 'HELO there\r\n\r\n', 400],
  ])('%s is answered like any other mistake', async (_, request, status) => {
    await start();
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(request.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'));
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("content-security-policy: default-src 'none'");
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({
      status,
      code: status === 403 ? 'host_not_allowed' : 'bad_request',
    });
  });
});

describe('the web app', () => {
  function build(): string {
    const folder = mkdtempSync(join(tmpdir(), 'spanwise-web-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<title>Spanwise</title>');
    writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(folder, 'assets', 'index-Dk3.js'), `/* ${'x'.repeat(5_000)} */`);
    return folder;
  }

  it.each([
    ['/', 'no-cache', '<title>Spanwise'],
    ['/index.html', 'no-cache', '<title>Spanwise'],
    [`/trace/${id}`, 'no-cache', '<title>Spanwise'],
    ['/search?service=a.js', 'no-cache', '<title>Spanwise'],
    ['/favicon.svg', 'no-cache', '<svg'],
    ['/assets/index-Dk3.js', 'public, max-age=31536000, immutable', '/* xxx'],
  ])('answers %s', async (url, cacheControl, content) => {
    await start({ webDir: build() });
    const response = await app.inject(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe(cacheControl);
    expect(response.headers['content-security-policy']).toContain("script-src 'self'");
    expect(response.body).toContain(content);
  });

  it.each([
    '/assets/index-old.js',
    '/robots.txt',
    '/api/v2/x',
    '/..%2f..%2fpackage.json',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
  ])('has no %s', async (url) => {
    await start({ webDir: build() });
    const response = await app.inject(url);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
    expect(response.json()).toMatchObject({ code: expect.any(String) });
  });

  it('does not answer a page to what changes something', async () => {
    await start({ webDir: build() });
    expect((await app.inject({ method: 'POST', url: '/' })).statusCode).toBe(404);
  });

  it('compresses what is worth it', async () => {
    await start({ webDir: build() });
    const headers = { 'accept-encoding': 'gzip' };
    const large = await app.inject({ url: '/assets/index-Dk3.js', headers });
    expect(large.headers['content-encoding']).toBe('gzip');
    const small = await app.inject({ url: '/api/nothing', headers });
    expect(small.headers['content-encoding']).toBeUndefined();
  });
});

describe("Jaeger's UI in front", () => {
  /** Its marks and files; `npm run test:browser` opens a real one with `JAEGER_UI_DIR`. */
  function build(): { readonly webDir: string; readonly uiDir: string } {
    const folder = mkdtempSync(join(tmpdir(), 'spanwise-ui-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [webDir, uiDir] = [join(folder, 'web'), join(folder, 'ui')];
    mkdirSync(join(webDir, 'assets'), { recursive: true });
    writeFileSync(join(webDir, 'index.html'), '<title>Spanwise</title>');
    writeFileSync(join(webDir, 'assets', 'index-Dk3.js'), '/* ours */');
    mkdirSync(join(uiDir, 'static'), { recursive: true });
    writeFileSync(
      join(uiDir, 'index.html'),
      `<title>Jaeger UI</title><script>
        const JAEGER_CONFIG = DEFAULT_CONFIG;
        const JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;
        const JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;
        const JAEGER_VERSION = DEFAULT_VERSION;
      </script>`,
    );
    writeFileSync(join(uiDir, 'static', 'index-x.js'), '/* theirs */');
    writeFileSync(join(uiDir, 'static', 'index-x.css'), 'a {}');
    return { webDir, uiDir };
  }

  it.each([
    ['/', '<title>Jaeger UI', 'text/html; charset=utf-8'],
    ['/search?service=a.js', '<title>Jaeger UI', 'text/html; charset=utf-8'],
    [`/trace/${id}...${id}`, '<title>Jaeger UI', 'text/html; charset=utf-8'],
    ['/spanwisely', '<title>Jaeger UI', 'text/html; charset=utf-8'],
    ['/static/index-x.js', '/* theirs */', 'application/javascript; charset=utf-8'],
    ['/static/index-x.css', 'a {}', 'text/css; charset=utf-8'],
    ['/assets/index-Dk3.js', '/* ours */', 'application/javascript; charset=utf-8'],
    ['/spanwise', '<title>Spanwise', 'text/html; charset=utf-8'],
    [`/spanwise/trace/${id}`, '<title>Spanwise', 'text/html; charset=utf-8'],
    ['/spanwise?x=1', '<title>Spanwise', 'text/html; charset=utf-8'],
  ])('answers %s with %s', async (url, content, type) => {
    await start(build());
    const response = await app.inject(url);
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain(content);
    expect(response.headers['content-type']).toBe(type);
  });

  it.each([
    '/static/index-old.js',
    '/static/',
    '/static/../index.html.bak',
    '/static/..%2findex.html',
    '/static/..%2f..%2fweb%2findex.html',
    '/static/%2e%2e/%2e%2e/web/index.html',
    '/static/..%5c..%5cweb%5cindex.html',
    '/assets/index-old.js',
    '/assets/..%2f..%2fui%2findex.html',
    '/assets/%2e%2e/%2e%2e/ui/static/index-x.js',
    '/api/nothing',
  ])('has no %s', async (url) => {
    await start(build());
    const response = await app.inject(url);
    expect([403, 404]).toContain(response.statusCode);
  });

  it('tells the page what the server can do, and lets no other script run', async () => {
    await start(build());
    const { body, headers } = await app.inject('/');
    const injected = (name: string) => JSON.parse(new RegExp(`${name} = (.*);`).exec(body)![1]!) as unknown;
    expect(body).not.toContain('DEFAULT_');
    expect(injected('JAEGER_CONFIG')).toMatchObject({ deepDependencies: { menuEnabled: true } });
    expect(injected('JAEGER_STORAGE_CAPABILITIES')).toEqual({ archiveStorage: true, metricsStorage: true });
    expect(injected('JAEGER_BACKEND_CAPABILITIES')).toEqual({
      archiveStorage: true,
      metricsStorage: true,
      searchWithoutServiceName: true,
      aiAssistant: false,
    });
    expect(injected('JAEGER_VERSION')).toMatchObject({ gitVersion: expect.stringMatching(/^Spanwise \d/) });
    const script = /<script>([\s\S]*)<\/script>/.exec(body)![1]!;
    const hash = createHash('sha256').update(script).digest('base64');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}';`);
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
    expect((await app.inject('/spanwise/')).headers['content-security-policy']).toContain(
      "script-src 'self';",
    );
  });

  it('is no folder of something else', () => {
    const { webDir } = build();
    expect(() => readJaegerUi(webDir)).toThrow('not that of jaeger-ui');
  });
});

describe('traceresponse', () => {
  it.each([
    ['/', 503],
    ['/api/nothing', 404],
    ['/api/services', 503],
  ])("names the caller's trace on %s, whatever the answer", async (url, status) => {
    await start({ error: new EngineError('restarting', { retryable: true }) });
    const headers = { traceparent: `00-${id}-00f067aa0ba902b7-01` };
    const response = await app.inject({ url, headers });
    expect(response.statusCode).toBe(status);
    expect(response.headers.traceresponse).toMatch(new RegExp(`^00-${id}-[0-9a-f]{16}-00$`));
  });
});

describe("Jaeger's dependencies", () => {
  it('are the calls of settled traces in the window', async () => {
    const asked: unknown[] = [];
    await start({
      reader: {
        until() {
          return this as TraceReader;
        },
        serviceCalls: async (tenant, range) => {
          asked.push([tenant, range]);
          const call = {
            callee: 'agent',
            isMessage: false,
            errorCount: 0,
            totalNanos: 1,
            buckets: new Map(),
          };
          return [
            { ...call, caller: 'web', callCount: 3 },
            { ...call, caller: 'cron', callCount: 1 },
          ];
        },
      },
    });
    const response = await app.inject('/api/dependencies?endTs=10000&lookback=4000&service=web');
    expect(asked).toEqual([[0, { startMillis: 6_000, endMillis: 10_000 }]]);
    expect(response.json()).toEqual({
      data: [{ parent: 'web', child: 'agent', callCount: 3 }],
      total: 0,
      limit: 0,
      offset: 0,
      errors: null,
    });
  });
});
