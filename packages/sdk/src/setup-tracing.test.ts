import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { build } from 'rolldown';
import { afterEach, describe, expect, it } from 'vitest';
import { INSTALLABLE_INSTRUMENTATIONS } from './instrumentations/installed-instrumentations.ts';
import { type ChildProgram, startProgram } from './testing/child-program.ts';
import { type LocalCollector, startLocalCollector } from './testing/local-collector.ts';

const TRACE_ID = '80f198ee56343ba864fe8b2a57d3eff7';
const SPAN_ID = 'e457b5a2e4d86bd1';
const SERVER = 2;
const CLIENT = 3;

const running: { close(): void }[] = [];
afterEach(() => {
  for (const resource of running.splice(0)) resource.close();
});

async function startCollector(httpPort?: number): Promise<LocalCollector> {
  const collector = await startLocalCollector(httpPort);
  running.push(collector);
  return collector;
}

function start(name: string, env: Record<string, string>, nodeArguments?: readonly string[]): ChildProgram {
  const program = startProgram(name, env, nodeArguments);
  running.push({ close: () => program.process.kill('SIGKILL') });
  return program;
}

function toJsonCollector(collector: LocalCollector): Record<string, string> {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpEndpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await once(probe.close(), 'close');
  return port;
}

async function startService(
  name: string,
  env: Record<string, string>,
): Promise<{ url: string; program: ChildProgram }> {
  const program = start('traced-service.ts', { SERVICE: name, ...env });
  const line = await program.line((text) => text.startsWith('{"port":'));
  return { url: `http://127.0.0.1:${JSON.parse(line).port}`, program };
}

describe('a hop between two services', () => {
  it('is one trace, whatever brings it in and whichever client carries it on', {
    timeout: 60_000,
  }, async () => {
    const collector = await startCollector();
    const [front, back] = await Promise.all([
      startService('front', toJsonCollector(collector)),
      startService('back', toJsonCollector(collector)),
    ]);
    const incoming: [string, Record<string, string>][] = [
      ['B3 multi', { 'X-B3-TraceId': TRACE_ID, 'X-B3-SpanId': SPAN_ID, 'X-B3-Sampled': '1' }],
      ['B3 single', { b3: `${TRACE_ID}-${SPAN_ID}-1` }],
      ['W3C', { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }],
      ['uber-trace-id', { 'uber-trace-id': `${TRACE_ID}:${SPAN_ID}:0:1` }],
      ['malformed', { 'X-B3-TraceId': 'oops', traceparent: '00-1-2-3', 'uber-trace-id': ':::' }],
    ];
    for (const [style, headers] of incoming) {
      for (const by of ['client', 'fetch', 'http']) {
        const baggage = 'gen_ai.conversation.id=c-17,team=search';
        const response = await fetch(`${front.url}/hop?by=${by}&target=${back.url}`, {
          headers: { ...headers, baggage },
        });
        const { traceId, headers: seen } = (await response.json()) as {
          traceId: string;
          headers: Record<string, string>;
        };
        const spans = await collector.until(() => {
          const found = collector.spans().filter((span) => span.traceId === traceId);
          return found.length === 4 ? found : undefined;
        });
        const get = (service: string, name: string) => {
          const span = spans.find((candidate) => candidate.service === service && candidate.name === name);
          if (span === undefined) throw new Error(`${style} by ${by}: no span ${name} of ${service}`);
          return span;
        };
        const frontServer = get('front', 'GET /hop');
        const hop = get('front', 'hop');
        const client = get('front', 'GET');
        const backServer = get('back', 'GET /echo/:id');
        expect([frontServer.kind, client.kind, backServer.kind]).toEqual([SERVER, CLIENT, SERVER]);
        expect([hop.parentSpanId, client.parentSpanId, backServer.parentSpanId]).toEqual([
          frontServer.spanId,
          hop.spanId,
          client.spanId,
        ]);
        if (style === 'malformed') {
          expect(traceId).not.toContain('oops');
          expect(frontServer.parentSpanId ?? '').toBe('');
        } else {
          expect(traceId).toBe(TRACE_ID);
          expect(frontServer.parentSpanId).toBe(SPAN_ID);
        }
        expect(seen).toMatchObject({
          'x-b3-traceid': traceId,
          'x-b3-spanid': client.spanId,
          'x-b3-sampled': '1',
          traceparent: `00-${traceId}-${client.spanId}-01`,
          baggage,
        });
        // Each style uses the same trace id; the next round shall see its own spans only.
        collector.requests.length = 0;
      }
    }
  });

  it('leaves health checks and the export itself untraced', async () => {
    const collector = await startCollector();
    const { url, program } = await startService('front', toJsonCollector(collector));
    await (await fetch(`${url}/health`)).text();
    await (await fetch(`${url}/echo/1`)).text();
    program.process.kill('SIGTERM');
    await program.exit;
    expect(collector.spans().map(({ name }) => name)).toEqual(['GET /echo/:id']);
  });
});

describe('what a service sends about itself', () => {
  it('names service, version, environment, instance, host and process, and what OTEL_RESOURCE_ATTRIBUTES adds', async () => {
    const collector = await startCollector();
    const program = start('short-program.ts', {
      ...toJsonCollector(collector),
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging,team=search',
    });
    expect(await program.exit).toBe(0);
    const [span] = collector.spans();
    expect(span?.resource).toMatchObject({
      'service.name': 'short',
      'service.version': '0.1.0',
      'deployment.environment.name': 'staging',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      team: 'search',
      'host.name': expect.any(String),
      'process.pid': expect.anything(),
      'process.runtime.name': 'nodejs',
      'telemetry.sdk.language': 'nodejs',
    });
    expect(JSON.stringify(span?.resource)).not.toContain('command');
  });
});

describe('export', () => {
  it.each([
    ['grpc', 'application/grpc', '/opentelemetry.proto.collector.trace.v1.TraceService/Export'],
    ['http/protobuf', 'application/x-protobuf', '/v1/traces'],
    ['http/json', 'application/json', '/v1/traces'],
  ])('speaks %s, compressed, with the headers of the environment', async (protocol, contentType, path) => {
    const collector = await startCollector();
    const program = start('short-program.ts', {
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? collector.grpcEndpoint : collector.httpEndpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-project=demo',
    });
    expect(await program.exit).toBe(0);
    const request = await collector.until(() =>
      collector.requests.find((candidate) => candidate.path === path),
    );
    expect(request.contentType).toBe(contentType);
    expect(request.wasGzipped).toBe(true);
    expect(request.headers['x-project']).toBe('demo');
    expect(request.body.includes('work')).toBe(true);
    expect(program.output.stderr).toBe('');
  });

  it('honours OTEL_EXPORTER_OTLP_COMPRESSION, and OTEL_TRACES_EXPORTER=none sends nothing', async () => {
    const collector = await startCollector();
    const plain = start('short-program.ts', {
      ...toJsonCollector(collector),
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    });
    expect(await plain.exit).toBe(0);
    expect(collector.requests.map(({ wasGzipped }) => wasGzipped)).toEqual([false]);
    const silent = start('short-program.ts', { ...toJsonCollector(collector), OTEL_TRACES_EXPORTER: 'none' });
    expect(await silent.exit).toBe(0);
    expect(collector.requests).toHaveLength(1);
  });

  it('of a script that ends by itself waits for a dead backend no longer than the deadline', async () => {
    const program = start('short-program.ts', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect(await program.exit).toBe(0);
    expect(program.output.stderr.match(/Spanwise: 1 spans lost/g)).toHaveLength(1);
  });

  it.each(['grpc', 'http/protobuf'])(
    'over %s to a backend that takes the connection and never answers lets the process end',
    async (protocol) => {
      const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
      running.push({ close: () => silent.close() });
      await once(silent, 'listening');
      const program = start('short-program.ts', {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_TIMEOUT: '150',
      });
      expect(await program.exit).toBe(0);
      expect(program.output.stderr).toContain('Spanwise: 1 spans lost');
      if (protocol === 'grpc') expect(program.output.stderr).toContain('exceeded after 0.1');
    },
  );

  it('of a function that is frozen after its answer has left before the answer', async () => {
    const collector = await startCollector();
    const program = start('frozen-function.ts', toJsonCollector(collector));
    expect(await program.exit).toBe('SIGKILL');
    expect(program.output.stdout).toBe('as told answer\n');
    expect(collector.spans().map(({ name }) => name)).toEqual(['handle', 'handle']);
  });

  it('tells the backend what was lost, as soon as the backend listens', async () => {
    const collector = await startCollector();
    collector.refusals.push({ status: 400 });
    const program = start('short-program.ts', toJsonCollector(collector));
    expect(await program.exit).toBe(0);
    expect(collector.spans()).toEqual([]);
    expect(collector.logRecords()).toMatchObject([
      { service: 'short', severityText: 'warn', attributes: { 'spanwise.sdk.lost.spans.refused': 1 } },
    ]);
  });

  it('with a dead backend answers requests and exits', async () => {
    const { url, program } = await startService('front', {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    });
    for (let index = 0; index < 50; index += 1)
      expect((await fetch(`${url}/echo/${index}`)).status).toBe(200);
    program.process.kill('SIGTERM');
    const line = await program.line((text) => text.startsWith('{"counts":'));
    expect(await program.exit).toBe(0);
    const { spans } = JSON.parse(line).counts;
    expect(spans).toEqual({ exported: 0, queued: 0, dropped: 0, failed: 50, lost: { unreachable: 50 } });
  });
});

describe('a backend that is away and comes back', () => {
  it('costs spans, never a request, one line in the log, and hears what it missed', async () => {
    const port = await findFreePort();
    const { url, program } = await startService('front', {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_MAX_QUEUE_SIZE: '20',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_BSP_EXPORT_TIMEOUT: '100',
    });
    for (let index = 0; index < 200; index += 1)
      expect((await fetch(`${url}/echo/${index}`)).status).toBe(200);
    const collector = await startCollector(port);
    const lossReport = await collector.until(() => {
      void fetch(`${url}/echo/again`).then((response) => response.text());
      return collector
        .logRecords()
        .find(({ attributes }) => 'spanwise.sdk.lost.spans.unreachable' in attributes);
    });
    expect(lossReport).toMatchObject({ service: 'front', severityText: 'warn' });
    expect(collector.spans().length).toBeGreaterThan(0);
    program.process.kill('SIGTERM');
    expect(await program.exit).toBe(0);
    expect(program.output.stderr.match(/Spanwise: \d+ spans lost/g)).toHaveLength(1);
    expect(program.output.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('SPANWISE_DISK_BUFFER', () => {
  it('keeps what a process that ended by process.exit() had not sent, and the next one sends it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spanwise-sdk-kept-'));
    running.push({ close: () => rmSync(folder, { recursive: true }) });
    const collector = await startCollector();
    const env = { ...toJsonCollector(collector), SPANWISE_DISK_BUFFER: folder };
    const program = start('short-program.ts', { ...env, MODE: 'exit' });
    expect(await program.exit).toBe(0);
    expect(collector.requests).toEqual([]);
    const service = await startService('next', env);
    const kept = await collector.until(() => collector.spans().find(({ service }) => service === 'short'));
    expect(kept.name).toBe('work');
    service.program.process.kill('SIGTERM');
    expect(await service.program.exit).toBe(0);
    expect(program.output.stderr + service.program.output.stderr).toBe('');
  });
});

describe('privacy', () => {
  it('no exported byte and no log line holds what a tool was told, threw or logged', async () => {
    const canary = 'canary-8c1f';
    const collector = await startCollector();
    const { url, program } = await startService('tools', toJsonCollector(collector));
    const response = await fetch(`${url}/tool?q=${canary}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ argument: canary }),
    });
    expect(response.status).toBe(500);
    program.process.kill('SIGTERM');
    await program.exit;

    const tool = collector.spans().find(({ name }) => name === 'execute_tool calculator');
    expect(tool?.attributes).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'calculator',
      'error.type': 'ToolBroke',
    });
    const failed = collector.logRecords().find(({ body }) => body === 'tool failed');
    expect(failed).toMatchObject({
      service: 'tools',
      severityText: 'warn',
      attributes: {
        'exception.type': 'ToolBroke',
        'exception.stacktrace': expect.stringContaining('traced-service.ts'),
      },
    });
    for (const { body } of collector.requests) expect(body.toString()).not.toContain(canary);
    expect(program.output.stdout).not.toContain(canary);
    expect(program.output.stderr).toBe('');
  });
});

describe('logs', () => {
  it('join the span they were written in', async () => {
    const collector = await startCollector();
    const { url, program } = await startService('tools', toJsonCollector(collector));
    await fetch(`${url}/tool`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` },
      body: JSON.stringify({ argument: 'x' }),
    });
    const server = await collector.until(() => collector.spans().find(({ name }) => name === 'POST /tool'));
    const record = await collector.until(() =>
      collector.logRecords().find(({ body }) => body === 'tool called'),
    );
    expect(record).toMatchObject({
      service: 'tools',
      severityNumber: 9,
      severityText: 'info',
      traceId: TRACE_ID,
      spanId: server.spanId,
    });
    const line = JSON.parse(await program.line((text) => text.includes('"tool called"')));
    expect(line).toMatchObject({
      trace_id: TRACE_ID,
      span_id: server.spanId,
      trace_flags: '01',
      'service.name': 'tools',
    });
    expect(record.timeUnixNano).toBe(`${line.time}000000`);
  });
});

describe('as a guest', () => {
  it('a second call says so and returns the first', async () => {
    const collector = await startCollector();
    const program = start('short-program.ts', { ...toJsonCollector(collector), MODE: 'twice' });
    expect(await program.exit).toBe(0);
    expect(program.output.stdout).toContain('true\n');
    expect(program.output.stderr).toContain("setupTracing('again') was called again");
    expect(collector.spans()).toHaveLength(1);

    const quiet = start('short-program.ts', {
      ...toJsonCollector(collector),
      MODE: 'twice',
      OTEL_LOG_LEVEL: 'NONE',
    });
    expect(await quiet.exit).toBe(0);
    expect(quiet.output.stderr).toBe('');
  });

  it('beside a registered provider it says how to join, and the processor it names works', async () => {
    const collector = await startCollector();
    const program = start('short-program.ts', { ...toJsonCollector(collector), MODE: 'own provider' });
    expect(await program.exit).toBe(0);
    expect(program.output.stderr).toContain('createSpanProcessor()');
    expect(program.output.stdout).toContain("name: 'work'");
    expect(collector.spans().map(({ name }) => name)).toEqual(['work']);
  });

  it('OTEL_SDK_DISABLED=true makes everything a plain call', async () => {
    const collector = await startCollector();
    const program = start('short-program.ts', { ...toJsonCollector(collector), OTEL_SDK_DISABLED: 'true' });
    expect(await program.exit).toBe(0);
    expect(program.output).toEqual({ stdout: '{"headers":{}}\n', stderr: '' });
    expect(collector.requests).toEqual([]);
  });
});

describe('node --import @spanwise/sdk/register', () => {
  const register = new URL('./register.ts', import.meta.url).href;

  it('traces an application that knows nothing of it, and flushes on SIGTERM', async () => {
    const collector = await startCollector();
    const program = start('plain-service.js', { ...toJsonCollector(collector), OTEL_SERVICE_NAME: 'shop' }, [
      '--import',
      register,
    ]);
    await program.line((line) => line === 'served');
    program.process.kill('SIGTERM');
    expect(await program.exit).toBe('SIGTERM');
    const spans = collector.spans();
    const server = spans.find(({ kind }) => kind === SERVER);
    const client = spans.find(({ kind }) => kind === CLIENT);
    expect(server).toMatchObject({ service: 'shop', name: 'GET /items/:id', parentSpanId: client?.spanId });
    expect(server?.attributes).toMatchObject({ 'http.route': '/items/:id', 'url.query': 'q=*' });
    expect(client?.attributes['url.full']).toMatch(/\/items\/17\?q=\*$/);
  });

  /** Starts a "hello world", asks it once, and gives name and route of its only span. */
  async function greet(file: string): Promise<readonly [name: string, route: unknown]> {
    const collector = await startCollector();
    const port = await findFreePort();
    const env = { ...toJsonCollector(collector), PORT: String(port) };
    const program = start(file, env, ['--import', register]);
    await program.line((line) => /listening/i.test(line));
    expect((await fetch(`http://localhost:${port}/?q=x`)).status).toBe(200);
    program.process.kill('SIGTERM');
    expect(await program.exit).toBe('SIGTERM');
    expect(program.output.stderr).toBe('');
    const [span, ...others] = collector.spans();
    expect(others).toEqual([]);
    expect(span).toMatchObject({ kind: SERVER, attributes: { 'url.path': '/' } });
    return [span?.name ?? '', span?.attributes['http.route']];
  }

  /** The same program with all that it imports in one file, as it is often deployed. */
  async function bundle(file: string): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'spanwise-sdk-bundle-'));
    running.push({ close: () => rmSync(folder, { recursive: true }) });
    const bundled = join(folder, file);
    await build({
      input: join(import.meta.dirname, 'testing', file),
      platform: 'node',
      logLevel: 'silent',
      output: { format: 'cjs', file: bundled },
    });
    return pathToFileURL(bundled).href;
  }

  it('traces the "hello world" of each framework’s own pages: as ES module, in CommonJS, inside of a bundle', async () => {
    const files = await Promise.all([
      'hello-express.cjs',
      'hello-express.js',
      'hello-fastify.cjs',
      'hello-fastify.js',
      'hello-hono.cjs',
      'hello-hono.js',
      bundle('hello-express.cjs'),
      bundle('hello-fastify.cjs'),
    ]);
    const [named, byMethod] = [
      ['GET /', '/'],
      // Hono has no hook that a process could use; its own middleware `@hono/otel` names by route.
      ['GET', undefined],
    ];
    const expected = [named, named, named, named, byMethod, byMethod, named, named];
    expect(await Promise.all(files.map(greet))).toEqual(expected);
  });

  it('loads what is installed for a library: pg, by import and by require', async () => {
    const collector = await startCollector();
    const env = toJsonCollector(collector);
    const variants: Record<string, string>[] = [
      { OTEL_SERVICE_NAME: 'imports', BY: 'import' },
      { OTEL_SERVICE_NAME: 'requires', BY: 'require' },
      { OTEL_SERVICE_NAME: 'disabled', OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg' },
      { OTEL_SERVICE_NAME: 'not enabled', OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'redis' },
    ];
    const exits = variants.map(
      (more) => start('pg-program.js', { ...env, ...more }, ['--import', register]).exit,
    );
    expect(await Promise.all(exits)).toEqual([0, 0, 0, 0]);
    const spans = collector.spans().map(({ service, scope, name }) => `${service}: ${scope} ${name}`);
    expect(spans.sort()).toEqual([
      'imports: @opentelemetry/instrumentation-pg pg.connect',
      'requires: @opentelemetry/instrumentation-pg pg.connect',
    ]);
    expect(INSTALLABLE_INSTRUMENTATIONS.map(({ className }) => className)).toContain(PgInstrumentation.name);
  });

  it('traces worker threads and forked processes, each as an instance of its own', async () => {
    const collector = await startCollector();
    const program = start(
      'worker-program.ts',
      { ...toJsonCollector(collector), OTEL_SERVICE_NAME: 'workers' },
      ['--import', register],
    );
    expect(await program.exit).toBe(0);
    const spans = collector.spans();
    expect(spans.map(({ name }) => name).sort()).toEqual([
      'in the child',
      'in the main thread',
      'in the worker',
    ]);
    expect(new Set(spans.map(({ resource }) => resource['service.instance.id'])).size).toBe(3);
    expect(program.output.stderr).toBe('');
  });

  it('takes the name of the package when OTEL_SERVICE_NAME is not set', async () => {
    const collector = await startCollector();
    const program = start('plain-service.js', toJsonCollector(collector), ['--import', register]);
    await program.line((line) => line === 'served');
    program.process.kill('SIGTERM');
    await program.exit;
    expect(new Set(collector.spans().map(({ service }) => service))).toEqual(new Set(['@spanwise/sdk']));
  });
});
