import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout, type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';

/*
 * The same trace and log record from OpenTelemetry's own SDKs of several languages, over gRPC and HTTP: what comes
 * back is what they sent. How to set the others up: README.md beside this.
 */

const run = promisify(execFile);
const folder = temporaryFolder('senders');
const here = join(checkout, 'tests/senders');
const { SENDERS_PYTHON: python, SENDERS_GO: go } = process.env;
let system: RunningSystem;

interface Sender {
  readonly name: string;
  /** Absent: it can run. */
  readonly why?: string;
  /** JavaScript's numbers end at 2^53. */
  readonly int: string;
  command(protocol: string, endpoint: string, http: string): readonly [string, readonly string[]];
}

const senders: readonly Sender[] = [
  {
    name: 'Node.js',
    int: '42',
    command: (protocol, endpoint, http) => [
      process.execPath,
      [join(here, 'node/send.ts'), protocol, endpoint, http],
    ],
  },
  {
    name: 'Python',
    ...(python === undefined && { why: 'SENDERS_PYTHON names no Python with the packages' }),
    int: '9007199254740993',
    command: (protocol, endpoint) => [python!, [join(here, 'python/send.py'), protocol, endpoint]],
  },
  {
    name: 'Go',
    ...(go === undefined && { why: 'SENDERS_GO names no built tests/senders/go' }),
    int: '9007199254740993',
    command: (protocol, endpoint) => [go!, [protocol, endpoint]],
  },
];

beforeAll(async () => {
  system = await startSystem({ demo: false, dataDir: join(folder, 'data') });
});

afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: Readonly<Record<string, unknown>>;
      readonly spans: readonly (Readonly<Record<string, unknown>> & {
        readonly attributes?: readonly KeyValue[];
      })[];
    }[];
  }[];
}

const byKey = (list: readonly KeyValue[] = []) =>
  Object.fromEntries(list.map(({ key, value }) => [key, value]));
const list = (type: string, values: readonly unknown[]) => ({
  arrayValue: { values: values.map((value) => ({ [type]: value })) },
});

async function exportOf(id: string): Promise<Exported> {
  return waitFor('the trace', async () => {
    const response = await fetch(`${system.ui}/api/v1/traces/${id}/export?format=otlp-json`);
    if (!response.ok) return undefined;
    const exported = (await response.json()) as Exported;
    const spans = exported.resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    );
    return spans.length === 2 ? exported : undefined;
  });
}

describe.each(senders)('OpenTelemetry for $name', ({ why, int, command }) => {
  it.skipIf(why !== undefined).each(['grpc', 'http'] as const)(
    `over %s comes back as it was sent${why === undefined ? '' : ` (skipped: ${why})`}`,
    async (protocol) => {
      const { otlpGrpc, otlpHttp } = system;
      const { host } = new URL(protocol === 'grpc' ? otlpGrpc : otlpHttp);
      const [program, args] = command(protocol, host, new URL(otlpHttp).host);
      const { stdout } = await run(program, args);
      const id = stdout.trim();
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      const { resourceSpans } = await exportOf(id);
      expect(resourceSpans).toHaveLength(1);
      const { resource, scopeSpans } = resourceSpans[0]!;
      expect(byKey(resource.attributes)).toMatchObject({
        'service.name': { stringValue: 'till' },
        'service.version': { stringValue: '1.2.3' },
      });
      expect(scopeSpans).toHaveLength(1);
      expect(scopeSpans[0]!.scope).toMatchObject({ name: 'shop', version: '0.1' });
      const spans = new Map(scopeSpans[0]!.spans.map((span) => [span.name, span]));
      const root = spans.get('checkout')!;
      const child = spans.get('pay')!;
      expect(byKey(root.attributes)).toEqual({
        text: { stringValue: 'grüße' },
        int: { intValue: int },
        double: { doubleValue: 0.5 },
        bool: { boolValue: true },
        texts: list('stringValue', ['a', 'b']),
        ints: list('intValue', ['1', '-2']),
        doubles: list('doubleValue', [0.25, 2.5]),
        bools: list('boolValue', [true, false]),
      });
      expect(root).toMatchObject({
        traceId: id,
        kind: 2,
        status: { code: 1 },
        events: [{ name: 'queued', attributes: [{ key: 'depth', value: { intValue: '3' } }] }],
      });
      expect(child).toMatchObject({
        traceId: id,
        parentSpanId: root.spanId,
        kind: 3,
        status: { code: 2, message: 'declined' },
        links: [
          {
            traceId: id,
            spanId: root.spanId,
            attributes: [{ key: 'why', value: { stringValue: 'cause' } }],
          },
        ],
      });
      expect(BigInt(String(root.startTimeUnixNano))).toBeLessThanOrEqual(
        BigInt(String(child.startTimeUnixNano)),
      );
      const { logs } = await waitFor('the log record', async () => {
        const reply = (await (await fetch(`${system.ui}/api/v1/traces/${id}/logs`)).json()) as {
          readonly logs: readonly Readonly<Record<string, unknown>>[];
        };
        return reply.logs.length === 1 ? reply : undefined;
      });
      expect(logs[0]).toMatchObject({
        body: { type: 'string', value: 'card declined' },
        spanId: child.spanId,
        severityNumber: 13,
        service: 'till',
      });
      expect(logs[0]!.attributes).toContainEqual({ key: 'attempt', value: { type: 'int', value: '2' } });
    },
  );
});
