import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, spansRequest } from '../support/otlp.ts';
import { type RunningSystem, runNode, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { residentBytes } from './support/memory.ts';
import { report } from './support/report.ts';
import { isFull } from './support/scale.ts';
import { expectStoredOnce, waitUntilDrained } from './support/stored.ts';

/*
 * Clients that mean no good, or know no better. What counts: a well-behaved sender beside them is served, memory
 * stays bounded, and the server is there afterwards.
 */

const mebibyte = 1024 * 1024;
const slowClients = isFull ? 1_000 : 150;

const dataDir = temporaryFolder('abuse');
const acknowledged: string[] = [];
let system: RunningSystem;
let restingBytes = 0;

beforeAll(async () => {
  system = await startSystem({ demo: false, dataDir });
  await isServed();
  restingBytes = residentBytes(system.process.pid);
});

afterAll(async () => {
  await waitUntilDrained(system);
  await system.stop();
  await expectStoredOnce(dataDir, acknowledged);
  rmSync(dataDir, { recursive: true, force: true });
});

/** A request of a well-behaved sender is acknowledged. Gives how long that took. */
async function isServed(): Promise<number> {
  const request = spansRequest('well-behaved', (tracer) => tracer.startSpan('work').end());
  const startedAt = performance.now();
  await send(system.otlpHttp, request);
  acknowledged.push(...request.ids);
  return performance.now() - startedAt;
}

const growthBytes = () => residentBytes(system.process.pid) - restingBytes;

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // Many of them are closed by the other side, which is the point.
  socket.on('error', () => {});
  await once(socket, 'connect');
  // Otherwise nobody would see that it was closed.
  socket.resume();
  return socket;
}

describe('slow and silent clients', () => {
  it.each(['otlpHttp', 'otlpGrpc', 'jaegerGrpc'] as const)(
    'do not keep others from being served (%s)',
    async (receiver) => {
      const port = system.ports[receiver];
      const sockets = await Promise.all(Array.from({ length: slowClients }, () => open(port)));
      const isHttp = receiver === 'otlpHttp';
      for (const socket of sockets) {
        socket.write(isHttp ? 'POST /v1/traces HTTP/1.1\r\nhost: a\r\n' : 'PRI * HTTP/2.0\r\n');
      }
      let slowest = 0;
      for (let round = 0; round < (isFull ? 40 : 5); round += 1) {
        for (const [index, socket] of sockets.entries()) {
          if (index % 10 === 2 * (round % 5) && socket.writable)
            socket.write(isHttp ? 'x-slow: 1\r\n' : '\r');
        }
        slowest = Math.max(slowest, await isServed());
        await delay(isFull ? 250 : 20);
      }
      if (isFull) {
        // Those that say nothing any more, half a head or nothing at all, don't keep their place for ever.
        await waitFor('the server to close them', () => sockets.every(({ closed }) => closed), {
          timeoutMillis: 60_000,
        });
      }
      report(`${slowClients} slow clients of ${receiver}`, {
        slowestMillis: slowest,
        growthMebibytes: growthBytes() / mebibyte,
        closedByServer: sockets.filter(({ closed }) => closed).length,
      });
      for (const socket of sockets) socket.destroy();
      await isServed();
      expect(growthBytes()).toBeLessThan(200 * mebibyte);
    },
  );

  it('that send no more than a part of a body hold what they were credited, and no more', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => open(system.ports.otlpHttp)));
    for (const socket of sockets) {
      socket.write(
        `POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${60 * mebibyte}\r\n\r\nabc`,
      );
    }
    await delay(100);
    // Four times 60 MiB is what fits; the others were told to come again, and so may we be.
    const outcome = await isServed().catch((error: Error) => error.message);
    if (typeof outcome === 'string') expect(outcome).toContain('503');
    expect(growthBytes()).toBeLessThan(400 * mebibyte);
    for (const socket of sockets) socket.destroy();
    for (;;) {
      if (typeof (await isServed().catch(() => undefined)) === 'number') break;
      await delay(20);
    }
  });
});

describe('huge lists of headers', () => {
  it('are refused over HTTP', async () => {
    const socket = await open(system.ports.otlpHttp);
    socket.write('POST /v1/traces HTTP/1.1\r\nhost: a\r\n');
    socket.write(`${'x-many: 1234567890\r\n'.repeat(5_000)}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 431/);
    socket.destroy();
    await isServed();
  });

  it('are refused over gRPC', async () => {
    const session = connectHttp2(system.otlpGrpc);
    session.on('error', () => {});
    const headers = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`x-${n}`, 'y'.repeat(100)]));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
      ...headers,
    });
    const ended = await new Promise<string>((resolve) => {
      stream.once('response', (response) => resolve(`status ${String(response[':status'])}`));
      stream.once('error', (error: Error) => resolve(error.message));
      stream.once('close', () => resolve('closed'));
      session.once('close', () => resolve('closed'));
    });
    expect(ended).not.toBe('status 200');
    session.destroy();
    await isServed();
  });
});

describe('decompression bombs', () => {
  // The limit is 64 MiB.
  const zeros = Buffer.alloc((isFull ? 1_024 : 100) * mebibyte);
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const)('of %s are refused while they unpack', async (encoding, compress) => {
    const bomb = compress(zeros);
    const answers = await Promise.all(
      Array.from({ length: 3 }, () =>
        fetch(`${system.otlpHttp}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-protobuf', 'content-encoding': encoding },
          body: bomb,
        }).then(({ status }) => status),
      ),
    );
    // 503 where the bytes in flight ran out first.
    for (const status of answers) expect([413, 503]).toContain(status);
    await isServed();
    expect(growthBytes()).toBeLessThan(600 * mebibyte);
  });

  it('are refused over gRPC, too', async () => {
    const bomb = gzipSync(zeros);
    const message = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), bomb]);
    message.writeUInt32BE(bomb.length, 1);
    const session = connectHttp2(system.otlpGrpc);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      'content-type': 'application/grpc',
      'grpc-encoding': 'gzip',
      te: 'trailers',
    });
    const status = new Promise<unknown>((resolve) => {
      stream.on(
        'response',
        (headers) => headers['grpc-status'] !== undefined && resolve(headers['grpc-status']),
      );
      stream.on('trailers', (trailers) => resolve(trailers['grpc-status']));
    });
    stream.resume();
    stream.end(message);
    // RESOURCE_EXHAUSTED; UNAVAILABLE where the bytes in flight ran out first.
    expect(['8', '14']).toContain(String(await status));
    session.destroy();
    await isServed();
  });
});

describe('a second start on the same data folder', () => {
  it('says who has it, and harms nobody', async () => {
    const { ports } = system;
    const offset = isFull ? 501 : 502;
    const args = ['otlpGrpc', 'otlpHttp', 'ui', 'jaegerGrpc', 'health', 'metrics'] as const;
    const flags = {
      otlpGrpc: 'otlp-grpc-port',
      otlpHttp: 'otlp-http-port',
      ui: 'query-port',
      jaegerGrpc: 'query-grpc-port',
      health: 'health-port',
      metrics: 'metrics-port',
    };
    const second = runNode([
      'packages/cli/src/main.ts',
      'serve',
      '--data-dir',
      dataDir,
      ...args.flatMap((name) => [`--${flags[name]}`, String(ports[name] + offset)]),
    ]);
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(String(system.process.pid));
    await isServed();
  });
});
