import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCollector, startLocalCollector } from '../testing/local-collector.ts';
import { HttpTransport, parseRetryAfter } from './http-transport.ts';
import { encodeInSlices, spanEncoding } from './otlp-encoding.ts';
import { retryDelayOf } from './retry-info.ts';

let collector: LocalCollector;
beforeAll(async () => {
  collector = await startLocalCollector();
});
afterAll(() => collector.close());

function transport(timeoutMillis = 5000): HttpTransport {
  const url = `${collector.httpEndpoint}/v1/traces`;
  return new HttpTransport(
    convertLegacyHttpOptions({ url, timeoutMillis }, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/json',
    }),
  );
}

describe('one attempt over HTTP', () => {
  it.each([
    [503, { 'retry-after': '7' }, { status: 'retryable', retryAfterMillis: 7000 }],
    [429, {}, { status: 'retryable', retryAfterMillis: undefined }],
    [400, { 'retry-after': '7' }, { status: 'refused', reason: 'HTTP status 400' }],
    [401, {}, { status: 'refused' }],
  ])('answered %i %j', async (status, headers, expected) => {
    collector.refusals.push({ status, headers });
    expect(await transport().send(Buffer.from('{}'))).toMatchObject(expected);
  });

  it('taken', async () => {
    expect(await transport().send(Buffer.from('{}'))).toMatchObject({ status: 'accepted' });
  });

  it('after the end of the process sends nothing', async () => {
    const closed = transport();
    closed.close();
    expect(await closed.send(Buffer.from('{}'))).toMatchObject({ status: 'retryable' });
  });
});

it('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-11-23T05:00:00Z');
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter('Mon, 23 Nov 2026 05:00:30 GMT', now)).toBe(30_000);
  expect(parseRetryAfter('Mon, 23 Nov 2026 04:00:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(undefined, now)).toBeUndefined();
});

describe('RetryInfo', () => {
  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const any = (type: string, value: Uint8Array) =>
    field(3, Buffer.concat([field(1, Buffer.from(`type.googleapis.com/${type}`)), field(2, value)]));
  const duration = Buffer.from([8, 5, 16, 128, 202, 181, 238, 1]); // 5 s 500,000,000 ns

  it('is found among other details', () => {
    const status = Buffer.concat([
      Buffer.from([8, 14]),
      any('google.rpc.DebugInfo', Buffer.from([1])),
      any('google.rpc.RetryInfo', field(1, duration)),
    ]);
    expect(retryDelayOf(status)).toBe(5500);
  });

  it('is absent from a status without it, and from bytes that are none', () => {
    expect(retryDelayOf(Buffer.from([8, 14]))).toBeUndefined();
    expect(retryDelayOf(Buffer.from([26, 200, 1]))).toBeUndefined();
    expect(retryDelayOf(Buffer.from([255, 255, 255]))).toBeUndefined();
  });
});

describe('a batch encoded in slices', () => {
  it.each(['http/json', 'http/protobuf'] as const)('is one request with all spans: %s', async (protocol) => {
    const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = await import(
      '@opentelemetry/sdk-trace'
    );
    const exporter = new InMemorySpanExporter();
    const tracer = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter })],
    }).getTracer('t');
    for (let index = 0; index < 150; index += 1) tracer.startSpan(`[span ${index}]`).end();
    const request = await encodeInSlices(spanEncoding(protocol), exporter.getFinishedSpans());
    const text = Buffer.from(request).toString();
    for (let index = 0; index < 150; index += 1) expect(text).toContain(`[span ${index}]`);
    if (protocol === 'http/json') {
      const { resourceSpans } = JSON.parse(text) as {
        resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
      };
      expect(
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ).toHaveLength(150);
    }
  });
});
