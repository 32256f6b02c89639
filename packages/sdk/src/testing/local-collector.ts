import { createServer } from 'node:http';
import {
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** An OTLP receiver on loopback that keeps what it gets, as bytes and, where it was JSON, as spans and log records. For tests. */
export interface LocalCollector {
  /** `http://127.0.0.1:…` of OTLP/HTTP. */
  readonly httpEndpoint: string;
  readonly grpcEndpoint: string;
  readonly requests: ReceivedRequest[];
  spans(): ReceivedSpan[];
  logRecords(): ReceivedLogRecord[];
  /** Waits until `find` finds something in what has arrived. */
  until<Found>(find: () => Found | undefined): Promise<Found>;
  /**
   * Statuses that the next requests get instead of being taken, in turn: of HTTP, or a gRPC code with the trailers
   * that go with it. What comes with them is not kept.
   */
  readonly refusals: { readonly status: number; readonly headers?: Record<string, string> }[];
  close(): void;
}

export interface ReceivedRequest {
  readonly path: string;
  readonly contentType: string;
  readonly wasGzipped: boolean;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
}

export interface ReceivedSpan {
  readonly service: string;
  readonly resource: Record<string, unknown>;
  readonly scope: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Record<string, unknown>;
}

export interface ReceivedLogRecord {
  readonly service: string;
  readonly body: unknown;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly timeUnixNano: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly attributes: Record<string, unknown>;
}

const JSON_TYPE = 'application/json';

/** @param httpPort Of OTLP/HTTP; a free one, if absent. */
export async function startLocalCollector(httpPort = 0): Promise<LocalCollector> {
  const requests: ReceivedRequest[] = [];
  const refusals: { readonly status: number; readonly headers?: Record<string, string> }[] = [];
  let arrived = Promise.withResolvers<void>();
  const keep = (request: ReceivedRequest) => {
    requests.push(request);
    arrived.resolve();
    arrived = Promise.withResolvers<void>();
  };

  const http = createServer(async (request, response) => {
    const bytes = await readAll(request);
    if (bytes === undefined) return;
    const refusal = refusals.shift();
    if (refusal !== undefined) return void response.writeHead(refusal.status, refusal.headers).end();
    const wasGzipped = request.headers['content-encoding'] === 'gzip';
    keep({
      path: request.url ?? '',
      contentType: request.headers['content-type'] ?? '',
      wasGzipped,
      headers: request.headers,
      body: wasGzipped ? gunzipSync(bytes) : bytes,
    });
    const contentType = request.headers['content-type'] ?? '';
    response.writeHead(200, { 'content-type': contentType }).end(contentType === JSON_TYPE ? '{}' : '');
  });
  await new Promise<void>((resolve) => http.listen(httpPort, '127.0.0.1', resolve));

  // A unary gRPC call is one length-prefixed message: a byte that says whether it is compressed, four of length.
  const grpc = createHttp2Server();
  grpc.on('stream', async (stream, headers) => {
    const bytes = await readAll(stream);
    if (bytes === undefined) return;
    const refusal = refusals.shift();
    const trailers = { 'grpc-status': `${refusal?.status ?? 0}`, ...refusal?.headers };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    if (refusal !== undefined) return void stream.end();
    const wasGzipped = bytes[0] === 1;
    const message = bytes.subarray(5);
    keep({
      path: headers[':path'] ?? '',
      contentType: headers['content-type'] ?? '',
      wasGzipped,
      headers,
      body: wasGzipped ? gunzipSync(message) : message,
    });
    stream.end(Buffer.alloc(5));
  });
  const grpcSessions = new Set<ServerHttp2Session>();
  grpc.on('session', (session) => grpcSessions.add(session));
  await new Promise<void>((resolve) => grpc.listen(0, '127.0.0.1', resolve));

  return {
    httpEndpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    grpcEndpoint: `http://127.0.0.1:${(grpc.address() as AddressInfo).port}`,
    requests,
    refusals,
    spans: () => jsonBodies(requests).flatMap(readSpans),
    logRecords: () => jsonBodies(requests).flatMap(readLogRecords),
    async until(find) {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        await arrived.promise;
      }
    },
    close() {
      http.closeAllConnections();
      http.close();
      for (const session of grpcSessions) session.destroy();
      grpc.close();
    },
  };
}

/** Absent if the sender went away in the middle. */
async function readAll(stream: Readable): Promise<Buffer | undefined> {
  try {
    return await buffer(stream);
  } catch {
    return undefined;
  }
}

function jsonBodies(requests: readonly ReceivedRequest[]): OtlpJson[] {
  return requests
    .filter(({ contentType }) => contentType === JSON_TYPE)
    .map(({ body }) => JSON.parse(body.toString()));
}

/** The part of OTLP/JSON that the tests look at. */
interface OtlpJson {
  readonly resourceSpans?: {
    resource: WithAttributes;
    scopeSpans: { scope: { name: string }; spans: OtlpSpan[] }[];
  }[];
  readonly resourceLogs?: { resource: WithAttributes; scopeLogs: { logRecords: OtlpLogRecord[] }[] }[];
}
interface WithAttributes {
  readonly attributes?: { readonly key: string; readonly value: Record<string, unknown> }[];
}
interface OtlpSpan extends WithAttributes {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}
interface OtlpLogRecord extends WithAttributes {
  readonly body?: Record<string, unknown>;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly timeUnixNano: string;
  readonly traceId?: string;
  readonly spanId?: string;
}

function readSpans(request: OtlpJson): ReceivedSpan[] {
  return (request.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        service: String(readAttributes(resource)['service.name']),
        resource: readAttributes(resource),
        scope: scope.name,
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        attributes: readAttributes(span),
      })),
    ),
  );
}

function readLogRecords(request: OtlpJson): ReceivedLogRecord[] {
  return (request.resourceLogs ?? []).flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((record) => ({
        service: String(readAttributes(resource)['service.name']),
        body: Object.values(record.body ?? {})[0],
        severityNumber: record.severityNumber,
        severityText: record.severityText,
        timeUnixNano: record.timeUnixNano,
        traceId: record.traceId,
        spanId: record.spanId,
        attributes: readAttributes(record),
      })),
    ),
  );
}

function readAttributes(owner: WithAttributes): Record<string, unknown> {
  return Object.fromEntries((owner.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}
