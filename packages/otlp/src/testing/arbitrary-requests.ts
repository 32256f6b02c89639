import type {
  Attributes,
  AttributeValue,
  InstrumentationScope,
  LogRecord,
  Resource,
  Span,
} from '@spanwise/model';
import { type SpanId, type TraceId, unixNano } from '@spanwise/model';
import * as fc from 'fast-check';

/** For tests: any telemetry that the model can hold. */
const { value: arbitraryValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
    fc.constant(undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 })
      .map((entries) => new Map(entries) as AttributeValue),
  ),
}));

const attributes: fc.Arbitrary<Attributes> = fc
  .array(fc.tuple(fc.string({ maxLength: 12 }), arbitraryValue), { maxLength: 6 })
  .map((entries) => new Map(entries));
const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((characters) => characters.join(''))
    .filter((text) => /[1-9a-f]/.test(text));
const trace = hex(32) as unknown as fc.Arbitrary<TraceId>;
const span = hex(16) as unknown as fc.Arbitrary<SpanId>;
const time = fc.bigInt({ min: 0n, max: 2n ** 62n }).map((nanos) => unixNano(nanos));
const count = fc.nat(0xffff_ffff);
const text = fc.string({ unit: 'binary', maxLength: 20 });

const resource: fc.Arbitrary<Resource> = fc.record({
  serviceName: fc.constant(''),
  attributes,
  schemaUrl: text,
  droppedAttributesCount: count,
});
const scope: fc.Arbitrary<InstrumentationScope> = fc.record({
  name: text,
  version: text,
  attributes,
  schemaUrl: text,
  droppedAttributesCount: count,
});

export const arbitrarySpans: fc.Arbitrary<readonly Span[]> = fc.array(
  fc.record(
    {
      traceId: trace,
      spanId: span,
      parentSpanId: span,
      traceState: text,
      flags: count,
      name: text,
      kind: fc.constantFrom(0, 1, 2, 3, 4, 5),
      startTimeUnixNano: time,
      durationNanos: fc.nat(),
      statusCode: fc.constantFrom(0, 1, 2),
      statusMessage: text,
      resource,
      scope,
      attributes,
      events: fc.array(
        fc.record({ timeUnixNano: time, name: text, attributes, droppedAttributesCount: count }),
        { maxLength: 2 },
      ),
      links: fc.array(
        fc.record({
          traceId: trace,
          spanId: span,
          traceState: text,
          flags: count,
          attributes,
          droppedAttributesCount: count,
        }),
        { maxLength: 2 },
      ),
      droppedAttributesCount: count,
      droppedEventsCount: count,
      droppedLinksCount: count,
      warnings: fc.constant([]),
    },
    {
      requiredKeys: [
        'traceId',
        'spanId',
        'traceState',
        'flags',
        'name',
        'kind',
        'startTimeUnixNano',
        'durationNanos',
        'statusCode',
        'statusMessage',
        'resource',
        'scope',
        'attributes',
        'events',
        'links',
        'droppedAttributesCount',
        'droppedEventsCount',
        'droppedLinksCount',
        'warnings',
      ],
    },
  ) as fc.Arbitrary<Span>,
  { maxLength: 3 },
);

export const arbitraryLogRecords: fc.Arbitrary<readonly LogRecord[]> = fc.array(
  fc.record({
    timeUnixNano: time,
    observedTimeUnixNano: time,
    traceId: trace,
    spanId: span,
    flags: count,
    severityNumber: fc.nat(24),
    severityText: text,
    eventName: text,
    body: arbitraryValue,
    attributes,
    droppedAttributesCount: count,
    resource,
    scope,
    warnings: fc.constant([]),
  }),
  { maxLength: 3 },
);
