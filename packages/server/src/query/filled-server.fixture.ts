import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../config/load-config.ts';
import { createSpanwiseServer, type SpanwiseServer } from '../spanwise-server.ts';

/*
 * One real server on free ports with the real engine, asked as Jaeger's clients ask.
 *
 *   5b8e…c60c   gateway       POST /chat       |==================|     200 ms
 *               llm-proxy       chat gpt-4o       |============|        130 ms, error
 *   0000…00ab   gateway       GET /health      |=|                      1 s later, no kind, parent unknown
 *   77…77       gateway       step 0 … 9999    ten thousand spans, 6 h before
 */
export const traceId = '5b8efff798038103d269b633813fc60c';
export const shortId = 'ab'.padStart(32, '0');
export const largeId = '7'.repeat(32);
export const rootId = 'eee19b7ec3c1b174';
export const modelId = 'eee19b7ec3c1b175';
export const largeCount = 10_000;
export const ms = 1_000_000n;
export const start = BigInt(Date.now() - 60_000) * ms + 123n;
const largeStart = start - 6n * 3_600_000n * ms;

export const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
const span = (id: string, spanId: string, name: string, from: bigint, nanos: bigint, more: object = {}) => ({
  traceId: id,
  spanId,
  name,
  startTimeUnixNano: String(from),
  endTimeUnixNano: String(from + nanos),
  ...more,
});

export const small = [
  [
    'gateway',
    span(traceId, rootId, 'POST /chat', start, 200n * ms, {
      kind: 2,
      traceState: 'a=b',
      flags: 257,
      attributes: [text('user', 'two words'), int('http.response.status_code', 200)],
      events: [{ timeUnixNano: String(start + 5n * ms), name: 'retry', attributes: [int('attempt', 2)] }],
    }),
  ],
  [
    'gateway',
    span(shortId, rootId, 'GET /health', start + 1_000n * ms, 10n * ms, {
      parentSpanId: 'eee19b7ec3c1b199',
    }),
  ],
  [
    'llm-proxy',
    span(traceId, modelId, 'chat gpt-4o', start + 30n * ms, 130n * ms, {
      kind: 3,
      parentSpanId: rootId,
      status: { code: 2, message: 'too long' },
      links: [{ traceId: shortId, spanId: rootId }],
    }),
  ],
] as const;

const request = (spans: readonly (readonly [service: string, span: object])[]) => ({
  resourceSpans: spans.map(([service, one]) => ({
    resource: { attributes: [text('service.name', service), text('host.name', 'h1')] },
    scopeSpans: [{ scope: { name: 'lib' }, spans: [one] }],
  })),
});

/** About 700 bytes a span: as one message it would be twice what a client takes. */
const large = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'batch')] },
      scopeSpans: [
        {
          spans: Array.from({ length: largeCount }, (_, index) =>
            span(
              largeId,
              (index + 1).toString(16).padStart(16, '0'),
              `step ${index}`,
              largeStart + BigInt(index) * ms,
              ms,
              { attributes: [text('note', `${index} `.padEnd(700, '.'))] },
            ),
          ),
        },
      ],
    },
  ],
};

/** Resolves when the traces above can be found. `close` also removes the data. */
export async function startFilledServer(): Promise<{
  readonly server: SpanwiseServer;
  readonly close: () => Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'spanwise-jaeger-'));
  const port = '0';
  const server = createSpanwiseServer(
    loadConfig({
      flags: {
        dataDir: folder,
        otlpGrpcPort: port,
        otlpHttpPort: port,
        queryPort: port,
        queryGrpcPort: port,
        healthPort: port,
        metricsPort: port,
      },
      env: {},
    }),
    { logger: pino({ level: 'silent' }), webDir: join(folder, 'no-build') },
  );
  await server.start();
  const stream = await fetch(`http://${server.addresses.query}/api/v1/live`);
  const live = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  const readUntil = async (...wanted: readonly string[]) => {
    while (!wanted.every((part) => seen.includes(part))) {
      const { value, done } = await live.read();
      if (done) throw new Error(`the live view ended after ${JSON.stringify(seen)}`);
      seen += value;
    }
  };
  await readUntil('event: hello');
  for (const body of [request(small), large]) {
    const response = await fetch(`http://${server.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`refused with ${response.status}`);
  }
  await readUntil(traceId, largeId);
  await live.cancel();
  return {
    server,
    close: async () => {
      await server.close(5_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
