import { ProtoWriter } from './proto-writer.ts';

/** What a receiver could not take of a request. */
export interface PartialSuccess {
  /** Spans or log records; 0 with a message is a warning. */
  readonly rejected: number;
  readonly message: string;
}

export type Encoding = 'protobuf' | 'json';

/*
 * trace_service.proto  ExportTraceServiceResponse  partial_success 1
 *                      ExportTracePartialSuccess   rejected_spans 1 int64, error_message 2 string
 * logs_service.proto   the same numbers, rejected_log_records
 * metrics_service.proto the same numbers, rejected_data_points
 * google/rpc/status.proto  Status  code 1 int32, message 2 string, details 3 repeated Any
 * google/protobuf/any.proto  Any  type_url 1 string, value 2 bytes
 * google/rpc/error_details.proto  RetryInfo  retry_delay 1 Duration: seconds 1 int64, nanos 2 int32
 */
const rejectedNames = {
  spans: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const;

/** An Export…ServiceResponse. On full success `partial_success` stays unset, as the specification demands. */
export function encodeExportResponse(
  signal: 'spans' | 'logs' | 'metrics',
  encoding: Encoding,
  partial?: PartialSuccess,
): Uint8Array<ArrayBuffer> {
  if (encoding === 'json') {
    if (partial === undefined) return utf8('{}');
    const { rejected, message } = partial;
    // int64 is a string in proto3 JSON.
    return utf8(
      JSON.stringify({
        partialSuccess: { [rejectedNames[signal]]: String(rejected), errorMessage: message },
      }),
    );
  }
  const writer = new ProtoWriter();
  if (partial !== undefined) {
    writer.message(1, () => {
      if (partial.rejected !== 0) writer.int64(1, BigInt(partial.rejected));
      if (partial.message !== '') writer.string(2, partial.message);
    });
  }
  return writer.finish();
}

const retryInfoUrl = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * A google.rpc.Status: the body of an error answer over HTTP, and `grpc-status-details-bin` over gRPC.
 * `retryAfterMillis` becomes RetryInfo: the sender may come again, after that time.
 */
export function encodeStatus(
  encoding: Encoding,
  code: number,
  message: string,
  retryAfterMillis?: number,
): Uint8Array<ArrayBuffer> {
  if (encoding === 'json') {
    const details = [{ '@type': retryInfoUrl, retryDelay: `${(retryAfterMillis ?? 0) / 1_000}s` }];
    return utf8(JSON.stringify({ code, message, ...(retryAfterMillis === undefined ? {} : { details }) }));
  }
  const writer = new ProtoWriter();
  if (code !== 0) writer.varint(1, code);
  if (message !== '') writer.string(2, message);
  if (retryAfterMillis !== undefined) {
    writer.message(3, () => {
      writer.string(1, retryInfoUrl);
      writer.message(2, () => {
        writer.message(1, () => {
          writer.int64(1, BigInt(Math.floor(retryAfterMillis / 1_000)));
          writer.varint(2, Math.round((retryAfterMillis % 1_000) * 1e6));
        });
      });
    });
  }
  return writer.finish();
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
