import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSelfSignedCertificate } from '../testing/self-signed-certificate.ts';
import { createTransport } from './otlp-transports.ts';

/*
 * Receivers with a certificate that nobody signed: whoever names it in the environment may talk to them. Two of
 * them want to know their clients by certificate as well.
 */

const { certificate: cert, key } = createSelfSignedCertificate();
const client = createSelfSignedCertificate();
const folder = mkdtempSync(join(tmpdir(), 'spanwise-sdk-tls-'));
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const trusted = file('receiver.pem', cert);
const stranger = file('stranger.pem', createSelfSignedCertificate().certificate);
const clientCertificate = file('client.pem', client.certificate);
const clientKey = file('client.key', client.key);

let received = 0;
const sessions = new Set<ServerHttp2Session>();

function createHttpReceiver(options: TlsOptions): Server {
  return createServer({ cert, key, ...options }, (request, response) => {
    received += 1;
    request.resume().on('end', () => response.writeHead(200).end());
  });
}

function createGrpcReceiver(options: TlsOptions): Server {
  const grpc = createSecureServer({ cert, key, ...options });
  grpc.on('session', (session) => sessions.add(session.on('error', () => {})));
  grpc.on('stream', (stream) => {
    received += 1;
    stream.resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  return grpc;
}

const knowsClients: TlsOptions = { requestCert: true, rejectUnauthorized: true, ca: client.certificate };
const receivers = {
  'http/protobuf': { open: createHttpReceiver({}), guarded: createHttpReceiver(knowsClients) },
  grpc: { open: createGrpcReceiver({}), guarded: createGrpcReceiver(knowsClients) },
};
const servers = Object.values(receivers).flatMap(({ open, guarded }) => [open, guarded]);

beforeAll(() => Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening'))));
afterEach(() => {
  vi.unstubAllEnvs();
  received = 0;
});
afterAll(() => {
  for (const session of sessions) session.destroy();
  for (const server of servers) {
    if ('closeAllConnections' in server) (server as { closeAllConnections(): void }).closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

describe.each(['http/protobuf', 'grpc'] as const)('%s over TLS', (protocol) => {
  async function send(receiver: Server, certificate: string | undefined): Promise<string> {
    const { port } = receiver.address() as AddressInfo;
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `https://127.0.0.1:${port}`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', certificate);
    const transport = createTransport({ protocol, url: undefined }, 'TRACES', 2000);
    try {
      return (await transport.send(Buffer.from('spans'))).status;
    } finally {
      transport.close();
    }
  }

  it('reaches the receiver whose certificate it was given', async () => {
    expect(await send(receivers[protocol].open, trusted)).toBe('accepted');
    expect(received).toBe(1);
  });

  it.each([
    ['no certificate', undefined],
    ["somebody else's", stranger],
  ])('sends nothing with %s', async (_, certificate) => {
    expect(await send(receivers[protocol].open, certificate)).toBe('retryable');
    expect(received).toBe(0);
  });

  it('shows its own certificate to a receiver that wants to know its clients', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', clientCertificate);
    vi.stubEnv('OTEL_EXPORTER_OTLP_CLIENT_KEY', clientKey);
    expect(await send(receivers[protocol].guarded, trusted)).toBe('accepted');
    expect(received).toBe(1);
  });

  it('is turned away there without one', async () => {
    expect(await send(receivers[protocol].guarded, trusted)).toBe('retryable');
    expect(received).toBe(0);
  });
});
