/** google.rpc.Code, those that receivers answer with. (googleapis, google/rpc/code.proto.) */
export const rpcCodes = {
  ok: 0,
  invalidArgument: 3,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** google.rpc.Status. With `retryAfterMillis`, the sender may come again. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly retryAfterMillis?: number;
}
