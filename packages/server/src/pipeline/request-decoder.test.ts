import {
  type AttributeValue,
  noAttributes,
  spanId,
  traceId,
  unixNano,
  unixNanoFromMillis,
} from '@spanwise/model';
import { encodeLogsRequest, encodeTraceRequest, jsonOfTraceRequest } from '@spanwise/otlp';
import { patchRows, payloadPlaces } from '@spanwise/store/rows';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanUps } from './clean-ups.ts';
import {
  attributes,
  day,
  decodeBytes,
  decodeLogs,
  decoderFor,
  decodeSpans,
  logRecord,
  now,
  resource,
  span,
} from './testing/decode.ts';
import { readRows } from './testing/read-rows.ts';

const everyType = attributes({
  text: 'täxt',
  int: -(2n ** 62n),
  double: -0,
  nan: Number.NaN,
  bool: true,
  off: false,
  bytes: Uint8Array.of(1, 2, 255),
  list: ['a', 1n, undefined],
  map: new Map<string, AttributeValue>([['k', new Map([['n', 0.5]])]]),
  empty: undefined,
});
const asList = [
  ['text', 1, 'täxt'],
  ['int', 3, String(-(2n ** 62n))],
  ['double', 4, '-0'],
  ['nan', 4, 'NaN'],
  ['bool', 2, 'true'],
  ['off', 2, 'false'],
  ['bytes', 5, 'AQL/'],
  ['list', 6, '["a",{"int":"1"},null]'],
  ['map', 7, '{"map":[["k",{"map":[["n",0.5]]}]]}'],
  ['empty', 0, ''],
];

describe('a span as a row', () => {
  const sent = span({
    parentSpanId: spanId('00f067aa0ba902b7'),
    traceState: 'a=1,ot=th:c;rv:1',
    flags: 0x101,
    kind: 3,
    durationNanos: 5_000_000_123,
    statusCode: 2,
    statusMessage: 'card declined',
    attributes: everyType,
    droppedAttributesCount: 1,
    events: [{ timeUnixNano: unixNano(1_700n), name: 'e', attributes: everyType, droppedAttributesCount: 2 }],
    droppedEventsCount: 3,
    links: [
      {
        traceId: traceId('1'.repeat(32)),
        spanId: spanId('2'.repeat(16)),
        traceState: 'l=1',
        flags: 1,
        attributes: attributes({ why: 'queue' }),
        droppedAttributesCount: 4,
      },
    ],
    droppedLinksCount: 5,
    resource: {
      ...resource({ 'service.name': 'shop', list: ['x'] }),
      schemaUrl: 'urn:r',
      droppedAttributesCount: 6,
    },
    scope: {
      name: 's',
      version: '1',
      attributes: attributes({ a: 1n }),
      schemaUrl: 'urn:s',
      droppedAttributesCount: 7,
    },
  });

  it('has every field, typed', () => {
    const { read } = decodeSpans([sent]);
    expect(read).toHaveLength(1);
    expect(read[0]).toEqual({
      ingest_seq: 0n,
      row: 0,
      tenant: 7,
      trace_id: sent.traceId,
      span_id: sent.spanId,
      parent_span_id: '00f067aa0ba902b7',
      trace_state: 'a=1,ot=th:c;rv:1',
      flags: 0x101,
      name: 'work',
      kind: 3,
      start_time: sent.startTimeUnixNano,
      duration: 5_000_000_123n,
      status_code: 2,
      status_message: 'card declined',
      service: 'shop',
      resource_attributes: [
        ['service.name', 1, 'shop'],
        ['list', 6, '["x"]'],
      ],
      resource_schema_url: 'urn:r',
      resource_dropped_attributes: 6,
      scope_name: 's',
      scope_version: '1',
      scope_attributes: [['a', 3, '1']],
      scope_schema_url: 'urn:s',
      scope_dropped_attributes: 7,
      attributes_string: new Map([['text', 'täxt']]),
      attributes_int: new Map([['int', -(2n ** 62n)]]),
      attributes_double: new Map([
        ['double', -0],
        ['nan', Number.NaN],
      ]),
      attributes_bool: new Map([
        ['bool', true],
        ['off', false],
      ]),
      attributes_other: asList.slice(6),
      dropped_attributes: 1,
      events: [[1_700n, 'e', asList, 2]],
      dropped_events: 3,
      links: [['1'.repeat(32), '2'.repeat(16), 'l=1', 1, [['why', 1, 'queue']], 4]],
      dropped_links: 5,
      dialect: '',
      operation: '',
      provider: '',
      request_model: '',
      response_model: '',
      agent: '',
      tool: '',
      conversation: '',
      input_tokens: -1n,
      output_tokens: -1n,
      cache_read_tokens: -1n,
      cache_write_tokens: -1n,
      reasoning_tokens: -1n,
      first_chunk_nanos: -1n,
      cost: Number.NaN,
      cost_state: 0,
      // th:c rejects three of four.
      adjusted_count: 4,
      warnings: [],
      payload: [],
    });
  });

  it('is the same from JSON', () => {
    const json = new TextEncoder().encode(JSON.stringify(jsonOfTraceRequest([sent])));
    expect(decodeBytes('spans', json, undefined, 'json').read).toEqual(decodeSpans([sent]).read);
  });

  it('keeps a value of 1 MiB', () => {
    const large = 'ü'.repeat(524_288);
    const { read } = decodeSpans([span({ attributes: attributes({ large }) })]);
    expect(read[0]!.attributes_string).toEqual(new Map());
    expect(read[0]!.payload).toEqual([[payloadPlaces.attribute, 0, 'large', 1, large]]);
  });

  it('learns its place in the spool afterwards', () => {
    const { rows, rowOffsets } = decodeSpans([span(), span(), span({ name: 'third' })]);
    patchRows(rows, rowOffsets, 2n ** 40n, 10);
    expect(readRows('spans', rows).map((row) => [row.ingest_seq, row.row, row.name])).toEqual([
      [2n ** 40n, 10, 'work'],
      [2n ** 40n, 11, 'work'],
      [2n ** 40n, 12, 'third'],
    ]);
  });
});

describe('a log record as a row', () => {
  it.each([
    ['text', 'hello', 1, 'hello'],
    ['a map', new Map([['a', 1n]]), 7, '{"map":[["a",{"int":"1"}]]}'],
    ['a number', 0.25, 4, '0.25'],
    ['nothing', undefined, 0, ''],
  ])('has a body: %s', (_name, body, type, text) => {
    const { read } = decodeLogs([logRecord({ body })]);
    expect(read[0]).toMatchObject({ body_type: type, body: text });
  });

  it('has every field', () => {
    const record = logRecord({
      traceId: span().traceId,
      spanId: span().spanId,
      flags: 1,
      eventName: 'order.placed',
      attributes: attributes({ a: 'x', n: 1n }),
      droppedAttributesCount: 2,
    });
    expect(decodeLogs([record]).read[0]).toMatchObject({
      time: record.timeUnixNano,
      observed_time: record.observedTimeUnixNano,
      trace_id: record.traceId,
      span_id: record.spanId,
      flags: 1,
      severity_number: 9,
      severity_text: 'INFO',
      event_name: 'order.placed',
      service: 'shop',
      attributes_string: new Map([['a', 'x']]),
      attributes_int: new Map([['n', 1n]]),
      dropped_attributes: 2,
      adjusted_count: 1,
      warnings: [],
    });
  });

  it('without a time has the time when it was observed, or else of its arrival', () => {
    const { read } = decodeLogs([
      logRecord({ timeUnixNano: unixNano(0n) }),
      logRecord({ timeUnixNano: unixNano(0n), observedTimeUnixNano: unixNano(0n) }),
    ]);
    expect(read.map((row) => row.time)).toEqual([unixNanoFromMillis(now - 999), unixNanoFromMillis(now)]);
    expect(read.map((row) => row.warnings)).toEqual([[], [cleanUps.log_time_missing]]);
  });
});

describe('clean-up', () => {
  it.each([
    ['no service name', { resource: resource({}) }, { service: 'unknown_service' }, 'service_name_missing'],
    [
      'an empty service name',
      { resource: resource({ 'service.name': '' }) },
      { service: 'unknown_service' },
      'service_name_missing',
    ],
    [
      'a service name that is a number',
      { resource: resource({ 'service.name': 7n }) },
      { service: 'unknown_service' },
      'service_name_missing',
    ],
    ['no name', { name: '' }, { name: 'unnamed_span' }, 'span_name_missing'],
    ['an end at the start', { durationNanos: 0 }, { duration: 1n }, 'end_before_start'],
    ['an end before the start', { durationNanos: -5 }, { duration: 1n }, 'end_before_start'],
    [
      'a link without ids',
      {
        links: [
          {
            traceId: '00'.repeat(16),
            spanId: '11'.repeat(8),
            traceState: '',
            flags: 0,
            attributes: noAttributes,
            droppedAttributesCount: 0,
          },
        ] as never,
      },
      { links: [], dropped_links: 1 },
      'link_id_invalid',
    ],
    [
      'a parent id of 4 bytes',
      { parentSpanId: 'aabbccdd' as never },
      { parent_span_id: '0'.repeat(16) },
      'parent_id_invalid',
    ],
  ] as const)('%s', (_name, fields, row, counter) => {
    const { read, counters } = decodeSpans([span(fields as never)]);
    expect(read[0]).toMatchObject({ ...row, warnings: [cleanUps[counter]] });
    expect(counters).toEqual({ [counter]: 1 });
  });

  it('an all-zero parent is none, and no reason to warn', () => {
    const { read } = decodeSpans([span({ parentSpanId: '0'.repeat(16) as never })]);
    expect(read[0]).toMatchObject({ parent_span_id: '0'.repeat(16), warnings: [] });
  });

  it.each([
    ['name', (text: string) => span({ name: text })],
    ['attribute value', (text: string) => span({ attributes: attributes({ a: text }) })],
    ['attribute key', (text: string) => span({ attributes: attributes({ [text]: 'a' }) })],
    ['nested value', (text: string) => span({ attributes: attributes({ a: [text] }) })],
    [
      'resource attribute',
      (text: string) => span({ resource: resource({ 'service.name': 'shop', a: text }) }),
    ],
    [
      'event name',
      (text: string) =>
        span({
          events: [
            { timeUnixNano: unixNano(0n), name: text, attributes: noAttributes, droppedAttributesCount: 0 },
          ],
        }),
    ],
  ])('repairs UTF-8 in: %s', (_name, make) => {
    const body = encodeTraceRequest([make('aQQQQz')]);
    const at = Buffer.from(body).indexOf('QQQQ');
    body.set([0xff, 0xc3, 0x28, 0xed], at);
    const { read, counters } = decodeBytes('spans', body);
    expect(read[0]!.warnings).toEqual([cleanUps.utf8_repaired]);
    expect(counters).toEqual({ utf8_repaired: 1 });
    expect(
      JSON.stringify(read[0], (_key, value) =>
        typeof value === 'bigint' ? String(value) : value instanceof Map ? [...value] : value,
      ),
    ).toContain('\ufffd');
  });

  it('takes 1,024 attributes and counts the rest', () => {
    const many = attributes(
      Object.fromEntries(Array.from({ length: 1_030 }, (_, index) => [`k${index}`, 1n])),
    );
    const { read, counters } = decodeSpans([span({ attributes: many })]);
    expect((read[0]!.attributes_int as Map<string, bigint>).size).toBe(1_024);
    expect(read[0]).toMatchObject({ dropped_attributes: 6, warnings: [cleanUps.attributes_over_limit] });
    expect(counters).toEqual({ attributes_over_limit: 6 });
  });
});

describe('rejection, one by one', () => {
  it.each([
    ['a trace id of zeros', { traceId: '0'.repeat(32) }, 'trace_id_invalid'],
    ['a trace id of 8 bytes', { traceId: '1'.repeat(16) }, 'trace_id_invalid'],
    ['no trace id', { traceId: '' }, 'trace_id_invalid'],
    ['a span id of zeros', { spanId: '0'.repeat(16) }, 'span_id_invalid'],
    ['a span id of 16 bytes', { spanId: '1'.repeat(32) }, 'span_id_invalid'],
    [
      'a start before retention',
      { startTimeUnixNano: unixNanoFromMillis(now - 14 * day - 1) },
      'time_out_of_range',
    ],
    ['a start after tomorrow', { startTimeUnixNano: unixNanoFromMillis(now + day + 1) }, 'time_out_of_range'],
    ['no start', { startTimeUnixNano: unixNano(0n) }, 'time_out_of_range'],
    ['a start in the year 2554', { startTimeUnixNano: unixNano(2n ** 64n - 1n) }, 'time_out_of_range'],
  ])('%s', (_name, fields, reason) => {
    const result = decodeSpans([span(), span(fields as never), span()]);
    expect(result).toMatchObject({ received: 3, rowCount: 2, rejected: 1, reasons: { [reason]: 1 } });
    expect(result.message).toBe(`1 span rejected: ${reason} 1`);
    expect(result.read).toHaveLength(2);
  });

  it.each([
    ['the first moment', now - 14 * day],
    ['the last moment', now + day],
  ])('takes %s of the window', (_name, millis) => {
    expect(decodeSpans([span({ startTimeUnixNano: unixNanoFromMillis(millis) })]).rejected).toBe(0);
  });
});

describe('a request', () => {
  it('may be empty', () => {
    expect(decodeBytes('spans', new Uint8Array(0))).toMatchObject({ received: 0, rowCount: 0, reasons: {} });
  });

  it('names its traces once each, and its services stay apart', () => {
    const other = traceId('f'.repeat(32));
    const result = decodeSpans([
      span(),
      span({ traceId: other, resource: resource({ 'service.name': 'cart' }) }),
      span(),
    ]);
    expect(result.traceIds).toEqual([span().traceId, other]);
    expect(result.read.map((row) => row.service)).toEqual(['shop', 'cart', 'shop']);
  });

  it('names 200 traces and says that there are more', () => {
    const ids = Array.from({ length: 201 }, (_, index) =>
      traceId((index + 1).toString(16).padStart(32, '0')),
    );
    const result = decodeSpans(ids.map((id) => span({ traceId: id })));
    expect(result.traceIds).toEqual(ids.slice(0, 200));
    expect(result.traceIdsTruncated).toBe(true);
  });

  it('has the same hash when it comes again, another for another tenant or body', () => {
    const decoder = decoderFor();
    const body = encodeTraceRequest([span()]);
    const hash = (tenant: number, bytes: Uint8Array) => {
      const result = decoder.decode({
        signal: 'spans',
        encoding: 'protobuf',
        body: bytes,
        tenant,
        receivedAtMillis: now,
      });
      return result.kind === 'rows' ? result.requestHash : '';
    };
    expect(hash(0, body)).toMatch(/^[0-9a-f]{64}$/);
    expect(hash(0, body)).toBe(hash(0, body));
    expect(hash(1, body)).not.toBe(hash(0, body));
    expect(hash(0, encodeTraceRequest([span(), span()]))).not.toBe(hash(0, body));
  });

  it.each([
    [
      'logs among spans',
      'spans',
      encodeLogsRequest([logRecord()]),
      'log records were sent where spans are expected',
    ],
    [
      'spans among logs',
      'logs',
      encodeTraceRequest([span()]),
      'spans were sent where log records are expected',
    ],
    ['field number 0', 'spans', Uint8Array.of(0x02, 0x00), 'field number 0'],
    ['a cut-off end', 'spans', encodeTraceRequest([span()]).subarray(0, -1), 'length beyond the end'],
  ] as const)('is invalid: %s', (_name, signal, body, message) => {
    expect(
      decoderFor().decode({ signal, encoding: 'protobuf', body, tenant: 0, receivedAtMillis: now }),
    ).toEqual({ kind: 'invalid', code: 3, message: `not an OTLP request: ${message}` });
  });

  it('may be any bytes; what comes after it is not touched by it', () => {
    const decoder = decoderFor();
    const good = encodeTraceRequest([span({ attributes: everyType })]);
    const expected = decodeBytes('spans', good).read;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bad = good.slice();
        bad[at] = byte;
        const result = decoder.decode({
          signal: 'spans',
          encoding: 'protobuf',
          body: bad,
          tenant: 7,
          receivedAtMillis: now,
        });
        if (result.kind === 'rows') expect(readRows('spans', result.rows)).toHaveLength(result.rowCount);
        else expect(result).toMatchObject({ code: 3 });
        expect(decodeBytes('spans', good, decoder).read).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('with more distinct keys than the table holds is stored all the same', () => {
    const decoder = decoderFor();
    const spans = Array.from({ length: 60 }, (_, number) =>
      span({
        attributes: attributes(
          Object.fromEntries(
            Array.from({ length: 1_000 }, (_, index) => [`key.${number}.${index}`, BigInt(index)]),
          ),
        ),
      }),
    );
    const { read } = decodeSpans(spans, decoder);
    expect(read.map((row) => row.attributes_int)).toEqual(spans.map((sent) => sent.attributes));
  });
});
