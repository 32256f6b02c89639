import { Agent, request } from 'node:http';
import { connect } from 'node:http2';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

export type Protocol = 'http' | 'grpc';

/** One connection that carries one request at a time. */
export interface Sender {
  /** Resolves when it is acknowledged. Errors: any other answer. */
  send(body: Buffer): Promise<void>;
  close(): void;
}

const compress = promisify(gzip);
const fastest = { level: constants.Z_BEST_SPEED };

/** `endpoint` is `http://host:port`. */
export function createSender(protocol: Protocol, endpoint: string, isCompressed: boolean): Sender {
  return protocol === 'http' ? overHttp(endpoint, isCompressed) : overGrpc(endpoint, isCompressed);
}

function overHttp(endpoint: string, isCompressed: boolean): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = new URL('/v1/traces', endpoint);
  return {
    send: async (body) => {
      const sent = isCompressed ? await compress(body, fastest) : body;
      await new Promise<void>((resolve, reject) => {
        const post = request(
          url,
          {
            agent,
            method: 'POST',
            headers: {
              'content-type': 'application/x-protobuf',
              'content-length': sent.length,
              ...(isCompressed && { 'content-encoding': 'gzip' }),
            },
          },
          (response) => {
            response.resume().once('end', () => {
              if (response.statusCode === 200) resolve();
              else reject(new Error(`status ${response.statusCode}`));
            });
          },
        );
        post.once('error', reject);
        post.end(sent);
      });
    },
    close: () => agent.destroy(),
  };
}

/** gRPC by hand: generated clients cost the generator more than the message does. (PROTOCOL-HTTP2.md.) */
function overGrpc(endpoint: string, isCompressed: boolean): Sender {
  const session = connect(endpoint);
  session.on('error', () => {}); // Streams tell it.
  return {
    send: async (body) => {
      const message = isCompressed ? await compress(body, fastest) : body;
      const prefix = Buffer.alloc(5);
      prefix[0] = isCompressed ? 1 : 0;
      prefix.writeUInt32BE(message.length, 1);
      await new Promise<void>((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
          'content-type': 'application/grpc',
          te: 'trailers',
          ...(isCompressed && { 'grpc-encoding': 'gzip' }),
        });
        let status: string | undefined;
        stream.on('response', (headers) => {
          status = headers['grpc-status'] as string | undefined;
        });
        stream.on('trailers', (trailers) => {
          status = trailers['grpc-status'] as string | undefined;
        });
        stream.on('error', reject);
        stream.on('close', () =>
          status === '0' ? resolve() : reject(new Error(`grpc-status ${status ?? 'missing'}`)),
        );
        stream.resume();
        stream.write(prefix);
        stream.end(message);
      });
    },
    close: () => session.destroy(),
  };
}
