import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { encodeStatus } from '@spanwise/otlp';
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import type { ContentCoding } from '../read-body.ts';
import { type RpcStatus, rpcCodes } from '../rpc-codes.ts';
import { encodeGrpcMessage, frameMessage, readMessageStart } from './grpc-message.ts';

/**
 * A gRPC server for unary methods over HTTP/2 without TLS.
 *
 * Why not `@grpc/grpc-js` here: it buffers each message whole before a handler sees it, so its memory is
 * connections × streams × message limit. Here a method sees a message when its length is known and before its
 * bytes are read, and can refuse it. Keep-alive pings and flow control are Node's.
 */
export interface UnaryRequest {
  readonly coding: ContentCoding;
  /** Of the message as sent, compressed or not. */
  readonly length: number;
  /** Throws when the client breaks off. */
  readonly content: AsyncIterable<Uint8Array>;
}

export type UnaryAnswer =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  | { readonly kind: 'status'; readonly status: RpcStatus };

/** Never rejects for what the client does. */
export type UnaryMethod = (request: UnaryRequest) => Promise<UnaryAnswer>;

const codings: ReadonlyMap<string, ContentCoding> = new Map([
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['deflate', 'deflate'],
]);
const acceptEncoding = [...codings.keys()].join(',');

/** A window that fits a usual export whole. Streams are read as they come, so this is not what bounds memory. */
const windowBytes = 1_048_576;

export class UnaryServer {
  readonly #methods: ReadonlyMap<string, UnaryMethod>;
  readonly #logger: Logger;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();

  /** `methods` by path: `/package.Service/Method`. */
  constructor(methods: ReadonlyMap<string, UnaryMethod>, logger: Logger) {
    this.#methods = methods;
    this.#logger = logger;
    this.#server = createServer({
      settings: {
        initialWindowSize: windowBytes,
        maxConcurrentStreams: limits.streamsPerConnection.value,
        maxHeaderListSize: limits.headerBytes.value,
      },
      maxHeaderListPairs: 100,
      unknownProtocolTimeout: 5_000,
    });
    this.#server.maxConnections = limits.connectionsPerReceiver.value;
    this.#server.on('connection', (socket: Socket) => this.#onConnection(socket));
    this.#server.on('session', (session) => this.#onSession(session));
    this.#server.on('stream', (stream, headers) => this.#onStream(stream, headers));
    this.#server.on('sessionError', () => {}); // a client that breaks HTTP/2 ends its own connection only
  }

  /** To listen with. */
  get server(): Http2Server {
    return this.#server;
  }

  /** Tells clients to go (GOAWAY), lets running calls end, breaks off what is left after `timeoutMillis`. */
  async close(timeoutMillis: number): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
      // A session that ended still waits for a client that does not read.
      for (const socket of this.#sockets) socket.destroy();
    }, timeoutMillis);
    await closed;
    clearTimeout(timer);
  }

  #onConnection(socket: Socket): void {
    // A peer that vanished is noticed in the end: sessions have no time-out, because exporters keep theirs.
    socket.setKeepAlive(true, 60_000);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #onSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    session.setLocalWindowSize(4 * windowBytes);
    // A client begins with its settings (RFC 9113, 3.4); without, it is none, and holds a connection of others.
    const timer = setTimeout(() => session.destroy(), limits.headersMillis.value);
    session.once('remoteSettings', () => clearTimeout(timer));
    session.once('close', () => clearTimeout(timer));
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => {}); // the client broke off: nobody is left to tell
    // Not the stream's own time-out: that one begins anew with each byte of a sender that trickles.
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), limits.requestMillis.value);
    stream.once('close', () => clearTimeout(timer));
    this.#answer(stream, headers).then(
      (answer) => respond(stream, answer),
      (error: unknown) => {
        this.#logger.error({ err: error }, 'a gRPC method failed');
        respond(stream, { kind: 'status', status: { code: rpcCodes.internal, message: 'internal error' } });
      },
    );
  }

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<UnaryAnswer | HttpRefusal> {
    if (headers[':method'] !== 'POST') return { kind: 'http', status: 405, headers: { allow: 'POST' } };
    if (!/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) {
      return { kind: 'http', status: 415, headers: {} };
    }
    const path = headers[':path'] ?? '';
    const method = this.#methods.get(path);
    if (method === undefined) return failure(rpcCodes.unimplemented, `no method ${path.slice(0, 200)}`);
    const encoding = headers['grpc-encoding'];
    const coding = codings.get(encoding === undefined ? 'identity' : String(encoding).toLowerCase());
    if (coding === undefined) {
      return failure(rpcCodes.unimplemented, `grpc-encoding must be one of ${acceptEncoding}`);
    }
    // Not the stream itself: leaving its iteration early would destroy it before the answer.
    const start = await readMessageStart(stream.iterator({ destroyOnReturn: false })).catch(() => undefined);
    if (start === undefined) return failure(rpcCodes.internal, 'the request broke off');
    if (start.kind === 'malformed') return failure(rpcCodes.internal, start.message);
    if (start.isCompressed && coding === 'identity') {
      return failure(rpcCodes.internal, 'the message is compressed, but there is no grpc-encoding');
    }
    return method({
      coding: start.isCompressed ? coding : 'identity',
      length: start.length,
      content: start.content,
    });
  }
}

/** What isn't gRPC is answered as HTTP. */
interface HttpRefusal {
  readonly kind: 'http';
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
}

export function failure(code: number, message: string): UnaryAnswer {
  return { kind: 'status', status: { code, message } };
}

function respond(stream: ServerHttp2Stream, answer: UnaryAnswer | HttpRefusal): void {
  if (stream.destroyed || stream.closed) return;
  // A request that was refused before it came in full is told to stop coming.
  stream.once('finish', () => {
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  });
  if (answer.kind === 'http') {
    stream.respond({ ':status': answer.status, ...answer.headers }, { endStream: true });
    return;
  }
  const headers = {
    ':status': 200,
    'content-type': 'application/grpc+proto',
    'grpc-accept-encoding': acceptEncoding,
  };
  if (answer.kind === 'status') {
    stream.respond({ ...headers, ...statusTrailers(answer.status) }, { endStream: true });
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(rpcCodes.ok) }));
  stream.end(frameMessage(answer.message));
}

function statusTrailers({ code, message, retryAfterMillis }: RpcStatus): OutgoingHttpHeaders {
  return {
    'grpc-status': String(code),
    'grpc-message': encodeGrpcMessage(message),
    ...(retryAfterMillis === undefined
      ? {}
      : { 'grpc-status-details-bin': base64(encodeStatus('protobuf', code, message, retryAfterMillis)) }),
  };
}

/** Of a `-bin` header, without padding. (PROTOCOL-HTTP2.md.) */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
