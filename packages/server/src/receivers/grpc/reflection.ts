import { EventEmitter } from 'node:events';
import type { MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { loadReflection } from '../../query/grpc/definitions.ts';
import type { StreamMethod } from './unary-server.ts';

const fileNames = [
  ...['trace', 'logs', 'metrics'].map(
    (signal) => `opentelemetry/proto/collector/${signal}/v1/${signal}_service.proto`,
  ),
  'grpc/health.proto',
];

/** Of `grpc.reflection.v1.ServerReflection` and its older name, v1alpha. */
const paths = ['v1', 'v1alpha'].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);

interface Answering {
  readonly method: MethodDefinition<object, object>;
  readonly handle: (call: ReflectionCall) => void;
}

/**
 * What `@grpc/reflection` sees of a call: it listens for `data` and `end`, and answers each message at once, by one
 * `write`.
 */
class ReflectionCall extends EventEmitter {
  readonly answers: object[] = [];

  write(answer: object): void {
    this.answers.push(answer);
  }

  end(): void {
    // Whoever reads the answers ends with the requests.
  }
}

/** Tells clients such as grpcurl what the receiver speaks. (grpc/grpc, doc/server-reflection.md.) */
export function reflectionMethods(): ReadonlyMap<string, StreamMethod> {
  // About 30 ms, and few ever ask.
  let loaded: ReadonlyMap<string, Answering> | undefined;
  return new Map(
    paths.map((path) => [
      path,
      async function* (requests) {
        loaded ??= load();
        const { method, handle } = loaded.get(path)!;
        const call = new ReflectionCall();
        handle(call);
        for await (const bytes of requests) {
          call.emit('data', method.requestDeserialize(Buffer.from(bytes)));
          for (const answer of call.answers.splice(0)) yield method.responseSerialize(answer);
        }
      },
    ]),
  );
}

function load(): ReadonlyMap<string, Answering> {
  const answering = new Map<string, Answering>();
  new ReflectionService(loadReflection(fileNames)).addToServer({
    addService(service: ServiceDefinition, implementation: UntypedServiceImplementation) {
      for (const [name, method] of Object.entries(service)) {
        const handle = implementation[name] as unknown as Answering['handle'];
        answering.set(method.path, { method, handle });
      }
    },
  });
  return answering;
}
