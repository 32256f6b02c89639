import { fileURLToPath } from 'node:url';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { readFileDescriptors } from './file-descriptors.ts';

/** BUNDLING: the packing script puts the folder beside the packed server, under the same name. */
const folder = fileURLToPath(new URL('./proto', import.meta.url));

const fileNames = ['jaeger/api_v2.proto', 'jaeger/api_v3.proto', 'grpc/health.proto'];

export const apiV2Name = 'jaeger.api_v2.QueryService';
export const apiV3Name = 'jaeger.api_v3.QueryService';
export const healthName = 'grpc.health.v1.Health';

/**
 * Reads the protocol files: about 20 ms. Messages have camelCase names, 64-bit integers are decimal strings, what was
 * not sent is absent.
 */
export function loadDefinitions(): PackageDefinition {
  return loadSync(fileNames, {
    includeDirs: [folder],
    keepCase: false,
    longs: String,
    enums: String,
    defaults: false,
  });
}

/** What reflection shows: these files and what they import, in the form that its service takes. */
export function loadReflection(names: readonly string[] = fileNames): PackageDefinition {
  const format = 'Protocol Buffer 3 EnumDescriptorProto';
  return { files: { format, type: {}, fileDescriptorProtos: [...readFileDescriptors(folder, names)] } };
}

/** @throws Error when the protocol files have no such service. */
export function serviceOf(definitions: PackageDefinition, name: string): ServiceDefinition {
  const service = definitions[name];
  if (service === undefined || 'format' in service) throw new Error(`no service ${name}`);
  return service;
}

/** @throws Error when the service has no such method. */
export function methodOf(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const method = service[name];
  if (method === undefined) throw new Error(`no method ${name}`);
  return method;
}

/** The service, whose streams are answered with messages that are encoded already: their size has to be known. */
export function withEncodedStreams(service: ServiceDefinition): ServiceDefinition {
  const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      method.responseStream ? { ...method, responseSerialize: bufferOf } : method,
    ]),
  );
}
