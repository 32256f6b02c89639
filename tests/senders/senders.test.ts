import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { traceId } from '@spanwise/model';
import { encodeLogsRequest } from '@spanwise/otlp';
import { createEmbeddedEngine, openStore } from '@spanwise/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout, type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { type CanonicalItem, canonicalItems } from './canonical.ts';
import { type Relay, type SentExport, startRelay } from './relay.ts';

/*
 * The same trace and log records from OpenTelemetry's own SDKs of several languages, over gRPC and HTTP: what comes
 * back is what they sent. It is looked at twice: against what each of them is known to send, and, field by field,
 * against what a relay saw on the wire.
 */

const run = promisify(execFile);
const folder = temporaryFolder('senders');
const here = join(checkout, 'tests/senders');
const { SENDERS_PYTHON, SENDERS_GO } = process.env;
const python = SENDERS_PYTHON ?? join(folder, 'python/bin/python');
const go = SENDERS_GO ?? join(folder, 'go');
let system: RunningSystem;
let relay: Relay;
/** Log records on the wire, by trace. They are read when the server has ended. */
const sentLogs = new Map<string, readonly CanonicalItem[]>();

interface Sender {
  readonly name: string;
  /** Absent: it can run. */
  readonly why?: string;
  readonly protocols: readonly ('grpc' | 'http' | 'json')[];
  /** JavaScript's numbers end at 2^53. */
  readonly int: string;
  readonly greatestInt: string;
  /** Commands that make it ready, from its registry into a temporary folder. */
  readonly install: readonly (readonly [string, readonly string[]])[];
  command(protocol: string, endpoint: string): readonly [string, readonly string[]];
}

function has(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

const senders: readonly Sender[] = [
  {
    name: 'Node.js',
    protocols: ['grpc', 'http', 'json'],
    int: '42',
    greatestInt: String(Number.MAX_SAFE_INTEGER),
    install: [],
    command: (protocol, endpoint) => [process.execPath, [join(here, 'node/send.ts'), protocol, endpoint]],
  },
  {
    name: 'Python',
    ...(!has(SENDERS_PYTHON ?? 'python3', ['-c', 'import venv, ensurepip']) && { why: 'no Python here' }),
    protocols: ['grpc', 'http'],
    int: '9007199254740993',
    greatestInt: String(2n ** 63n - 1n),
    install:
      SENDERS_PYTHON === undefined
        ? [
            ['python3', ['-m', 'venv', join(folder, 'python')]],
            [python, ['-m', 'pip', 'install', '-q', '-r', join(here, 'python/requirements.txt')]],
          ]
        : [],
    command: (protocol, endpoint) => [python, [join(here, 'python/send.py'), protocol, endpoint]],
  },
  {
    name: 'Go',
    ...(SENDERS_GO === undefined && !has('go', ['version']) && { why: 'no Go here' }),
    protocols: ['grpc', 'http'],
    int: '9007199254740993',
    greatestInt: String(2n ** 63n - 1n),
    install: SENDERS_GO === undefined ? [['go', ['build', '-C', join(here, 'go'), '-o', go, '.']]] : [],
    command: (protocol, endpoint) => [go, [protocol, endpoint]],
  },
];

beforeAll(async () => {
  system = await startSystem({ demo: false, dataDir: join(folder, 'data') });
  relay = await startRelay({ grpc: system.otlpGrpc, http: system.otlpHttp });
});

afterAll(async () => {
  await relay[Symbol.asyncDispose]();
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
    return spans.length === 3 ? exported : undefined;
  });
}

describe.each(senders)(
  'OpenTelemetry for $name',
  ({ why, protocols, int, greatestInt, install, command }) => {
    beforeAll(async () => {
      if (why !== undefined) return;
      for (const [program, args] of install) await run(program, args);
    }, 300_000);

    it.skipIf(why !== undefined).each(protocols)(
      `over %s comes back as it was sent${why === undefined ? '' : ` (skipped: ${why})`}`,
      async (protocol) => {
        const { host } = new URL(protocol === 'grpc' ? relay.grpc : relay.http);
        const [program, args] = command(protocol, host);
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
        expect(scopeSpans).toHaveLength(2);
        const shop = scopeSpans.find(({ scope }) => scope.name === 'shop')!;
        expect(shop.scope).toMatchObject({ name: 'shop', version: '0.1' });
        const spans = new Map(shop.spans.map((span) => [span.name, span]));
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
          return reply.logs.length === 3 ? reply : undefined;
        });
        const declined = logs.find(({ severityNumber }) => severityNumber === 13)!;
        expect(declined).toMatchObject({
          body: { type: 'string', value: 'card declined' },
          spanId: child.spanId,
          service: 'till',
        });
        expect(declined.attributes).toContainEqual({ key: 'attempt', value: { type: 'int', value: '2' } });

        const sent = relay.takeSent();
        sentLogs.set(id, itemsOf(sent, 'logs'));
        const sentSpans = itemsOf(sent, 'traces');
        expect(sentSpans).toHaveLength(3);
        expect(JSON.stringify(sentSpans)).toContain(`"int_value":"${greatestInt}"`);
        for (const [format, encoding] of [
          ['otlp', 'protobuf'],
          ['otlp-json', 'json'],
        ] as const) {
          const response = await fetch(`${system.ui}/api/v1/traces/${id}/export?format=${format}`);
          const body = await response.bytes();
          expect(canonicalItems({ signal: 'traces', encoding, body })).toEqual(sentSpans);
        }
      },
    );
  },
);

describe('log records of all of them', () => {
  it('come back with all that was said about them', async () => {
    await system.stop();
    const engine = await createEmbeddedEngine({ dataDir: join(folder, 'data') });
    const store = await openStore({ engine });
    try {
      expect(sentLogs.size).toBeGreaterThan(0);
      for (const [id, sent] of sentLogs) {
        expect(sent).toHaveLength(3);
        expect(JSON.stringify(sent)).toContain('"bytes_value":"AP8="');
        const body = encodeLogsRequest(await store.logsOfTrace(0, traceId(id), 100));
        expect(canonicalItems({ signal: 'logs', encoding: 'protobuf', body })).toEqual(sent);
      }
    } finally {
      await store.close(10_000);
    }
  });
});

function itemsOf(exports: readonly SentExport[], signal: SentExport['signal']): readonly CanonicalItem[] {
  return exports
    .filter((sent) => sent.signal === signal)
    .flatMap(canonicalItems)
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}
