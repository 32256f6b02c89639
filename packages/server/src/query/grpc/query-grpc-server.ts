import { createServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { limits } from '../../limits.ts';
import type { QueryContext } from '../query-context.ts';
import { Answers } from './answers.ts';
import { apiV2Service } from './api-v2-service.ts';
import { apiV3Service } from './api-v3-service.ts';
import {
  apiV2Name,
  apiV3Name,
  healthName,
  loadDefinitions,
  loadReflection,
  serviceOf,
  withEncodedStreams,
} from './definitions.ts';
import { HealthService } from './health-service.ts';

export interface QueryGrpcSettings
  extends Pick<QueryContext, 'reader' | 'tenant' | 'archiveTrace' | 'metrics' | 'logger'> {
  readonly isReady: () => boolean;
}

/** The gRPC server of the query side: Jaeger's query services, versions 2 and 3, health and reflection. */
export class QueryGrpcServer {
  readonly #grpc = new Server({
    'grpc.max_receive_message_length': limits.queryGrpcRequestBytes.value,
    'grpc.max_concurrent_streams': limits.streamsPerConnection.value,
    // A client may keep an idle connection, but must answer pings: one that says nothing, or is gone, can not.
    'grpc.keepalive_time_ms': limits.requestMillis.value,
    'grpc.keepalive_timeout_ms': limits.headersMillis.value,
  });
  /** Takes the connections: grpc-js knows no bound for them. */
  readonly server = createServer();
  readonly #health: HealthService;

  constructor(settings: QueryGrpcSettings) {
    const definitions = loadDefinitions();
    const answers = new Answers(settings.metrics, settings.logger);
    const v2 = serviceOf(definitions, apiV2Name);
    const v3 = serviceOf(definitions, apiV3Name);
    this.#grpc.addService(withEncodedStreams(v2), apiV2Service(v2, settings, answers));
    this.#grpc.addService(withEncodedStreams(v3), apiV3Service(v3, settings, answers));
    this.#health = new HealthService(settings.isReady, [apiV2Name, apiV3Name]);
    this.#grpc.addService(serviceOf(definitions, healthName), this.#health.implementation);
    new ReflectionService(loadReflection()).addToServer(this.#grpc);
    const { injectConnection } = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    this.server.maxConnections = limits.queryConnections.value;
    this.server.on('connection', injectConnection);
  }

  /** Tells who watches its health when readiness has changed. */
  notify(): void {
    this.#health.notify();
  }

  async close(timeoutMillis: number): Promise<void> {
    this.#health.close();
    this.server.close();
    const timer = setTimeout(() => this.#grpc.forceShutdown(), timeoutMillis);
    await new Promise<void>((resolve) => this.#grpc.tryShutdown(() => resolve()));
    clearTimeout(timer);
  }
}
