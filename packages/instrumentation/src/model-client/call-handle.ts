import type { Context } from '@opentelemetry/api';
import type { ModelCall } from './model-call.ts';

/**
 * What the call's promise, its raw response and its stream hold together. When nobody holds any of them any
 * more, it is collected and the call ends.
 */
export interface CallHandle {
  readonly call: ModelCall;
  readonly spanContext: Context;
  /** The body is being read by the client, so the end comes with it and not with the raw response. */
  isParsed: boolean;
}
