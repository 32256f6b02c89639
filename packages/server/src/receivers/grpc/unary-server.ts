import { once } from 'node:events';
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
import { encodeGrpcMessage, frameMessage, readMessageStart, readMessages } from './grpc-message.ts';

/**
 * A gRPC server for unary methods, and small ones with streams, over HTTP/2 without TLS.
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

/** Messages, small and not compressed, both ways. Iterating over the requests throws when the client breaks off. */
export type StreamMethod = (requests: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

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
  readonly #streamMethods: ReadonlyMap<string, StreamMethod>;
  readonly #logger: Logger;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();

  /** `methods` by path: `/package.Service/Method`. */
  constructor(
    methods: ReadonlyMap<string, UnaryMethod>,
    logger: Logger,
    streamMethods: ReadonlyMap<string, StreamMethod> = new Map(),
  ) {
    this.#methods = methods;
    this.#streamMethods = streamMethods;
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

  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<Answer> {
    if (headers[':method'] !== 'POST') return { kind: 'http', status: 405, headers: { allow: 'POST' } };
    if (!/^application\/grpc(\+proto)?(;|$)/.test(headers['content-type'] ?? '')) {
      return { kind: 'http', status: 415, headers: {} };
    }
    const path = headers[':path'] ?? '';
    const streamMethod = this.#streamMethods.get(path);
    if (streamMethod !== undefined) {
      // Its messages are small, and whoever compresses them all the same is told so by the message's flag.
      const requests = readMessages(stream.iterator({ destroyOnReturn: false }), streamMessageBytes);
      return { kind: 'messages', messages: streamMethod(requests) };
    }
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

/** Of a method with streams: a question of reflection is some bytes. */
const streamMessageBytes = 64 * 1_024;

type Answer = UnaryAnswer | HttpRefusal | MessageStream;

interface MessageStream {
  readonly kind: 'messages';
  readonly messages: AsyncIterable<Uint8Array>;
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

const answerHeaders = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': acceptEncoding,
} as const;

function respond(stream: ServerHttp2Stream, answer: Answer): void {
  if (stream.destroyed || stream.closed) return;
  if (answer.kind === 'messages') return void sendMessages(stream, answer.messages);
  // A request that was refused before it came in full is told to stop coming.
  stream.once('finish', () => {
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  });
  if (answer.kind === 'http') {
    stream.respond({ ':status': answer.status, ...answer.headers }, { endStream: true });
    return;
  }
  if (answer.kind === 'status') {
    stream.respond({ ...answerHeaders, ...statusTrailers(answer.status) }, { endStream: true });
    return;
  }
  stream.respond(answerHeaders, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(rpcCodes.ok) }));
  stream.end(frameMessage(answer.message));
}

async function sendMessages(stream: ServerHttp2Stream, messages: AsyncIterable<Uint8Array>): Promise<void> {
  let status: RpcStatus | undefined;
  stream.respond(answerHeaders, { waitForTrailers: true });
  try {
    for await (const message of messages) {
      if (stream.destroyed || stream.closed) return;
      // The next question waits until the client has read the answers.
      if (!stream.write(frameMessage(message))) await once(stream, 'drain');
    }
  } catch {
    // Also where the client has gone: then nobody hears it.
    status = { code: rpcCodes.invalidArgument, message: 'not a message of this method' };
    // What still comes is not read: it ends with the stream, whose time is bounded.
    stream.resume();
  }
  if (stream.destroyed || stream.closed) return;
  stream.once('wantTrailers', () =>
    stream.sendTrailers(
      status === undefined ? { 'grpc-status': String(rpcCodes.ok) } : statusTrailers(status),
    ),
  );
  stream.end();
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
