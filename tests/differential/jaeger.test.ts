import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPortOffset } from '../support/ports.ts';
import { type RunningSystem, startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { type GrpcCase, JaegerGrpc } from './support/ask-grpc.ts';
import { conversation, idOf, startMillis } from './support/conversation.ts';
import { type Json, normalise } from './support/normalise.ts';
import { type RunningJaeger, startJaeger } from './support/start-jaeger.ts';

/*
 * The same spans into a real Jaeger and into Spanwise, then the same calls to both. Where the answers differ, the
 * case names a line of "Where we differ on purpose" in docs/jaeger.md; all others must be equal.
 */

const binary = process.env.JAEGER_BINARY;
const written = readFileSync(new URL('../../docs/jaeger.md', import.meta.url), 'utf8');

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Json;
}

interface Case {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  /** Begins a line of the list of differences. */
  readonly difference?: string;
}

const micros = (millis: number) => millis * 1_000;
const rfc3339 = (millis: number) => new Date(millis).toISOString();
const from = startMillis - 60_000;
const to = startMillis + 60_000;
const window = `start=${micros(from)}&end=${micros(to)}`;
const windowV3 = `query.start_time_min=${rfc3339(from)}&query.start_time_max=${rfc3339(to)}&query.num_traces=20`;
const json = (value: object) => encodeURIComponent(JSON.stringify(value));
const notFound = '1234'.padStart(32, '0');
const skew = 'Clocks are not corrected';
const typeOfV3 = 'Answers of version 3 are `application/json`';
const codes = 'Over gRPC, version 3 answers';
const words = 'Messages of errors are in our own words';

const cases: readonly Case[] = [
  { path: '/api/services' },
  { path: '/api/services/gateway/operations' },
  { path: '/api/services/nobody/operations', difference: 'An empty list is `[]`' },
  { path: '/api/operations?service=gateway' },
  { path: '/api/operations?service=gateway&spanKind=server' },
  { path: '/api/operations' },
  { path: `/api/traces/${idOf(1)}` },
  { path: `/api/traces/${idOf(1).toUpperCase()}` },
  { path: `/api/traces/${idOf(2)}`, difference: skew },
  { path: `/api/traces/${idOf(2)}?raw=true` },
  { path: `/api/traces/${idOf(2).replace(/^0+/, '')}?raw=true` },
  { path: `/api/traces/${idOf(1)}?raw=true` },
  { path: `/api/traces/${notFound}` },
  { path: '/api/traces/xyz', difference: words },
  { path: `/api/traces?service=gateway&${window}&raw=true` },
  { path: `/api/traces?service=nobody&${window}` },
  { path: `/api/traces?service=gateway&operation=${encodeURIComponent('POST /chat')}&${window}` },
  { path: `/api/traces?service=gateway&minDuration=150ms&${window}` },
  { path: `/api/traces?service=gateway&maxDuration=150ms&${window}&raw=true` },
  { path: `/api/traces?service=llm-proxy&tags=${json({ error: 'true' })}&${window}` },
  { path: `/api/traces?service=gateway&tag=http.response.status_code:200&${window}` },
  { path: `/api/traces?service=gateway&tags=${json({ 'host.name': 'h1' })}&${window}&raw=true` },
  { path: `/api/traces?service=gateway&tags=${json({ attempt: '2' })}&${window}` },
  { path: `/api/traces?service=gateway&tags=${json({ cached: 'true', ratio: '0.5' })}&${window}` },
  { path: `/api/traces?traceID=${idOf(1)}&traceID=${idOf(2)}&raw=true` },
  { path: `/api/traces?traceID=${idOf(1)}&traceID=${notFound}` },
  { path: `/api/traces?${window}` },
  { path: '/api/traces?service=gateway&limit=ten', difference: words },
  { path: '/api/traces?service=gateway&tag=colonless' },
  { path: '/api/traces?service=gateway&minDuration=2s&maxDuration=1s' },
  { path: '/api/traces?service=gateway&start=now', difference: words },
  { path: '/api/dependencies?endTs=now', difference: words },
  { path: '/api/archive/xyz', method: 'POST', difference: words },
  { path: `/api/archive/${notFound}`, method: 'POST' },
  { path: `/api/archive/${idOf(1)}`, method: 'POST' },
  { path: '/api/transform', method: 'POST', body: JSON.stringify(conversation) },
  { path: '/api/v3/services' },
  { path: '/api/v3/operations?service=gateway', difference: 'A span without a kind' },
  { path: '/api/v3/operations?service=gateway&span_kind=server' },
  { path: `/api/v3/traces/${idOf(1)}` },
  { path: `/api/v3/traces/${idOf(2)}?raw_traces=true` },
  { path: `/api/v3/traces/${notFound}` },
  { path: '/api/v3/traces/xyz', difference: words },
  { path: `/api/v3/traces?query.service_name=gateway&${windowV3}&query.raw_traces=true` },
  { path: `/api/v3/traces?query.service_name=nobody&${windowV3}` },
  { path: '/api/v3/traces?query.service_name=gateway', difference: words },
  // Last: Jaeger's memory store keeps what this read has put into its spans.
  { path: `/api/v3/traces/${idOf(2)}`, difference: skew },
];

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const time = (millis: number) => ({
  seconds: String(Math.trunc(millis / 1_000)),
  nanos: (millis % 1_000) * 1_000_000,
});
const times = { startTimeMin: time(from), startTimeMax: time(to) };
const query = { serviceName: 'llm-proxy', searchDepth: 20, ...times };

const grpcCases: readonly GrpcCase[] = [
  { version: 2, method: 'GetServices', request: {} },
  { version: 2, method: 'GetOperations', request: { service: 'gateway', spanKind: 'server' } },
  { version: 2, method: 'GetTrace', request: { traceId: bytes(idOf(1)) } },
  { version: 2, method: 'GetTrace', request: { traceId: bytes(notFound) } },
  { version: 2, method: 'GetTrace', request: {} },
  { version: 2, method: 'FindTraces', request: { query } },
  { version: 2, method: 'FindTraces', request: { query: { ...query, tags: { error: 'true' } } } },
  { version: 2, method: 'FindTraces', request: { query: { ...query, serviceName: 'nobody' } } },
  { version: 2, method: 'FindTraces', request: {} },
  { version: 2, method: 'ArchiveTrace', request: { traceId: bytes(idOf(1)) } },
  { version: 2, method: 'ArchiveTrace', request: { traceId: bytes(notFound) } },
  { version: 2, method: 'GetDependencies', request: {} },
  { version: 3, method: 'GetServices', request: {} },
  { version: 3, method: 'GetOperations', request: { service: 'gateway', spanKind: 'server' } },
  { version: 3, method: 'GetTrace', request: { traceId: idOf(1) } },
  { version: 3, method: 'GetTrace', request: { traceId: notFound }, difference: codes },
  { version: 3, method: 'GetTrace', request: { traceId: 'xyz' }, difference: codes },
  { version: 3, method: 'FindTraces', request: { query } },
  { version: 3, method: 'FindTraces', request: {} },
  { version: 3, method: 'FindTraces', request: { query: { serviceName: 'gateway' } }, difference: codes },
];

describe.skipIf(binary === undefined)('beside a real Jaeger (skipped: JAEGER_BINARY is not set)', () => {
  const folder = temporaryFolder('differential');
  let system: RunningSystem;
  let jaeger: RunningJaeger;

  beforeAll(async () => {
    system = await startSystem({ demo: false, dataDir: folder });
    jaeger = await startJaeger(binary!, folder, await findPortOffset());
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(conversation),
    };
    for (const base of [jaeger.otlpHttp, `http://127.0.0.1:${system.ports.otlpHttp}`]) {
      expect((await fetch(`${base}/v1/traces`, init)).status).toBe(200);
      const query = base === jaeger.otlpHttp ? jaeger.query : ours();
      await waitFor('the last trace', async () => (await fetch(`${query}/api/traces/${idOf(2)}`)).ok);
    }
  });

  afterAll(async () => {
    await jaeger?.stop();
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ours = () => `http://127.0.0.1:${system.ports.ui}`;

  async function ask(base: string, { path, method, body }: Case): Promise<Answer> {
    const response = await fetch(base + path, {
      ...(method === undefined ? {} : { method }),
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const isV3Answer = path.startsWith('/api/v3/') && response.ok;
    return {
      status: response.status,
      contentType: isV3Answer ? typeOfV3 : (response.headers.get('content-type')?.split(';')[0] ?? ''),
      body: normalise(JSON.parse(text) as Json),
    };
  }

  it.each(cases.map((call) => ({ method: 'GET', ...call })))('$method $path', async (call) => {
    const [theirs, own] = [await ask(jaeger.query, call), await ask(ours(), call)];
    if (call.difference === undefined) {
      expect(own).toEqual(theirs);
      return;
    }
    expect(written).toContain(`- ${call.difference}`);
    expect({ ...own, body: undefined }).toEqual({ ...theirs, body: undefined });
    // A difference that is none any more has to leave the list.
    expect(own).not.toEqual(theirs);
  });

  it('says that what version 3 answers is JSON', async () => {
    const typeOf = async (base: string) =>
      (await fetch(`${base}/api/v3/services`)).headers.get('content-type')?.split(';')[0];
    expect(await typeOf(ours())).toBe('application/json');
    expect(written).toContain(`- ${typeOfV3}`);
  });

  it('has the same edges, but for calls within a service', async () => {
    const path = `/api/dependencies?endTs=${Date.now()}&lookback=3600000`;
    const edges = async (base: string) =>
      ((await ask(base, { path })).body as { data: { parent: string; child: string }[] }).data;
    const theirs = (await edges(jaeger.query)).filter(({ parent, child }) => parent !== child);
    expect(theirs.length).toBeGreaterThan(0);
    expect(written).toContain('- Dependencies are calls between services');
    expect(
      await waitFor('settled traces', async () => (await edges(ours())).length > 0 && edges(ours())),
    ).toEqual(theirs);
  });

  describe('over gRPC', () => {
    let clients: Record<'theirs' | 'own', JaegerGrpc>;

    beforeAll(() => {
      clients = {
        theirs: new JaegerGrpc(jaeger.queryGrpc),
        own: new JaegerGrpc(`127.0.0.1:${system.ports.jaegerGrpc}`),
      };
    });

    afterAll(() => {
      for (const client of Object.values(clients ?? {})) client.close();
    });

    it.each(grpcCases)('version $version $method $request', async (call) => {
      const [own, theirs] = [await clients.own.ask(call), await clients.theirs.ask(call)];
      if (call.difference === undefined) {
        expect(own).toEqual(theirs);
        return;
      }
      expect(written).toContain(`- ${call.difference}`);
      expect(own).not.toEqual(theirs);
    });
  });
});
