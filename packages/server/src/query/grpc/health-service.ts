import {
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

interface HealthRequest {
  readonly service?: string;
}

interface HealthResponse {
  readonly status: 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}

/**
 * gRPC's standard health service. Answers for the server as a whole (an empty name) and for each of its services,
 * which are ready together. (grpc-proto, grpc/health/v1/health.proto.)
 */
export class HealthService {
  readonly #watchers = new Set<ServerWritableStream<HealthRequest, HealthResponse>>();
  readonly #isReady: () => boolean;
  readonly #services: ReadonlySet<string>;

  constructor(isReady: () => boolean, services: readonly string[]) {
    this.#isReady = isReady;
    this.#services = new Set(['', ...services]);
  }

  readonly implementation = {
    Check: (call: { readonly request: HealthRequest }, callback: sendUnaryData<HealthResponse>) => {
      if (this.#knows(call.request)) callback(null, this.#response());
      else callback({ code: status.NOT_FOUND, details: 'no such service' });
    },
    Watch: (call: ServerWritableStream<HealthRequest, HealthResponse>) => {
      // An unknown service is told, not refused: it may come later. (health.proto, Watch.)
      const isKnown = this.#knows(call.request);
      call.write(isKnown ? this.#response() : { status: 'SERVICE_UNKNOWN' });
      if (!isKnown) return;
      this.#watchers.add(call);
      call.on('cancelled', () => this.#watchers.delete(call));
    },
  } satisfies UntypedServiceImplementation;

  /** Tells watchers when readiness has changed. */
  notify(): void {
    for (const watcher of this.#watchers) watcher.write(this.#response());
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.end();
  }

  #knows({ service = '' }: HealthRequest): boolean {
    return this.#services.has(service);
  }

  #response(): HealthResponse {
    return { status: this.#isReady() ? 'SERVING' : 'NOT_SERVING' };
  }
}
