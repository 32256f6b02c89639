import type { TraceAnalysis } from '@spanwise/analysis';
import type {
  AttributeDto,
  AttributeValueDto,
  FoundSpanDto,
  LogRecordDto,
  SpanDto,
  SpanKindName,
  TraceAnalysisDto,
  TraceSkeletonDto,
  TraceSummaryDto,
} from '@spanwise/api';
import {
  type Attributes,
  type AttributeValue,
  type LogRecord,
  type Span,
  spanKinds,
  statusCodes,
  type TraceColumns,
} from '@spanwise/model';
import type { FoundSpan, TraceSummary } from '@spanwise/store';

const kindNames = Object.keys(spanKinds) as readonly SpanKindName[]; // in the order of their codes
const statusNames = Object.keys(statusCodes) as readonly SpanDto['status'][]; // in the order of their codes

export function toKindName(kind: number): SpanKindName {
  return kindNames[kind] ?? 'unspecified';
}

export function toSummaryDto(summary: TraceSummary): TraceSummaryDto {
  return { ...summary, startTimeUnixNano: String(summary.startTimeUnixNano) };
}

export function toFoundSpanDto(span: FoundSpan): FoundSpanDto {
  const { place, parentSpanId, operation, model, agent, tool } = span;
  const texts = { operation, model, agent, tool };
  return {
    traceId: place.traceId,
    spanId: place.spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    service: span.service,
    name: span.name,
    kind: toKindName(span.kind),
    status: statusNames[span.statusCode] ?? 'unset',
    startTimeUnixNano: String(place.startTimeUnixNano),
    durationNanos: span.durationNanos,
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    cost: span.cost,
  };
}

export function toSkeletonDto(columns: TraceColumns, version: string): TraceSkeletonDto {
  return {
    traceId: columns.traceId,
    version,
    startTimeUnixNano: String(columns.startTimeUnixNano),
    durationNanos: columns.durationNanos,
    spanCount: columns.spanCount,
    services: columns.services,
    names: columns.names,
    labels: columns.labels,
    spanIds: columns.spanIds,
    parentRow: Array.from(columns.parentRow),
    startNanos: Array.from(columns.startNanos),
    durationsNanos: Array.from(columns.durationsNanos),
    serviceIndex: Array.from(columns.serviceIndex),
    nameIndex: Array.from(columns.nameIndex),
    kind: Array.from(columns.kind),
    status: Array.from(columns.status),
    eventCount: Array.from(columns.eventCount),
    operationIndex: Array.from(columns.operationIndex),
    modelIndex: Array.from(columns.modelIndex),
    agentIndex: Array.from(columns.agentIndex),
    toolIndex: Array.from(columns.toolIndex),
    inputTokens: Array.from(columns.inputTokens),
    outputTokens: Array.from(columns.outputTokens),
    cost: Array.from(columns.cost),
    firstChunkNanos: Array.from(columns.firstChunkNanos),
  };
}

export function toAnalysisDto(
  analysis: TraceAnalysis,
  version: string,
): Pick<
  TraceAnalysisDto,
  | 'version'
  | 'criticalPath'
  | 'byService'
  | 'bottleneck'
  | 'usage'
  | 'errorCount'
  | 'orphanCount'
  | 'rootCount'
> {
  const { criticalPath, byService, bottleneck, usage, errorCount, orphanCount, rootCount } = analysis;
  return {
    version,
    criticalPath: {
      row: Array.from(criticalPath.row),
      startNanos: Array.from(criticalPath.startNanos),
      endNanos: Array.from(criticalPath.endNanos),
    },
    byService,
    ...(bottleneck === undefined ? {} : { bottleneck }),
    usage,
    errorCount,
    orphanCount,
    rootCount,
  };
}

export function toSpanDto(span: Span): SpanDto {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: toKindName(span.kind),
    startTimeUnixNano: String(span.startTimeUnixNano),
    durationNanos: span.durationNanos,
    status: statusNames[span.statusCode] ?? 'unset',
    statusMessage: span.statusMessage,
    traceState: span.traceState,
    service: span.resource.serviceName,
    resource: toAttributeDtos(span.resource.attributes),
    scope: {
      name: span.scope.name,
      version: span.scope.version,
      attributes: toAttributeDtos(span.scope.attributes),
    },
    attributes: toAttributeDtos(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeUnixNano),
      name: event.name,
      attributes: toAttributeDtos(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      attributes: toAttributeDtos(link.attributes),
    })),
    warnings: span.warnings,
  };
}

export function toLogRecordDto(log: LogRecord): LogRecordDto {
  return {
    timeUnixNano: String(log.timeUnixNano),
    ...(log.traceId === undefined ? {} : { traceId: log.traceId }),
    ...(log.spanId === undefined ? {} : { spanId: log.spanId }),
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    service: log.resource.serviceName,
    body: toValueDto(log.body),
    attributes: toAttributeDtos(log.attributes),
  };
}

function toAttributeDtos(attributes: Attributes): AttributeDto[] {
  return Array.from(attributes, ([key, value]) => ({ key, value: toValueDto(value) }));
}

export function toValueDto(value: AttributeValue): AttributeValueDto {
  switch (typeof value) {
    case 'string':
      return { type: 'string', value };
    case 'boolean':
      return { type: 'bool', value };
    case 'bigint':
      return { type: 'int', value: String(value) };
    case 'number':
      return { type: 'double', value: Number.isFinite(value) ? value : (String(value) as 'NaN') };
    case 'undefined':
      return { type: 'empty' };
    case 'object':
      if (value instanceof Uint8Array) return { type: 'bytes', value: Buffer.from(value).toString('base64') };
      if (isList(value)) return { type: 'array', value: value.map(toValueDto) };
      return { type: 'map', value: toAttributeDtos(value) };
  }
}

function isList(value: readonly AttributeValue[] | Attributes): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
