import {
  type AttributeValue,
  noAttributes,
  type Span,
  spanId,
  spanKinds,
  statusCodes,
  type Trace,
  traceId,
  unixNano,
} from '@spanwise/model';
import { drawTrace, spanIdOfName, traceArbitrary } from '@spanwise/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJaegerTrace } from './index.ts';

function traceOf(...changes: readonly Partial<Span>[]): Trace {
  const { traceId: id, spans } = drawTrace('web  GET /  |==|');
  return { traceId: id, spans: changes.map((change) => ({ ...spans[0]!, ...change })) };
}

function tagsOf(change: Partial<Span>) {
  return toJaegerTrace(traceOf(change)).spans[0]!.tags;
}

const nanosDay = 86_400n * 1_000_000_000n;

describe('toJaegerTrace', () => {
  it('gives the legacy form of a whole trace', () => {
    const trace = drawTrace(`
      web      GET /chat     |========|  kind=server
        model  chat gpt-4o     |====|    kind=client error @call link=@other
    `);
    const [web, model] = trace.spans;
    const startTime = 1_795_344_867_000_000;
    expect(toJaegerTrace(trace)).toEqual({
      traceID: trace.traceId,
      spans: [
        {
          traceID: trace.traceId,
          spanID: web?.spanId,
          operationName: 'GET /chat',
          references: [],
          startTime,
          duration: 9_000,
          tags: [{ key: 'span.kind', type: 'string', value: 'server' }],
          logs: [],
          processID: 'p1',
          warnings: null,
        },
        {
          traceID: trace.traceId,
          spanID: model?.spanId,
          operationName: 'chat gpt-4o',
          references: [
            { refType: 'CHILD_OF', traceID: trace.traceId, spanID: web?.spanId },
            { refType: 'FOLLOWS_FROM', traceID: trace.traceId, spanID: spanIdOfName('other') },
          ],
          startTime: startTime + 2_000,
          duration: 5_000,
          tags: [
            { key: 'span.kind', type: 'string', value: 'client' },
            { key: 'otel.status_code', type: 'string', value: 'ERROR' },
            { key: 'error', type: 'bool', value: true },
          ],
          logs: [],
          processID: 'p2',
          warnings: null,
        },
      ],
      processes: { p1: { serviceName: 'web', tags: [] }, p2: { serviceName: 'model', tags: [] } },
      warnings: null,
    });
  });

  it.each<[string, AttributeValue, string, unknown]>([
    ['text', 'a', 'string', 'a'],
    ['a truth value', false, 'bool', false],
    ['a small int', 3n, 'int64', 3],
    ['the largest int that a double holds', 2n ** 53n - 1n, 'int64', 9_007_199_254_740_991],
    ['the first int beyond', 2n ** 53n, 'int64', '9007199254740992'],
    ['the least int64', -(2n ** 63n), 'int64', '-9223372036854775808'],
    ['a double', 72.5, 'float64', 72.5],
    ['a double that JSON has no form for', Number.NaN, 'float64', 'NaN'],
    ['minus infinity', -Infinity, 'float64', '-Infinity'],
    ['bytes', new Uint8Array([0, 255, 62]), 'binary', 'AP8+'],
    ['no bytes', new Uint8Array(), 'binary', ''],
    ['more bytes than one chunk', new Uint8Array(33_000), 'binary', 'A'.repeat(44_000)],
    ['nothing', undefined, 'string', ''],
    [
      'an array',
      ['a', 1n, 2n ** 60n, 0.5, true, undefined],
      'string',
      '["a",1,1152921504606846976,0.5,true,null]',
    ],
    [
      'a map',
      new Map<string, AttributeValue>([
        ['b', new Uint8Array([1])],
        ['a', [Number.POSITIVE_INFINITY]],
      ]),
      'string',
      '{"a":["Infinity"],"b":"AQ=="}',
    ],
  ])('makes a tag of %s', (_, value, type, expected) => {
    expect(tagsOf({ attributes: new Map([['k', value]]), kind: spanKinds.unspecified })).toEqual([
      { key: 'k', type, value: expected },
    ]);
  });

  it('orders tags: scope, attributes, kind, status, trace state', () => {
    const tags = tagsOf({
      scope: {
        name: 'lib',
        version: '1.2',
        attributes: noAttributes,
        schemaUrl: '',
        droppedAttributesCount: 0,
      },
      attributes: new Map([['http.route', '/']]),
      kind: spanKinds.consumer,
      statusCode: statusCodes.ok,
      statusMessage: 'fine',
      traceState: 'a=b',
    });
    expect(tags.map(({ key, value }) => [key, value])).toEqual([
      ['otel.scope.name', 'lib'],
      ['otel.scope.version', '1.2'],
      ['http.route', '/'],
      ['span.kind', 'consumer'],
      ['otel.status_code', 'OK'],
      ['otel.status_description', 'fine'],
      ['w3c.tracestate', 'a=b'],
    ]);
  });

  it('says nothing about what the span did not say', () => {
    expect(tagsOf({ kind: spanKinds.unspecified })).toEqual([]);
    expect(toJaegerTrace(traceOf({})).spans[0]).not.toHaveProperty('flags');
    expect(toJaegerTrace(traceOf({ flags: 257 })).spans[0]?.flags).toBe(257);
  });

  it('cuts what is below a microsecond', () => {
    const [span] = toJaegerTrace(
      traceOf({ startTimeUnixNano: unixNano(20_000n * nanosDay + 1_999n), durationNanos: 4_999 }),
    ).spans;
    expect(span?.startTime).toBe(20_000 * 86_400_000_000 + 1);
    expect(span?.duration).toBe(4);
  });

  it('writes 16 digits for a trace id whose upper half is zero, also in links', () => {
    const short = traceId('0000000000000000000000000000abcd');
    const long = traceId('000000000000001000000000000000ab');
    const link = { spanId: spanId('00000000000000ff'), traceState: '', flags: 0, droppedAttributesCount: 0 };
    const trace = toJaegerTrace({
      ...traceOf({
        links: [
          { ...link, traceId: short, attributes: noAttributes },
          { ...link, traceId: long, attributes: new Map([['opentracing.ref_type', 'child_of']]) },
        ],
      }),
      traceId: short,
    });
    expect(trace.traceID).toBe('000000000000abcd');
    expect(trace.spans[0]?.references).toEqual([
      { refType: 'FOLLOWS_FROM', traceID: '000000000000abcd', spanID: '00000000000000ff' },
      { refType: 'CHILD_OF', traceID: long, spanID: '00000000000000ff' },
    ]);
  });

  it('makes logs of events: the name first, unless an attribute has its place', () => {
    const event = { timeUnixNano: unixNano(5_000_999n), droppedAttributesCount: 0 };
    const logs = toJaegerTrace(
      traceOf({
        events: [
          { ...event, name: 'retry', attributes: new Map([['attempt', 2n]]) },
          { ...event, name: 'hidden', attributes: new Map([['event', 'mine']]) },
          { ...event, name: '', attributes: noAttributes },
        ],
      }),
    ).spans[0]?.logs;
    expect(logs).toEqual([
      {
        timestamp: 5_000,
        fields: [
          { key: 'event', type: 'string', value: 'retry' },
          { key: 'attempt', type: 'int64', value: 2 },
        ],
      },
      { timestamp: 5_000, fields: [{ key: 'event', type: 'string', value: 'mine' }] },
      { timestamp: 5_000, fields: [] },
    ]);
  });

  it('tells processes apart by content', () => {
    const resource = (pid: bigint) => ({
      serviceName: 'web',
      attributes: new Map<string, AttributeValue>([
        ['service.name', 'web'],
        ['process.pid', pid],
      ]),
      schemaUrl: '',
      droppedAttributesCount: 0,
    });
    const trace = toJaegerTrace(
      traceOf({ resource: resource(1n) }, { resource: resource(2n) }, { resource: resource(1n) }),
    );
    expect(trace.spans.map((span) => span.processID)).toEqual(['p1', 'p2', 'p1']);
    expect(trace.processes.p2).toEqual({
      serviceName: 'web',
      tags: [{ key: 'process.pid', type: 'int64', value: 2 }],
    });
  });

  it('passes warnings on', () => {
    expect(toJaegerTrace(traceOf({ warnings: ['cut'] })).spans[0]?.warnings).toEqual(['cut']);
  });

  it('keeps every span, and is the same after a trip through JSON, whatever the trace', () => {
    fc.assert(
      fc.property(traceArbitrary, (trace) => {
        const jaeger = toJaegerTrace(trace);
        expect(jaeger.spans.map((span) => span.spanID)).toEqual(trace.spans.map((span) => span.spanId));
        expect(JSON.parse(JSON.stringify(jaeger))).toEqual(jaeger);
      }),
    );
  });
});
