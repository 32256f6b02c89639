import {
  noAttributes,
  type Span,
  type SpanKind,
  spanId,
  spanKinds,
  statusCodes,
  traceId,
  unixNanoFromMillis,
} from '@spanwise/model';

/**
 * The workload that Jaeger publishes its storage figures for: traces of 10 spans, 11 attributes a span, out of 97
 * keys and 1,000 values. (jaegertracing/jaeger, cmd/tracegen and its performance reports.) Ids count up from `seed`.
 */
export function jaegerWorkload(traces: number, seed: number, startMillis: number): readonly Span[] {
  const spans: Span[] = [];
  let draw = seed;
  for (let trace = 0; trace < traces; trace += 1) {
    for (let number = 1; number <= 10; number += 1) {
      const attributes = new Map<string, string>();
      while (attributes.size < 11) {
        // Any fixed walk over keys and values does: what counts is how many there are.
        draw = (draw * 1_103_515_245 + 12_345) % 2_147_483_648;
        attributes.set(`attr_${draw % 97}`, `val_${(draw >> 7) % 1_000}`);
      }
      spans.push(spanOf(seed + trace, number, startMillis, attributes));
    }
  }
  return spans;
}

const scope = {
  name: 'tracegen',
  version: '',
  attributes: noAttributes,
  schemaUrl: '',
  droppedAttributesCount: 0,
};

const resource = {
  serviceName: 'tracegen-00',
  attributes: new Map([['service.name', 'tracegen-00']]),
  schemaUrl: '',
  droppedAttributesCount: 0,
};

function spanOf(
  trace: number,
  number: number,
  startMillis: number,
  attributes: ReadonlyMap<string, string>,
): Span {
  const idOf = (span: number) => spanId((BigInt(trace) * 16n + BigInt(span)).toString(16).padStart(16, 'c'));
  const kind: SpanKind = number === 1 ? spanKinds.server : spanKinds.client;
  return {
    traceId: traceId(trace.toString(16).padStart(32, 'd')),
    spanId: idOf(number),
    ...(number > 1 && { parentSpanId: idOf(1) }),
    traceState: '',
    flags: 257,
    name: number === 1 ? 'lets-go' : 'okey-dokey',
    kind,
    startTimeUnixNano: unixNanoFromMillis(startMillis + number),
    durationNanos: 123_000 + number,
    statusCode: statusCodes.unset,
    statusMessage: '',
    resource,
    scope,
    attributes,
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    warnings: [],
  };
}
