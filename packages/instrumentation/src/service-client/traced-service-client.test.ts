import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSpanRecorder } from '../testing/span-recorder.ts';
import { traced } from '../traced/traced.ts';
import { ServiceError } from './service-error.ts';
import { TracedServiceClient } from './traced-service-client.ts';

const recorder = startSpanRecorder();
beforeEach(() => recorder.clear());

/** The other service. It answers by path and remembers what it was asked. */
let lastRequest: { headers: IncomingMessage['headers']; rawHeaders: string[]; body: string };
const server = createServer(async (request, response) => {
  const body = await text(request);
  lastRequest = { headers: request.headers, rawHeaders: request.rawHeaders, body };
  answers[request.url ?? '']?.(response, body);
});

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const answers: Record<string, (response: ServerResponse, body: string) => void> = {
  '/api/echo': (response, body) => json(response, 200, { got: JSON.parse(body) }),
  '/api/items?q=canary': (response) => json(response, 200, []),
  '/api/nothing': (response) => response.writeHead(204).end(),
  '/api/refused': (response) => json(response, 422, { code: 'unknown_tool', message: 'canary' }),
  '/api/nested': (response) => json(response, 429, { error: { code: 'rate_limited', message: 'canary' } }),
  '/api/sentence': (response) => json(response, 400, { code: 'canary is a sentence' }),
  '/api/broken': (response) => response.writeHead(500).end('canary: stack of the other service'),
  '/api/text': (response) => response.end('not JSON'),
  '/api/cut': (response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{');
    response.destroy();
  },
  '/api/huge': (response) => response.end('x'.repeat(17 * 1024 * 1024)),
  '/api/silent': () => {},
};

let baseUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const instrumentation = new UndiciInstrumentation();
instrumentation.disable();

describe.each([
  ['alone', () => instrumentation.disable()],
  ['beside the fetch instrumentation', () => instrumentation.enable()],
])('%s', (_, prepare) => {
  beforeEach(prepare);
  afterAll(() => instrumentation.disable());

  it('sends JSON, one span and its context once', async () => {
    const client = new TracedServiceClient(baseUrl, { headers: { 'X-Tenant': 'acme' } });
    const answer = await traced.step('caller', () => client.post<{ got: unknown }>('/echo', { a: 1 }));
    expect(answer).toEqual({ got: { a: 1 } });

    const span = recorder.getSpan('POST');
    expect(recorder.spans().map(({ name }) => name)).toEqual(['POST', 'caller']);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.parentSpanContext?.spanId).toBe(recorder.getSpan('caller').spanContext().spanId);
    expect(span.attributes).toEqual({
      'http.request.method': 'POST',
      'url.full': `${baseUrl}/echo`,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(baseUrl).port),
      'http.response.status_code': 200,
    });

    const { traceId, spanId } = span.spanContext();
    expect(lastRequest.headers.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(lastRequest.rawHeaders.filter((name) => name.toLowerCase() === 'traceparent')).toHaveLength(1);
    expect(lastRequest.headers['x-tenant']).toBe('acme');
    expect(lastRequest.headers['content-type']).toBe('application/json');
  });
});

describe('an answer', () => {
  it('keeps the query out of the span', async () => {
    expect(await new TracedServiceClient(`${baseUrl}/`).get('items?q=canary')).toEqual([]);
    expect(recorder.getSpan('GET').attributes['url.full']).toBe(`${baseUrl}/items`);
  });

  it('without a body is null', async () => {
    expect(await new TracedServiceClient(baseUrl).get('/nothing')).toBeNull();
  });

  it.each([
    ['/refused', 422, 'unknown_tool', '422'],
    ['/nested', 429, 'rate_limited', '429'],
    ['/sentence', 400, 'http_400', '400'],
    ['/broken', 500, 'http_500', '500'],
    ['/text', 200, 'invalid_response', 'invalid_response'],
    ['/huge', 200, 'response_too_large', 'response_too_large'],
  ])('%s is a ServiceError', async (path, status, code, errorType) => {
    const error = await new TracedServiceClient(baseUrl).get(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ status, code, message: `GET ${baseUrl}${path} failed: ${status} ${code}` });
    const span = recorder.getSpan('GET');
    expect(span.attributes['error.type']).toBe(errorType);
    expect(span.attributes['http.response.status_code']).toBe(status);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
  });
});

describe('no answer', () => {
  it('in time', async () => {
    const client = new TracedServiceClient(baseUrl, { timeoutMillis: 50 });
    await expect(client.post('/silent', {})).rejects.toMatchObject({ status: undefined, code: 'timeout' });
    expect(recorder.getSpan('POST').attributes['error.type']).toBe('timeout');
  });

  it('because nobody listens', async () => {
    const client = new TracedServiceClient('http://127.0.0.1:1');
    await expect(client.get('/')).rejects.toMatchObject({ status: undefined, code: expect.any(String) });
    expect(recorder.getSpan('GET').status).toEqual({ code: SpanStatusCode.ERROR });
  });

  it('because the connection broke in the middle', async () => {
    await expect(new TracedServiceClient(baseUrl).get('/cut')).rejects.toBeInstanceOf(ServiceError);
    expect(recorder.getSpan('GET').status).toEqual({ code: SpanStatusCode.ERROR });
  });
});

it('leaves other requests to the fetch instrumentation', async () => {
  instrumentation.enable();
  await (await fetch(`${baseUrl}/items?q=canary`)).text();
  instrumentation.disable();
  expect(recorder.getSpan('GET').instrumentationScope.name).toBe('@opentelemetry/instrumentation-undici');
});

it('uses the fetch it was given', async () => {
  const client = new TracedServiceClient(baseUrl, {
    fetch: async () => Response.json({ from: 'elsewhere' }),
  });
  expect(await client.get('/')).toEqual({ from: 'elsewhere' });
});
