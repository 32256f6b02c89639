import { encodeExportResponse } from '@spanwise/otlp';
import type { Logger } from 'pino';
import type { Exports, OtlpSignal } from '../exports.ts';
import { rpcCodes } from '../rpc-codes.ts';
import { decodeHealthCheckRequest, encodeHealthCheckResponse, servingStatus } from './health-messages.ts';
import { reflectionMethods } from './reflection.ts';
import {
  failure,
  type UnaryAnswer,
  type UnaryMethod,
  type UnaryRequest,
  UnaryServer,
} from './unary-server.ts';

export interface OtlpGrpcReceiverSettings {
  readonly exports: Exports;
  readonly isReady: () => boolean;
  readonly logger: Logger;
}

const services: ReadonlyMap<OtlpSignal, string> = new Map([
  ['spans', 'opentelemetry.proto.collector.trace.v1.TraceService'],
  ['logs', 'opentelemetry.proto.collector.logs.v1.LogsService'],
  ['metrics', 'opentelemetry.proto.collector.metrics.v1.MetricsService'],
]);

/** OTLP over gRPC, gRPC's own health check, and reflection. (opentelemetry-proto, docs/specification.md, OTLP/gRPC.) */
export function createOtlpGrpcReceiver(settings: OtlpGrpcReceiverSettings): UnaryServer {
  const methods = new Map<string, UnaryMethod>();
  for (const [signal, service] of services) {
    methods.set(`/${service}/Export`, (request) => answerExport(settings.exports, signal, request));
  }
  methods.set('/grpc.health.v1.Health/Check', (request) => answerHealthCheck(settings.isReady, request));
  return new UnaryServer(methods, settings.logger, reflectionMethods());
}

async function answerExport(
  exports: Exports,
  signal: OtlpSignal,
  request: UnaryRequest,
): Promise<UnaryAnswer> {
  const outcome = await exports({
    protocol: 'grpc',
    signal,
    encoding: 'protobuf',
    source: request.content,
    coding: request.coding,
    encodedBytes: request.length,
  });
  switch (outcome.kind) {
    case 'accepted':
      return {
        kind: 'message',
        message: encodeExportResponse(
          signal,
          'protobuf',
          outcome.rejected === 0 ? undefined : { rejected: outcome.rejected, message: outcome.message ?? '' },
        ),
      };
    case 'invalid':
      return failure(outcome.code, outcome.message);
    case 'unavailable': {
      const { message, retryAfterMillis } = outcome;
      return { kind: 'status', status: { code: rpcCodes.unavailable, message, retryAfterMillis } };
    }
    case 'too_large':
      return failure(rpcCodes.resourceExhausted, 'the request is larger than 64 MiB; send smaller batches');
    case 'aborted':
      return failure(rpcCodes.internal, 'the request is not exactly one whole message');
  }
}

/** A health check is small; whoever sends more sends something else. */
const healthRequestBytes = 1_024;

async function answerHealthCheck(isReady: () => boolean, request: UnaryRequest): Promise<UnaryAnswer> {
  if (request.coding !== 'identity' || request.length > healthRequestBytes) {
    return failure(rpcCodes.invalidArgument, 'not a health check');
  }
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request.content) chunks.push(chunk);
  } catch {
    return failure(rpcCodes.internal, 'the request is not exactly one whole message');
  }
  const service = decodeHealthCheckRequest(Buffer.concat(chunks));
  if (service === undefined) return failure(rpcCodes.invalidArgument, 'not a health check');
  if (service !== '' && ![...services.values()].includes(service)) {
    return failure(rpcCodes.notFound, 'no such service');
  }
  return {
    kind: 'message',
    message: encodeHealthCheckResponse(isReady() ? servingStatus.serving : servingStatus.notServing),
  };
}
