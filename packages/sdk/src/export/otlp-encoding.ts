import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { OtlpProtocol } from '../tracing-options.ts';

/** How a signal becomes the body of an OTLP request. Pure. */
export interface OtlpEncoding<Item> {
  /** A whole request with these items. */
  encode(items: Item[]): Uint8Array | undefined;
  /** One request with all items of several. */
  join(requests: readonly Uint8Array[]): Uint8Array;
  /** How many items of an accepted request the backend's answer says it did not take. */
  countRejected(answer: Uint8Array): number;
}

/**
 * Items encoded at a time. A slice keeps the event loop for well under a millisecond; each slice repeats the
 * resource, some hundred bytes that gzip takes away again. Measured in `bench/export-slices.ts`.
 */
const SLICE_SIZE = 64;

/** Encodes a batch off the caller's path: between slices the event loop serves whoever waits. */
export async function encodeInSlices<Item>(
  encoding: OtlpEncoding<Item>,
  items: readonly Item[],
): Promise<Uint8Array> {
  const requests: Uint8Array[] = [];
  for (let start = 0; start < items.length; start += SLICE_SIZE) {
    await nextTurn();
    const request = encoding.encode(items.slice(start, start + SLICE_SIZE));
    if (request !== undefined) requests.push(request);
  }
  const [only] = requests;
  return requests.length === 1 && only !== undefined ? only : encoding.join(requests);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function spanEncoding(protocol: OtlpProtocol): OtlpEncoding<ReadableSpan> {
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return {
    encode: (spans) => serializer.serializeRequest(spans),
    join: joinFor(protocol),
    countRejected: (answer) =>
      Number(serializer.deserializeResponse(answer).partialSuccess?.rejectedSpans ?? 0) || 0,
  };
}

export function logEncoding(protocol: OtlpProtocol): OtlpEncoding<ReadableLogRecord> {
  const serializer = protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer;
  return {
    encode: (logRecords) => serializer.serializeRequest(logRecords),
    join: joinFor(protocol),
    countRejected: (answer) =>
      Number(serializer.deserializeResponse(answer).partialSuccess?.rejectedLogRecords ?? 0) || 0,
  };
}

function joinFor(protocol: OtlpProtocol): (requests: readonly Uint8Array[]) => Uint8Array {
  return protocol === 'http/json' ? joinJson : joinProtobuf;
}

/** A request is one repeated field, and protobuf joins those by concatenation ("Last One Wins and merging" of its encoding guide). */
function joinProtobuf(requests: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(requests);
}

const COMMA = Buffer.from(',');
const CLOSING = Buffer.from(']}');

/** `{"resourceSpans":[a]}` and `{"resourceSpans":[b]}` are `{"resourceSpans":[a,b]}`. */
function joinJson(requests: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const request of requests) {
    const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    const opening = bytes.indexOf('[') + 1;
    parts.push(parts.length === 0 ? bytes.subarray(0, opening) : COMMA);
    parts.push(bytes.subarray(opening, bytes.length - CLOSING.length));
  }
  parts.push(CLOSING);
  return Buffer.concat(parts);
}
