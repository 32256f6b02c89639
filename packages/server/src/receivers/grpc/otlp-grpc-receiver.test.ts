import { connect, constants } from 'node:http2';
import { type AddressInfo, createConnection } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { Client, compressionAlgorithms, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import { connect as connectTo, open } from '../../query/grpc/grpc-client.fixture.ts';
import { ServerMetrics } from '../../telemetry/server-metrics.ts';
import { ByteCredit } from '../byte-credit.ts';
import { createExports } from '../exports.ts';
import type { IngestOutcome, IngestRequest } from '../ingest.ts';
import { encodeGrpcMessage } from './grpc-message.ts';
import { createOtlpGrpcReceiver } from './otlp-grpc-receiver.ts';

const logger = pino({ level: 'silent' });
const exportPath = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Options {
  readonly ingest?: (request: IngestRequest) => Promise<IngestOutcome>;
  readonly creditBytes?: number;
}

async function start({ ingest, creditBytes }: Options = {}) {
  const taken: IngestRequest[] = [];
  const credit = new ByteCredit(creditBytes ?? limits.bytesInFlight.value);
  const metrics = new ServerMetrics({
    bytesInFlight: () => credit.usedBytes,
    spool: () => undefined,
    decodeQueue: () => 0,
    engineRestarts: () => 0,
    isEngineReady: () => true,
    liveViews: () => 0,
  });
  const exports = createExports({
    ingest: async (request) => {
      taken.push(request);
      return ingest === undefined ? { kind: 'accepted', rejected: 0 } : ingest(request);
    },
    credit,
    metrics,
    logger,
  });
  const receiver = createOtlpGrpcReceiver({ exports, isReady: () => true, logger });
  await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.server.address() as AddressInfo;
  closers.push(() => receiver.close(0));
  return { receiver, taken, credit, port, registry: metrics.registry };
}

interface Answer {
  readonly code: number;
  readonly details: string;
  readonly message?: Buffer;
  /** `grpc-status-details-bin`. */
  readonly statusDetails?: Buffer;
}

/** A call by the client that OpenTelemetry's JavaScript exporters use. */
function call(
  port: number,
  path: string,
  message: Uint8Array,
  compression: compressionAlgorithms = compressionAlgorithms.identity,
): Promise<Answer> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': compression,
    'grpc.max_send_message_length': -1,
  });
  closers.push(() => client.close());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (value: Uint8Array) => Buffer.from(value),
      (value: Buffer) => value,
      message,
      (error: ServiceError | null, value?: Buffer) => {
        const [statusDetails] = error?.metadata.get('grpc-status-details-bin') ?? [];
        resolve({
          code: error?.code ?? status.OK,
          details: error?.details ?? '',
          ...(value === undefined ? {} : { message: value }),
          ...(statusDetails === undefined ? {} : { statusDetails: Buffer.from(statusDetails) }),
        });
      },
    );
  });
}

/** Bytes that no client library would send. */
function rawCall(
  port: number,
  body: Uint8Array | undefined,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  closers.push(() => session.destroy());
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': exportPath,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    let answer: Record<string, unknown> = {};
    stream.on('response', (received) => {
      answer = { ...received };
    });
    stream.on('trailers', (received) => Object.assign(answer, received));
    stream.on('close', () => resolve(answer));
    stream.on('error', reject);
    stream.resume();
    stream.end(body);
  });
}

function frame(flag: number, message: Uint8Array, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const body = Buffer.from('an export request');

describe('OTLP/gRPC receiver', () => {
  it.each([
    ['TraceService', 'trace', 'spans'],
    ['LogsService', 'logs', 'logs'],
  ])('takes %s', async (service, packageName, signal) => {
    const { port, taken } = await start();
    const answer = await call(
      port,
      `/opentelemetry.proto.collector.${packageName}.v1.${service}/Export`,
      body,
    );
    expect(answer).toEqual({ code: status.OK, details: '', message: Buffer.alloc(0) });
    expect(taken).toMatchObject([{ signal, encoding: 'protobuf', tenant: 0 }]);
    expect(Buffer.from(taken[0]!.body)).toEqual(body);
  });

  it('takes, counts and drops metrics', async () => {
    const { port, taken, registry } = await start();
    const path = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
    expect((await call(port, path, body)).code).toBe(status.OK);
    expect(taken).toEqual([]);
    expect(await registry.getSingleMetricAsString('spanwise_metrics_dropped_bytes_total')).toContain(
      `spanwise_metrics_dropped_bytes_total ${body.length}`,
    );
  });

  it.each([
    ['gzip', compressionAlgorithms.gzip],
    ['deflate', compressionAlgorithms.deflate],
  ])('undoes %s', async (_, compression) => {
    const { port, taken } = await start();
    expect((await call(port, exportPath, body, compression)).code).toBe(status.OK);
    expect(Buffer.from(taken[0]!.body)).toEqual(body);
  });

  it('tells what was rejected', async () => {
    const { port } = await start({
      ingest: async () => ({ kind: 'accepted', rejected: 300, message: 'no' }),
    });
    const { code, message } = await call(port, exportPath, body);
    expect(code).toBe(status.OK);
    expect(message?.toString('hex')).toBe('0a0708ac0212026e6f');
  });

  it('tells what is wrong with the data, for good', async () => {
    const { port } = await start({
      ingest: async () => ({ kind: 'invalid', code: 3, message: 'not OTLP: 100 % ünsinn\n' }),
    });
    const answer = await call(port, exportPath, body);
    expect(answer).toEqual({ code: status.INVALID_ARGUMENT, details: 'not OTLP: 100 % ünsinn\n' });
  });

  it('tells an overload with the time to wait', async () => {
    const { port } = await start({
      ingest: async () => ({ kind: 'unavailable', retryAfterMillis: 1_500, message: 'wait' }),
    });
    const { code, details, statusDetails } = await call(port, exportPath, body);
    expect([code, details]).toEqual([status.UNAVAILABLE, 'wait']);
    // RetryInfo { retry_delay { seconds: 1, nanos: 500000000 } } at the end of google.rpc.Status.
    expect(statusDetails?.subarray(-10).toString('hex')).toBe('0a0808011080cab5ee01');
    expect(statusDetails?.includes('type.googleapis.com/google.rpc.RetryInfo')).toBe(true);
  });

  it('refuses what finds no credit, before it is read, and comes back to itself', async () => {
    const { port, taken, credit } = await start({ creditBytes: 1_000_000 });
    const answer = await call(port, exportPath, new Uint8Array(2_000_000));
    expect(answer.code).toBe(status.UNAVAILABLE);
    expect(answer.statusDetails).toBeDefined();
    expect(taken).toEqual([]);
    expect(credit.usedBytes).toBe(0);
    expect((await call(port, exportPath, body)).code).toBe(status.OK);
  });

  it.each([
    ['as it is', limits.requestBytes.value + 1, compressionAlgorithms.identity],
    ['after decompression (gzip)', limits.requestBytes.value + 1, compressionAlgorithms.gzip],
    ['after decompression (deflate)', limits.requestBytes.value + 1, compressionAlgorithms.deflate],
  ])('refuses a message over the limit %s, for good', async (_, bytes, compression) => {
    const { port, taken, credit } = await start();
    const answer = await call(port, exportPath, new Uint8Array(bytes), compression);
    expect(answer.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(answer.statusDetails).toBeUndefined();
    expect(taken).toEqual([]);
    expect(credit.usedBytes).toBe(0);
  });

  it('takes a message of exactly the limit', async () => {
    const { port, taken } = await start();
    const { code } = await call(port, exportPath, new Uint8Array(limits.requestBytes.value));
    expect(code).toBe(status.OK);
    expect(taken[0]?.body).toHaveLength(limits.requestBytes.value);
  });

  it.each([
    ['/opentelemetry.proto.collector.trace.v1.TraceService/Import', status.UNIMPLEMENTED],
    ['/grpc.health.v1.Health/Watch', status.UNIMPLEMENTED],
    ['/', status.UNIMPLEMENTED],
  ])('has no method %s', async (path, code) => {
    const { port } = await start();
    expect((await call(port, path, body)).code).toBe(code);
  });

  describe('health', () => {
    it.each([
      ['the server', '', status.OK],
      ['a service it has', 'opentelemetry.proto.collector.trace.v1.TraceService', status.OK],
      ['a service it has not', 'no.such.Service', status.NOT_FOUND],
    ])('of %s', async (_, service, code) => {
      const { port } = await start();
      const name = Buffer.from(service);
      const request = service === '' ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
      const answer = await call(port, '/grpc.health.v1.Health/Check', request);
      expect(answer.code).toBe(code);
      if (code === status.OK) expect(answer.message?.toString('hex')).toBe('0801');
    });
  });

  describe.each(['v1', 'v1alpha'])('reflection, %s', (version) => {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;

    it('lists the services, and describes each of their types', async () => {
      const { port } = await start();
      const client = connectTo(
        `127.0.0.1:${port}`,
        `grpc/reflection/${version}/reflection.proto`,
        `grpc.reflection.${version}.ServerReflection`,
        new URL('../proto/', import.meta.resolve('@grpc/reflection')),
      );
      closers.push(() => client.close());
      const info = open(client, 'ServerReflectionInfo');
      const answers = info[Symbol.asyncIterator]();
      info.write({ listServices: '*' });
      const { value: services } = await answers.next();
      expect(services.listServicesResponse.service.map(({ name }: { name: string }) => name).sort()).toEqual([
        'grpc.health.v1.Health',
        ...['logs.v1.LogsService', 'metrics.v1.MetricsService', 'trace.v1.TraceService'].map(
          (name) => `opentelemetry.proto.collector.${name}`,
        ),
      ]);
      for (const symbol of [
        'opentelemetry.proto.collector.trace.v1.TraceService',
        'opentelemetry.proto.logs.v1.LogRecord',
        'opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint',
      ]) {
        info.write({ fileContainingSymbol: symbol });
        const { value } = await answers.next();
        expect(value.fileDescriptorResponse.fileDescriptorProto.length).toBeGreaterThan(0);
      }
      info.end();
      expect((await answers.next()).done).toBe(true);
    });

    it.each([
      ['is compressed', frame(1, gzipSync(body)), { 'grpc-encoding': 'gzip' }],
      ['is too long', frame(0, new Uint8Array(70_000)), {}],
      ['is cut off', frame(0, body, 100), {}],
      ['is no message', frame(0, Uint8Array.of(0xff, 0xff)), {}],
    ])('refuses what %s', async (_, bytes, headers) => {
      const { port } = await start();
      expect(await rawCall(port, bytes, { ':path': path, ...headers })).toMatchObject({
        ':status': 200,
        'grpc-status': '3',
      });
    });
  });

  it.each([
    ['no message', undefined, {}, '13'],
    ['half a prefix', Buffer.from([0, 0]), {}, '13'],
    ['a message cut off', frame(0, body, 100), {}, '13'],
    ['two messages', Buffer.concat([frame(0, body), frame(0, body)]), {}, '13'],
    ['a flag of 2', frame(2, body), {}, '13'],
    ['compressed without saying how', frame(1, gzipSync(body)), {}, '13'],
    ['snappy', frame(1, body), { 'grpc-encoding': 'snappy' }, '12'],
    ['no gzip, but said so', frame(1, body), { 'grpc-encoding': 'gzip' }, '3'],
    ['gzip cut off', frame(1, gzipSync(body).subarray(0, 12)), { 'grpc-encoding': 'gzip' }, '3'],
  ])('refuses %s', async (_, bytes, headers, code) => {
    const { port, taken, credit } = await start();
    expect(await rawCall(port, bytes, headers)).toMatchObject({ ':status': 200, 'grpc-status': code });
    expect(taken).toEqual([]);
    expect(credit.usedBytes).toBe(0);
  });

  it.each([
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
  ])('takes grpc-encoding %s, and a message that does not use it', async (encoding, compressed) => {
    const { port, taken } = await start();
    for (const bytes of [frame(1, compressed), frame(0, body)]) {
      expect(await rawCall(port, bytes, { 'grpc-encoding': encoding })).toMatchObject({ 'grpc-status': '0' });
    }
    expect(taken.map((request) => Buffer.from(request.body).toString())).toEqual([`${body}`, `${body}`]);
  });

  it('answers what is not gRPC as HTTP', async () => {
    const { port } = await start();
    expect(await rawCall(port, body, { 'content-type': 'application/json' })).toMatchObject({
      ':status': 415,
    });
    expect(await rawCall(port, undefined, { ':method': 'GET' })).toMatchObject({ ':status': 405 });
  });

  it('says GOAWAY and lets the running call end', async () => {
    let finish: (() => void) | undefined;
    const running = Promise.withResolvers<void>();
    const { port, receiver } = await start({
      ingest: () =>
        new Promise((resolve) => {
          finish = () => resolve({ kind: 'accepted', rejected: 0 });
          running.resolve();
        }),
    });
    const session = connect(`http://127.0.0.1:${port}`);
    closers.push(() => session.destroy());
    const goaway = new Promise<number>((resolve) => session.once('goaway', resolve));
    const stream = session.request({
      ':method': 'POST',
      ':path': exportPath,
      'content-type': 'application/grpc',
    });
    const trailers = new Promise<Record<string, unknown>>((resolve) => stream.once('trailers', resolve));
    stream.resume();
    stream.end(frame(0, body));
    await running.promise;
    const closed = receiver.close(10_000);
    expect(await goaway).toBe(constants.NGHTTP2_NO_ERROR);
    finish?.();
    expect(await trailers).toMatchObject({ 'grpc-status': '0' });
    await closed;
  });

  it('breaks off what does not end in time', async () => {
    const running = Promise.withResolvers<void>();
    const { port, receiver } = await start({
      ingest: () => {
        running.resolve();
        return new Promise(() => {});
      },
    });
    const answer = call(port, exportPath, body);
    await running.promise;
    await receiver.close(10);
    expect((await answer).code).toBe(status.UNAVAILABLE);
  });

  it('does not wait for a client that reads nothing', async () => {
    const { port, receiver } = await start();
    const socket = createConnection(port, '127.0.0.1');
    closers.push(() => socket.destroy());
    socket.pause();
    // The connection preface and empty settings. (RFC 9113, 3.4 and 6.5.)
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
    await new Promise((resolve) => receiver.server.once('session', resolve));
    await receiver.close(10);
  });

  it('answers pings', async () => {
    const { port } = await start();
    const session = connect(`http://127.0.0.1:${port}`);
    closers.push(() => session.destroy());
    await new Promise((resolve) => session.once('remoteSettings', resolve));
    const payload = await new Promise<Buffer>((resolve, reject) => {
      session.ping(Buffer.from('spanwise'), (error, _, sent) => (error ? reject(error) : resolve(sent)));
    });
    expect(payload.toString()).toBe('spanwise');
  });
});

describe('encodeGrpcMessage', () => {
  it.each([
    ['plain text', 'plain text'],
    ['100 %', '100 %25'],
    ['a\nb', 'a%0Ab'],
    ['ü', '%C3%BC'],
  ])('%j', (text, encoded) => {
    expect(encodeGrpcMessage(text)).toBe(encoded);
  });
});
