import type { AttributeValue, LogRecord, Span } from '@spanwise/model';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLogsRequest, encodeTraceRequest } from './encode-request.ts';
import { jsonOfLogsRequest, jsonOfTraceRequest } from './json-of-request.ts';
import { OtlpError } from './otlp-error.ts';
import { ProtoWriter } from './proto-writer.ts';
import { arbitraryLogRecords, arbitrarySpans } from './testing/arbitrary-requests.ts';
import { oracleLogsRequest, oracleTraceRequest } from './testing/otlp-schema.ts';
import { readLogsRequest, readTraceRequest } from './testing/read-request.ts';
import { transcodeJsonRequest } from './transcode-json.ts';

/** What `read…Request` should give for these spans and records. Grouping may change their order. */
const shownSpan = (span: Span) => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId ?? '',
  traceState: span.traceState,
  flags: span.flags,
  name: span.name,
  kind: span.kind,
  start: span.startTimeUnixNano,
  end: span.startTimeUnixNano + BigInt(span.durationNanos),
  attributes: span.attributes,
  droppedAttributes: span.droppedAttributesCount,
  events: span.events.map((event) => ({
    time: event.timeUnixNano,
    name: event.name,
    attributes: event.attributes,
    droppedAttributes: event.droppedAttributesCount,
  })),
  droppedEvents: span.droppedEventsCount,
  links: span.links.map((link) => ({
    traceId: link.traceId,
    spanId: link.spanId,
    traceState: link.traceState,
    flags: link.flags,
    attributes: link.attributes,
    droppedAttributes: link.droppedAttributesCount,
  })),
  droppedLinks: span.droppedLinksCount,
  statusCode: span.statusCode,
  statusMessage: span.statusMessage,
  ...shownProducer(span),
});
const shownRecord = (record: LogRecord) => ({
  time: record.timeUnixNano,
  observedTime: record.observedTimeUnixNano,
  traceId: record.traceId ?? '',
  spanId: record.spanId ?? '',
  flags: record.flags,
  severityNumber: record.severityNumber,
  severityText: record.severityText,
  eventName: record.eventName,
  body: record.body,
  attributes: record.attributes,
  droppedAttributes: record.droppedAttributesCount,
  ...shownProducer(record),
});
const shownProducer = ({ resource, scope }: Pick<Span, 'resource' | 'scope'>) => ({
  resource: {
    attributes: resource.attributes,
    droppedAttributes: resource.droppedAttributesCount,
    schemaUrl: resource.schemaUrl,
  },
  scope: {
    name: scope.name,
    version: scope.version,
    attributes: scope.attributes,
    droppedAttributes: scope.droppedAttributesCount,
    schemaUrl: scope.schemaUrl,
  },
});
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('a trace request', () => {
  it('comes back as it went, in protobuf and in JSON', () => {
    fc.assert(
      fc.property(arbitrarySpans, (spans) => {
        const expected = spans.map(shownSpan);
        expect(readTraceRequest(encodeTraceRequest(spans))).toEqual(expected);
        const json = utf8(JSON.stringify(jsonOfTraceRequest(spans)));
        expect(readTraceRequest(transcodeJsonRequest('spans', json))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('is read by protobufjs as we mean it, and what protobufjs writes is read by us', () => {
    fc.assert(
      fc.property(arbitrarySpans, (spans) => {
        const ours = encodeTraceRequest(spans);
        const theirs = oracleTraceRequest.encode(oracleTraceRequest.decode(ours)).finish();
        expect(readTraceRequest(theirs)).toEqual(spans.map(shownSpan));
      }),
      { numRuns: 200 },
    );
  });

  it('may be any bytes: an OtlpError at worst', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expectTotal(() => readTraceRequest(bytes));
        expectTotal(() => readLogsRequest(bytes));
        expectTotal(() => transcodeJsonRequest('spans', bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it('may be damaged anywhere: an OtlpError at worst', () => {
    fc.assert(
      fc.property(arbitrarySpans, fc.nat(), fc.nat(255), fc.nat(), (spans, at, byte, cut) => {
        const bytes = encodeTraceRequest(spans);
        if (bytes.length === 0) return;
        bytes[at % bytes.length] = byte;
        expectTotal(() => readTraceRequest(bytes));
        expectTotal(() => readTraceRequest(bytes.subarray(0, cut % bytes.length)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a logs request', () => {
  it('comes back as it went, in protobuf and in JSON', () => {
    fc.assert(
      fc.property(arbitraryLogRecords, (records) => {
        const expected = records.map(shownRecord);
        expect(readLogsRequest(encodeLogsRequest(records))).toEqual(expected);
        const json = utf8(JSON.stringify(jsonOfLogsRequest(records)));
        expect(readLogsRequest(transcodeJsonRequest('logs', json))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('is read by protobufjs as we mean it, and what protobufjs writes is read by us', () => {
    fc.assert(
      fc.property(arbitraryLogRecords, (records) => {
        const theirs = oracleLogsRequest
          .encode(oracleLogsRequest.decode(encodeLogsRequest(records)))
          .finish();
        expect(readLogsRequest(theirs)).toEqual(records.map(shownRecord));
      }),
      { numRuns: 200 },
    );
  });
});

describe('field rules of protobuf', () => {
  const request = (write: (writer: ProtoWriter) => void) => {
    const writer = new ProtoWriter();
    writer.message(1, () => writer.message(2, () => writer.message(2, () => write(writer))));
    return writer.finish();
  };
  const attribute = (writer: ProtoWriter, key: string, write: () => void) =>
    writer.message(9, () => {
      writer.string(1, key);
      writer.message(2, write);
    });

  it('takes the last of a scalar that is repeated', () => {
    const [span] = readTraceRequest(
      request((writer) => {
        writer.string(5, 'first');
        writer.varint(6, 1);
        writer.string(5, 'last');
        writer.varint(6, 3);
      }),
    );
    expect(span).toMatchObject({ name: 'last', kind: 3 });
  });

  it('takes the last value of a key that is repeated, in the place of the first', () => {
    const [span] = readTraceRequest(
      request((writer) => {
        attribute(writer, 'a', () => writer.string(1, 'first'));
        attribute(writer, 'b', () => writer.string(1, 'b'));
        attribute(writer, 'a', () => writer.int64(3, 2n));
      }),
    );
    expect([...span!.attributes]).toEqual([
      ['a', 2n],
      ['b', 'b'],
    ]);
  });

  it('takes the last member of a oneof', () => {
    const [span] = readTraceRequest(
      request((writer) =>
        attribute(writer, 'a', () => {
          writer.string(1, 'text');
          writer.double(4, 0.5);
        }),
      ),
    );
    expect(span!.attributes.get('a')).toBe(0.5);
  });

  it('reads a value that comes before its key', () => {
    const [span] = readTraceRequest(
      request((writer) =>
        writer.message(9, () => {
          writer.message(2, () => writer.string(1, 'value'));
          writer.string(1, 'key');
        }),
      ),
    );
    expect(span!.attributes.get('key')).toBe('value');
  });

  it('skips unknown fields, and known ones of another wire type', () => {
    const [span] = readTraceRequest(
      request((writer) => {
        writer.string(99, 'unknown');
        writer.varint(5, 7);
        writer.fixed32(7, 7);
        writer.string(5, 'name');
      }),
    );
    expect(span).toMatchObject({ name: 'name', start: 0n });
  });

  it('makes a value nested too deep empty', () => {
    const nest = (writer: ProtoWriter, depth: number): void => {
      if (depth === 0) writer.string(1, 'deep');
      else writer.message(5, () => writer.message(1, () => nest(writer, depth - 1)));
    };
    const depthOf = (value: AttributeValue): number => (Array.isArray(value) ? 1 + depthOf(value[0]) : 0);
    const [span] = readTraceRequest(request((writer) => attribute(writer, 'a', () => nest(writer, 90))));
    expect(depthOf(span!.attributes.get('a'))).toBe(64);
  });

  it('recognises log records among traces and spans among logs', () => {
    const anyRecord = fc.sample(
      arbitraryLogRecords.filter((records) => records.length > 0),
      1,
    )[0]!;
    const anySpans = fc.sample(
      arbitrarySpans.filter((spans) => spans.length > 0),
      1,
    )[0]!;
    expect(() => readTraceRequest(encodeLogsRequest(anyRecord))).toThrow('log records were sent');
    expect(() => readLogsRequest(encodeTraceRequest(anySpans))).toThrow('spans were sent');
    const json = utf8(JSON.stringify(jsonOfLogsRequest(anyRecord)));
    expect(() => transcodeJsonRequest('spans', json)).toThrow(
      'resourceLogs was sent where resourceSpans is expected',
    );
  });
});

describe('OTLP JSON', () => {
  const span = (fields: string) =>
    readTraceRequest(
      transcodeJsonRequest('spans', utf8(`{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`)),
    )[0]!;

  it.each([
    [
      'hex ids in upper case',
      '"traceId":"0AF7651916CD43DD8448EB211C80319C"',
      { traceId: '0af7651916cd43dd8448eb211c80319c' },
    ],
    [
      '64-bit integers as strings',
      '"startTimeUnixNano":"1700000000123456789"',
      { start: 1700000000123456789n },
    ],
    [
      '64-bit integers as numbers, to the last digit',
      '"startTimeUnixNano":1700000000123456789',
      { start: 1700000000123456789n },
    ],
    ['null for absence', '"name":null,"status":null,"events":null', { name: '', events: [] }],
    ['unknown fields', '"new":{"a":[1]},"name":"n"', { name: 'n' }],
    ['text that is no hex: an id that will be rejected', '"traceId":"xyz"', { traceId: '00' }],
  ])('takes %s', (_name, fields, shown) => {
    expect(span(fields)).toMatchObject(shown);
  });

  it.each([
    ['a byte order mark', '\ufeff{}', 'the JSON is malformed'],
    ['a comment', '{} // yes', 'the JSON is malformed'],
    ['text behind the end', '{}{}', 'the JSON is malformed'],
    ['nothing', '', 'the JSON is malformed'],
    ['an array', '[]', 'request has the wrong type'],
    [
      'an enum by name',
      '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SERVER"}]}]}]}',
      'kind has the wrong type',
    ],
    ['a number for text', '{"resourceSpans":[{"schemaUrl":1}]}', 'schemaUrl has the wrong type'],
    [
      'half a number',
      '{"resourceSpans":[{"resource":{"droppedAttributesCount":1.5}}]}',
      'droppedAttributesCount has the wrong type',
    ],
  ])('refuses %s', (_name, text, message) => {
    expect(() => transcodeJsonRequest('spans', utf8(text))).toThrow(new OtlpError(message));
  });

  it('refuses what is not UTF-8', () => {
    expect(() => transcodeJsonRequest('spans', Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow(
      'the JSON is not UTF-8',
    );
  });
});

function expectTotal(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(OtlpError);
  }
}
