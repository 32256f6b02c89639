import { createServer } from 'node:http';
import { connect, createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, unzipSync } from 'node:zlib';

/** One export as it was on the wire. */
export interface SentExport {
  readonly signal: 'traces' | 'logs';
  readonly encoding: 'protobuf' | 'json';
  /** Decompressed, without gRPC's frame. */
  readonly body: Uint8Array;
}

export interface Relay extends AsyncDisposable {
  /** `http://127.0.0.1:…`, for gRPC and for HTTP. */
  readonly grpc: string;
  readonly http: string;
  /** What has gone through since this was last asked, and was acknowledged. */
  takeSent(): readonly SentExport[];
}

/** Stands between a sender and a receiver, changes nothing, and keeps what the sender said. */
export async function startRelay(target: { readonly grpc: string; readonly http: string }): Promise<Relay> {
  let sent: SentExport[] = [];

  const http = createServer(async (request, response) => {
    const body = await buffer(request);
    const answer = await fetch(`${target.http}${request.url}`, {
      method: request.method!,
      headers: Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && name.startsWith('content-') && name !== 'content-length'
          ? [[name, value]]
          : [],
      ),
      body,
    });
    if (answer.ok) {
      sent.push({
        signal: signalOf(request.url!),
        encoding: request.headers['content-type'] === 'application/json' ? 'json' : 'protobuf',
        body: request.headers['content-encoding'] === undefined ? body : unzipSync(body),
      });
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });

  const upstream = connect(target.grpc);
  const grpc = createHttp2Server();
  grpc.on('stream', async (stream, headers) => {
    const message = await buffer(stream);
    const call = upstream.request(withoutAuthority(headers));
    let trailers: IncomingHttpHeaders = {};
    let answerHeaders: IncomingHttpHeaders = {};
    call.on('response', (received) => {
      answerHeaders = received;
    });
    call.on('trailers', (received) => {
      trailers = received;
    });
    call.end(message);
    const answer = await buffer(call);
    if ((trailers['grpc-status'] ?? answerHeaders['grpc-status']) === '0') {
      const content = message.subarray(5); // After the flag of compression and the length.
      sent.push({
        signal: signalOf(headers[':path']!),
        encoding: 'protobuf',
        body: message[0] === 1 ? gunzipSync(content) : content,
      });
    }
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.respond(answerHeaders, { waitForTrailers: true });
    stream.end(answer);
  });

  const listen = (server: Server) =>
    new Promise<string>((resolve) => {
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      );
    });
  return {
    grpc: await listen(grpc),
    http: await listen(http),
    takeSent() {
      const taken = sent;
      sent = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      upstream.destroy();
      http.closeAllConnections();
      await Promise.all([http, grpc].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function signalOf(path: string): SentExport['signal'] {
  return /logs/i.test(path) ? 'logs' : 'traces';
}

function withoutAuthority(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== ':authority'));
}
