import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSelfSignedCertificate } from '../testing/self-signed-certificate.ts';
import { createTransport } from './otlp-transports.ts';

/* Two receivers with a certificate that nobody signed: whoever names it in the environment may talk to them. */

const { certificate: cert, key } = createSelfSignedCertificate();
const folder = mkdtempSync(join(tmpdir(), 'spanwise-sdk-tls-'));
const trusted = join(folder, 'receiver.pem');
const stranger = join(folder, 'stranger.pem');
writeFileSync(trusted, cert);
writeFileSync(stranger, createSelfSignedCertificate().certificate);

let received = 0;
const http = createServer({ cert, key }, (request, response) => {
  received += 1;
  request.resume().on('end', () => response.writeHead(200).end());
});
const sessions = new Set<ServerHttp2Session>();
const grpc = createSecureServer({ cert, key });
grpc.on('session', (session) => sessions.add(session.on('error', () => {})));
grpc.on('stream', (stream) => {
  received += 1;
  stream.resume();
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
});

beforeAll(() => Promise.all([http, grpc].map((server) => once(server.listen(0, '127.0.0.1'), 'listening'))));
afterEach(() => {
  vi.unstubAllEnvs();
  received = 0;
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
  for (const session of sessions) session.destroy();
  grpc.close();
  rmSync(folder, { recursive: true });
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

describe.each([
  ['http/protobuf', () => portOf(http)],
  ['grpc', () => portOf(grpc)],
] as const)('%s over TLS', (protocol, port) => {
  async function send(certificate: string | undefined): Promise<string> {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `https://127.0.0.1:${port()}`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', certificate);
    const transport = createTransport({ protocol, url: undefined }, 'TRACES', 2000);
    try {
      return (await transport.send(Buffer.from('spans'))).status;
    } finally {
      transport.close();
    }
  }

  it('reaches the receiver whose certificate it was given', async () => {
    expect(await send(trusted)).toBe('accepted');
    expect(received).toBe(1);
  });

  it.each([
    ['no certificate', undefined],
    ["somebody else's", stranger],
  ])('sends nothing with %s', async (_, certificate) => {
    expect(await send(certificate)).toBe('retryable');
    expect(received).toBe(0);
  });
});
