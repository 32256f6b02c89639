/**
 * | message                           | field   | number | type   |
 * | --------------------------------- | ------- | ------ | ------ |
 * | grpc.health.v1.HealthCheckRequest | service | 1      | string |
 * | grpc.health.v1.HealthCheckResponse | status | 1      | enum: 1 SERVING, 2 NOT_SERVING, 3 SERVICE_UNKNOWN |
 *
 * (grpc-proto, grpc/health/v1/health.proto.)
 */

export const servingStatus = { serving: 1, notServing: 2, serviceUnknown: 3 } as const;
export type ServingStatus = (typeof servingStatus)[keyof typeof servingStatus];

/**
 * The service asked for; empty for the whole server.
 * Errors: undefined when the bytes are not this message (or hold anything beside it).
 */
export function decodeHealthCheckRequest(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return '';
  // A service name is short: its length is one byte.
  if (bytes[0] !== 0x0a || bytes[1] !== bytes.length - 2 || bytes.length > 129) return undefined;
  return new TextDecoder().decode(bytes.subarray(2));
}

export function encodeHealthCheckResponse(status: ServingStatus): Buffer {
  return Buffer.from([0x08, status]);
}
