import { type Attributes, context, SpanKind, trace } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { currentInstruments } from './instruments.ts';
import { secondsSince } from './seconds-since.ts';
import type { StepMeasure } from './step-metrics.ts';

type Side = SpanKind.CLIENT | SpanKind.SERVER;

/** Dimensions of the conventions, of few values each: neither ids nor URIs. */
const SESSION_DIMENSIONS = [
  attributeKey.mcpProtocolVersion,
  attributeKey.networkTransport,
  attributeKey.serverAddress,
  attributeKey.serverPort,
] as const;

const REQUEST_DIMENSIONS = [
  ...SESSION_DIMENSIONS,
  attributeKey.mcpMethodName,
  attributeKey.operationName,
  attributeKey.toolName,
  attributeKey.promptName,
] as const;

/**
 * One request, from now on.
 *
 * @param attributes Of its span, at the start.
 * @param statusCodeOf Asked at the end: the code of a JSON-RPC error.
 */
export function measureMcpRequest(
  side: Side,
  attributes: Attributes,
  statusCodeOf: () => string | undefined,
): StepMeasure | undefined {
  const instruments = currentInstruments();
  if (instruments === undefined) return undefined;
  const { mcpClientDuration, mcpServerDuration } = instruments;
  const histogram = side === SpanKind.CLIENT ? mcpClientDuration : mcpServerDuration;
  const startedAt = performance.now();
  return (span, failure, endTime) => {
    const dimensions = pick(attributes, REQUEST_DIMENSIONS);
    const code = statusCodeOf();
    if (code !== undefined) dimensions[attributeKey.rpcResponseStatusCode] = code;
    if (failure !== undefined) dimensions[attributeKey.errorType] = failure;
    histogram.record(secondsSince(startedAt, endTime), dimensions, trace.setSpan(context.active(), span));
  };
}

/**
 * One session that is over.
 *
 * @param startedAt On the clock of `performance.now()`.
 */
export function recordMcpSession(side: Side, startedAt: number, attributes: Attributes): void {
  const instruments = currentInstruments();
  if (instruments === undefined) return;
  const { mcpClientSession, mcpServerSession } = instruments;
  const histogram = side === SpanKind.CLIENT ? mcpClientSession : mcpServerSession;
  histogram.record(secondsSince(startedAt), pick(attributes, SESSION_DIMENSIONS));
}

function pick(attributes: Attributes, keys: readonly string[]): Attributes {
  const picked: Attributes = {};
  for (const key of keys) if (attributes[key] !== undefined) picked[key] = attributes[key];
  return picked;
}
