import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A stub whose methods we know by name only. */
export type Client = InstanceType<ServiceClientConstructor>;

/** A client made from a protocol file, with gRPC's own bounds: 4 MiB a message. */
export function connect(
  address: string,
  file: string,
  service: string,
  folder = new URL('./proto/', import.meta.url),
): Client {
  const definitions = loadSync(file, {
    includeDirs: [fileURLToPath(folder)],
    longs: String,
    enums: String,
    defaults: false,
  });
  let found: unknown = loadPackageDefinition(definitions);
  for (const part of service.split('.')) found = (found as Record<string, unknown>)[part];
  return new (found as ServiceClientConstructor)(address, credentials.createInsecure());
}

/** The answer of a call without streams. */
export function call(client: Client, method: string, request: object): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  client[method]?.(request, (error: Error | null, response: unknown) => {
    if (error === null) resolve(response);
    else reject(error);
  });
  return promise;
}

/** A stream, which the test may read, write to and cancel. */
export function open(client: Client, method: string, ...request: readonly object[]) {
  const start = client[method];
  if (start === undefined) throw new Error(`no method ${method}`);
  return start.call(client, ...request);
}

/** All messages of a stream. */
export async function collect(client: Client, method: string, request: object): Promise<readonly unknown[]> {
  const messages: unknown[] = [];
  for await (const message of open(client, method, request)) messages.push(message);
  return messages;
}
