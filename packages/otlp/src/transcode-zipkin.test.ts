import type { Span } from '@spanwise/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OtlpError } from './otlp-error.ts';
import { spansOfRequest } from './spans-of-request.ts';
import { transcodeZipkinRequest } from './transcode-zipkin.ts';

const limits = {
  eventsPerSpan: 128,
  linksPerSpan: 128,
  attributesPerElement: 128,
  distinctKeys: 1_000,
  keyBytes: 1_000,
  valueBytes: 10_000,
  nestingDepth: 8,
};

function transcode(spans: unknown): readonly Span[] {
  return spansOfRequest(transcodeZipkinRequest(Buffer.from(JSON.stringify(spans))), limits);
}

const ids = { traceId: '4d1e00c0db9010db86154a4ba6e91385', id: '4d1e00c0db9010db' };

function one(fields: Record<string, unknown>): Span {
  return transcode([{ ...ids, timestamp: 1_472_470_996_199_000, ...fields }])[0]!;
}

/** As Zipkin's own API document shows it (zipkin2-api.yaml), with what an OpenTelemetry exporter adds. */
const client = {
  traceId: '4d1e00c0db9010db86154a4ba6e91385',
  parentId: '86154a4ba6e91385',
  id: '4d1e00c0db9010db',
  kind: 'CLIENT',
  name: 'get',
  timestamp: 1_472_470_996_199_000,
  duration: 207_000,
  localEndpoint: { serviceName: 'frontend', ipv6: '7::0:128:2' },
  remoteEndpoint: { serviceName: 'backend', ipv4: '192.168.99.101', port: 9000 },
  annotations: [
    { timestamp: 1_472_470_996_238_000, value: 'foo' },
    { timestamp: 1_472_470_996_403_000, value: '"retry": {"attempt": 2, "why": {"code": [503, true]}}' },
  ],
  tags: {
    'http.path': '/api',
    'otel.scope.name': 'express',
    'otel.scope.version': '1.2',
    'otel.dropped_events_count': '3',
  },
};

describe('Zipkin v2 spans as an OTLP request', () => {
  it('keeps every field of a span', () => {
    const [span] = transcode([client]);
    expect(span).toMatchObject({
      traceId: '4d1e00c0db9010db86154a4ba6e91385',
      spanId: '4d1e00c0db9010db',
      parentSpanId: '86154a4ba6e91385',
      kind: 3,
      name: 'get',
      startTimeUnixNano: 1_472_470_996_199_000_000n,
      durationNanos: 207_000_000,
      statusCode: 0,
      droppedEventsCount: 3,
      scope: { name: 'express', version: '1.2' },
    });
    expect(span!.resource.attributes).toEqual(new Map([['service.name', 'frontend']]));
    expect(span!.attributes).toEqual(
      new Map<string, unknown>([
        ['http.path', '/api'],
        ['network.local.address', '7::0:128:2'],
        ['peer.service', 'backend'],
        ['network.peer.address', '192.168.99.101'],
        ['network.peer.port', 9_000n],
      ]),
    );
    expect(span!.events).toMatchObject([
      { timeUnixNano: 1_472_470_996_238_000_000n, name: 'foo' },
      {
        name: 'retry',
        attributes: new Map<string, unknown>([
          ['attempt', 2n],
          ['why', new Map([['code', [503n, true]]])],
        ]),
      },
    ]);
  });

  it.each([
    ['CLIENT', 3],
    ['SERVER', 2],
    ['PRODUCER', 4],
    ['CONSUMER', 5],
    ['server', 2],
    [undefined, 1],
    ['OTHER', 1],
  ])('kind %s is %i', (kind, expected) => {
    expect(one({ kind }).kind).toBe(expected);
  });

  it.each([
    [{}, 0, '', []],
    [{ 'otel.status_code': 'OK' }, 1, '', []],
    [{ 'otel.status_code': 'ERROR', error: 'no route' }, 2, 'no route', []],
    [{ 'otel.status_code': 'Error' }, 2, '', []],
    [{ 'otel.status_code': 'OK', error: 'yet' }, 1, '', ['error']],
    [{ 'otel.status_code': 'odd' }, 0, '', ['otel.status_code']],
    [{ error: 'no route' }, 2, 'no route', []],
    [{ error: '' }, 2, '', []],
    [{ error: 'true' }, 2, '', []],
    [{ error: 'false' }, 0, '', ['error']],
  ])('tags %j say status %i, message %j', (tags, statusCode, statusMessage, left) => {
    const span = one({ tags });
    expect(span).toMatchObject({ statusCode, statusMessage });
    expect([...span.attributes.keys()]).toEqual(left);
  });

  it('puts zeros in front of short ids', () => {
    const [span] = transcode([
      { traceId: '86154a4ba6e91385', id: '1a', parentId: '2b', timestamp: 1_472_470_996_199_000 },
    ]);
    expect(span).toMatchObject({
      traceId: '000000000000000086154a4ba6e91385',
      spanId: '000000000000001a',
      parentSpanId: '000000000000002b',
    });
  });

  it('takes the time of a span without one from what happened in it', () => {
    const span = one({
      timestamp: undefined,
      shared: true,
      annotations: [
        { timestamp: 30, value: 'later' },
        { timestamp: 20, value: 'sr' },
      ],
    });
    expect(span.startTimeUnixNano).toBe(20_000n);
  });

  it('groups spans by service and scope', () => {
    const span = (id: string, serviceName?: string) => ({
      ...ids,
      id,
      ...(serviceName !== undefined && { localEndpoint: { serviceName } }),
    });
    const services = transcode([span('1', 'a'), span('2', 'b'), span('3', 'a'), span('4')]).map(
      ({ spanId, resource }) => [spanId.slice(-1), resource.attributes.get('service.name')],
    );
    expect(services).toEqual([
      ['1', 'a'],
      ['3', 'a'],
      ['2', 'b'],
      ['4', undefined],
    ]);
  });

  it.each([
    ['no list', {}, 'a list of spans is expected'],
    ['a list of something else', [1], 'span has the wrong type'],
    ['a tag that is no text', [{ ...ids, tags: { a: 1 } }], 'tags has the wrong type'],
    ['a time that is text', [{ ...ids, timestamp: '1' }], 'timestamp has the wrong type'],
    ['a time before 1970', [{ ...ids, timestamp: -1 }], 'timestamp has the wrong type'],
    ['an endpoint that is a name', [{ ...ids, localEndpoint: 'a' }], 'localEndpoint has the wrong type'],
    ['version 1', [{ ...ids, binaryAnnotations: [] }], 'these are Zipkin v1 spans; send v2 to /api/v2/spans'],
  ])('refuses %s', (_, body, message) => {
    expect(() => transcode(body)).toThrow(new OtlpError(message));
  });

  it('never throws anything but OtlpError', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        for (const body of [value, [value], [{ ...client, ...(value as object) }]]) {
          try {
            transcodeZipkinRequest(Buffer.from(JSON.stringify(body)));
          } catch (error) {
            expect(error).toBeInstanceOf(OtlpError);
          }
        }
      }),
    );
  });
});
