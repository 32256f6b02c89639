import type { EventEmitter } from 'node:events';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerErrorResponse,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { ServerMetrics } from '../../telemetry/server-metrics.ts';
import { forCaller } from '../caller.ts';
import { QueryError, toQueryError } from '../query-error.ts';

/** What turns an answer, or its failure, into a call's end. */
export class Answers {
  readonly #metrics: ServerMetrics;
  readonly #logger: Logger;

  constructor(metrics: ServerMetrics, logger: Logger) {
    this.#metrics = metrics;
    this.#logger = logger;
  }

  unary<Request, Response>(
    answer: (request: Request) => Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return async (call, callback) => {
      const end = this.#begin(call.getPath());
      try {
        const response = await forCaller(goneOf(call), () => answer(call.request));
        end(status.OK);
        callback(null, response);
      } catch (error) {
        const failure = this.#failureOf(error, call.getPath());
        end(failure.code);
        callback(failure);
      }
    };
  }

  /** Sends no faster than the client reads, and stops asking when the client has gone. */
  stream<Request>(
    answer: (request: Request) => AsyncIterable<Uint8Array>,
  ): handleServerStreamingCall<Request, Uint8Array> {
    return async (call) => {
      const end = this.#begin(call.getPath());
      try {
        await forCaller(goneOf(call), async () => {
          for await (const message of answer(call.request)) {
            if (call.cancelled) break;
            if (!call.write(message)) await untilRead(call);
          }
        });
        end(call.cancelled ? status.CANCELLED : status.OK);
        call.end();
      } catch (error) {
        const failure = this.#failureOf(error, call.getPath());
        end(failure.code);
        call.emit('error', failure);
      }
    };
  }

  #begin(path: string): (code: status) => void {
    const start = performance.now();
    return (code) => this.#metrics.queryAnswered(path, code, performance.now() - start);
  }

  #failureOf(
    error: unknown,
    path: string,
  ): Pick<ServerErrorResponse, 'name' | 'message'> & {
    readonly code: status;
    readonly details: string;
  } {
    const known = toQueryError(error);
    if (known === undefined) this.#logger.error({ err: error, route: path }, 'a query failed');
    const details = known?.message ?? 'internal error';
    return { name: 'Error', message: details, code: codeOf(known), details };
  }
}

/** Aborts when the client cancels or its connection ends. */
function goneOf(call: EventEmitter & { readonly cancelled: boolean }): AbortSignal {
  const gone = new AbortController();
  call.once('cancelled', () => gone.abort());
  if (call.cancelled) gone.abort();
  return gone.signal;
}

/** (google/rpc/code.proto, which names the HTTP status of each.) */
const codeOfStatus: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  404: status.NOT_FOUND,
  499: status.CANCELLED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

function codeOf(error: QueryError | undefined): status {
  return error === undefined ? status.INTERNAL : (codeOfStatus[error.status] ?? status.UNKNOWN);
}

/** Resolves when the client has read what was sent, or has gone. @throws QueryError when it does neither for long. */
async function untilRead(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  if (call.cancelled || call.destroyed || !call.writableNeedDrain) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new QueryError(504, 'too_slow', 'the answer was not read in time')),
    limits.queryGrpcReadMillis.value,
  );
  const events = ['drain', 'cancelled', 'close'];
  const done = () => resolve();
  for (const event of events) call.once(event, done);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    for (const event of events) call.off(event, done);
  }
}
