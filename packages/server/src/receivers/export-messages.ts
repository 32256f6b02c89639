/**
 * The few bytes that answer an export request.
 *
 * | message                         | field              | number | type         |
 * | ------------------------------- | ------------------ | ------ | ------------ |
 * | Export{Trace,Logs,Metrics}…Response | partial_success | 1      | message      |
 * | Export…PartialSuccess           | rejected_spans …   | 1      | int64        |
 * |                                 | error_message      | 2      | string       |
 * | google.rpc.Status               | code               | 1      | int32        |
 * |                                 | message            | 2      | string       |
 * |                                 | details            | 3      | repeated Any |
 * | google.protobuf.Any             | type_url           | 1      | string       |
 * |                                 | value              | 2      | bytes        |
 * | google.rpc.RetryInfo            | retry_delay        | 1      | Duration     |
 * | google.protobuf.Duration        | seconds            | 1      | int64        |
 * |                                 | nanos              | 2      | int32        |
 *
 * (opentelemetry-proto collector/…_service.proto; googleapis google/rpc/status.proto, error_details.proto.)
 */

/** google.rpc.Code, as gRPC numbers them. */
export const rpcCodes = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export interface PartialSuccess {
  readonly rejected: number;
  readonly message: string;
}

/** Absence: full success leaves `partial_success` unset, as the protocol demands. */
export function encodeExportResponse(partial: PartialSuccess | undefined): Uint8Array {
  if (partial === undefined) return new Uint8Array(0);
  return lengthDelimited(1, Buffer.concat([varintField(1, partial.rejected), textField(2, partial.message)]));
}

const rejectedNames = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const;

/** 64-bit numbers are strings in protobuf's JSON. */
export function formatExportResponse(
  signal: keyof typeof rejectedNames,
  partial: PartialSuccess | undefined,
): string {
  if (partial === undefined) return '{}';
  return JSON.stringify({
    partialSuccess: { [rejectedNames[signal]]: String(partial.rejected), errorMessage: partial.message },
  });
}

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly retryAfterMillis?: number;
}

export function encodeRpcStatus({ code, message, retryAfterMillis }: RpcStatus): Buffer {
  const parts = [varintField(1, code), textField(2, message)];
  if (retryAfterMillis !== undefined) {
    const delay = Buffer.concat([
      varintField(1, Math.floor(retryAfterMillis / 1_000)),
      varintField(2, Math.round((retryAfterMillis % 1_000) * 1e6)),
    ]);
    const any = Buffer.concat([
      textField(1, 'type.googleapis.com/google.rpc.RetryInfo'),
      lengthDelimited(2, lengthDelimited(1, delay)),
    ]);
    parts.push(lengthDelimited(3, any));
  }
  return Buffer.concat(parts);
}

export function formatRpcStatus({ code, message, retryAfterMillis }: RpcStatus): string {
  return JSON.stringify({
    code,
    message,
    ...(retryAfterMillis === undefined
      ? {}
      : {
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.RetryInfo',
              retryDelay: `${retryAfterMillis / 1_000}s`,
            },
          ],
        }),
  });
}

/** Zero is left out, as proto3 does. */
function varintField(field: number, value: number): Uint8Array {
  if (value === 0) return new Uint8Array(0);
  return Uint8Array.from([field << 3, ...varint(value)]);
}

function textField(field: number, value: string): Uint8Array {
  return value === '' ? new Uint8Array(0) : lengthDelimited(field, Buffer.from(value));
}

function lengthDelimited(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.from([(field << 3) | 2, ...varint(content.length)]), content]);
}

/** Of a safe, non-negative integer. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  while (value >= 0x80) {
    bytes.push((value % 0x80) | 0x80);
    value = Math.floor(value / 0x80);
  }
  bytes.push(value);
  return bytes;
}
