import { noAttributes, type Span, type SpanId, type TraceId, unixNano } from '@spanwise/model';
import { largeTrace } from '@spanwise/testing';

/** A generated trace as spans that can be sent: `spanCount` of them, started now. */
export function spansOfLargeTrace(spanCount: number, traceId: TraceId, now: number): readonly Span[] {
  const columns = largeTrace(spanCount);
  const start = BigInt(now) * 1_000_000n;
  const scope = {
    name: 'bench',
    version: '',
    attributes: noAttributes,
    schemaUrl: '',
    droppedAttributesCount: 0,
  };
  const resources = columns.services.map((serviceName) => ({
    serviceName,
    attributes: new Map([['service.name', serviceName]]),
    schemaUrl: '',
    droppedAttributesCount: 0,
  }));
  return Array.from({ length: spanCount }, (_, row): Span => {
    const parent = columns.parentRow[row]!;
    return {
      traceId,
      spanId: columns.spanIds[row]!,
      ...(parent >= 0 && { parentSpanId: columns.spanIds[parent] as SpanId }),
      traceState: '',
      flags: 1,
      name: columns.names[columns.nameIndex[row]!]!,
      kind: columns.kind[row] as Span['kind'],
      startTimeUnixNano: unixNano(start + BigInt(columns.startNanos[row]!)),
      durationNanos: columns.durationsNanos[row]!,
      statusCode: columns.status[row] as Span['statusCode'],
      statusMessage: '',
      resource: resources[columns.serviceIndex[row]!]!,
      scope,
      attributes: new Map<string, string | bigint>([
        ['bench.row', BigInt(row)],
        ['bench.label', `row ${row}`],
      ]),
      events: [],
      links: [],
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
      warnings: [],
    };
  });
}
