import {
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import {
  decodeHealthCheckRequest,
  encodeHealthCheckResponse,
  type ServingStatus,
  servingStatus,
} from '../receivers/grpc/health-messages.ts';

/** An object, because grpc-js takes an empty string for no message. */
interface HealthRequest {
  readonly service: string;
}

/** gRPC's standard health service. (grpc-proto, grpc/health/v1/health.proto.) */
const healthService = {
  Check: method('Check', false),
  Watch: method('Watch', true),
} satisfies ServiceDefinition;

function method(name: string, responseStream: boolean) {
  return {
    path: `/grpc.health.v1.Health/${name}`,
    requestStream: false,
    responseStream,
    // Required by the type; only clients call it.
    requestSerialize: ({ service }: HealthRequest) => Buffer.from(service),
    requestDeserialize: (bytes: Buffer) => {
      const service = decodeHealthCheckRequest(bytes);
      if (service === undefined) throw new Error('not a health check');
      return { service };
    },
    responseSerialize: (serving: ServingStatus) => encodeHealthCheckResponse(serving),
    responseDeserialize: (bytes: Buffer) => bytes[1] as ServingStatus,
  };
}

/** The gRPC server of the query side: health only, until Jaeger's query services join it. */
export class GrpcHealthServer {
  readonly #server = new Server();
  readonly #watchers = new Set<ServerWritableStream<HealthRequest, ServingStatus>>();
  readonly #isReady: () => boolean;

  constructor(isReady: () => boolean) {
    this.#isReady = isReady;
    this.#server.addService(healthService, {
      Check: (
        call: { readonly request: HealthRequest },
        callback: (error: { code: status; details: string } | null, serving?: ServingStatus) => void,
      ) => {
        if (call.request.service === '') callback(null, this.#status());
        else callback({ code: status.NOT_FOUND, details: 'no such service' });
      },
      Watch: (call: ServerWritableStream<HealthRequest, ServingStatus>) => {
        // An unknown service is told, not refused: it may come later. (health.proto, Watch.)
        call.write(call.request.service === '' ? this.#status() : servingStatus.serviceUnknown);
        if (call.request.service !== '') return;
        this.#watchers.add(call);
        call.on('cancelled', () => this.#watchers.delete(call));
      },
    });
  }

  /** Gives: the port. Errors: `EADDRINUSE` and the like only as text, so check the port before. */
  listen(host: string, port: number): Promise<number> {
    const name = host.includes(':') ? `[${host}]` : host;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${name}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  /** Tells watchers when readiness has changed. */
  notify(): void {
    for (const watcher of this.#watchers) watcher.write(this.#status());
  }

  async close(timeoutMillis: number): Promise<void> {
    for (const watcher of this.#watchers) watcher.end();
    const timer = setTimeout(() => this.#server.forceShutdown(), timeoutMillis);
    await new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    clearTimeout(timer);
  }

  #status(): ServingStatus {
    return this.#isReady() ? servingStatus.serving : servingStatus.notServing;
  }
}
