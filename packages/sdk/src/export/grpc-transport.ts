import type { Client, ClientUnaryCall, Metadata, ServiceError } from '@grpc/grpc-js';
import type { convertLegacyOtlpGrpcOptions } from '@opentelemetry/otlp-grpc-exporter-base';
import type { OtlpTransport, SendOutcome } from './otlp-transport.ts';
import { retryDelayOf } from './retry-info.ts';

/** Where calls go, with metadata, TLS and time-out: what OpenTelemetry makes of `OTEL_EXPORTER_OTLP_*`. */
type GrpcConfiguration = ReturnType<typeof convertLegacyOtlpGrpcOptions>;

/**
 * Codes that OTLP calls retryable (opentelemetry-proto `docs/specification.md`, "Failures"): CANCELLED 1,
 * DEADLINE_EXCEEDED 4, ABORTED 10, OUT_OF_RANGE 11, UNAVAILABLE 14, DATA_LOSS 15. RESOURCE_EXHAUSTED 8 is one
 * only if the backend says when to come back.
 */
const RETRYABLE_CODES: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15]);
const RESOURCE_EXHAUSTED = 8;

/** Of `CompressionAlgorithms` in grpc-js; its enum would have to be loaded for it. */
const GZIP = 2;
const UNCOMPRESSED = 0;

/** Where the details of a gRPC status are (gRPC "Richer error model"). */
const STATUS_DETAILS = 'grpc-status-details-bin';

/**
 * OTLP over gRPC. OpenTelemetry's own transport keeps the call to itself, so it could neither be cancelled at
 * the deadline of an exit nor tell the backend's RetryInfo.
 */
export class GrpcTransport implements OtlpTransport {
  readonly #configuration: GrpcConfiguration;
  readonly #path: string;
  readonly #running = new Set<ClientUnaryCall>();
  #client: Promise<{ client: Client; metadata: Metadata }> | undefined;
  #isClosed = false;

  /** @param path `/opentelemetry.proto.collector.….v1.…Service/Export` */
  constructor(configuration: GrpcConfiguration, path: string) {
    this.#configuration = configuration;
    this.#path = path;
  }

  async send(request: Uint8Array): Promise<SendOutcome> {
    try {
      this.#client ??= this.#connect();
      const { client, metadata } = await this.#client;
      if (this.#isClosed) return { status: 'retryable', reason: 'the process ended first' };
      return await this.#call(client, metadata, request);
    } catch (thrown) {
      // Credentials that can't be read: the same at each attempt.
      this.#client = undefined;
      return { status: 'refused', reason: thrown instanceof Error ? firstLine(thrown.message) : 'no client' };
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const call of this.#running) call.cancel();
    this.#client?.then(
      ({ client }) => client.close(),
      () => {},
    );
  }

  /** grpc-js is loaded with the first batch and not before: most of a small service's start would be it. */
  async #connect(): Promise<{ client: Client; metadata: Metadata }> {
    const { Client } = await import('@grpc/grpc-js');
    const { url, credentials, metadata, compression } = this.#configuration;
    const client = new Client(url, credentials(), {
      'grpc.default_compression_algorithm': compression === 'gzip' ? GZIP : UNCOMPRESSED,
    });
    return { client, metadata: metadata() };
  }

  #call(client: Client, metadata: Metadata, request: Uint8Array): Promise<SendOutcome> {
    const deadline = Date.now() + this.#configuration.timeoutMillis;
    return new Promise((resolve) => {
      const call = client.makeUnaryRequest(
        this.#path,
        (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        (bytes: Buffer) => bytes,
        request,
        metadata,
        { deadline },
        (error: ServiceError | null, answer?: Uint8Array) => {
          this.#running.delete(call);
          if (error === null) resolve({ status: 'accepted', answer: answer ?? new Uint8Array() });
          else resolve(outcomeOf(error));
        },
      );
      this.#running.add(call);
    });
  }
}

function outcomeOf(error: ServiceError): SendOutcome {
  const reason = firstLine(error.message);
  const [details] = error.metadata?.get(STATUS_DETAILS) ?? [];
  const retryAfterMillis = Buffer.isBuffer(details) ? retryDelayOf(details) : undefined;
  const code: number = error.code;
  const isRetryable =
    RETRYABLE_CODES.has(code) || (code === RESOURCE_EXHAUSTED && retryAfterMillis !== undefined);
  return isRetryable ? { status: 'retryable', reason, retryAfterMillis } : { status: 'refused', reason };
}

/** gRPC and socket messages name addresses and codes, no telemetry; still only the first line. */
function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
