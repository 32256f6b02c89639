import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['instrumentation', 'sdk', 'cli'] as const;

/** A project of somebody who installed our three packages; npm's part is played by links to the checkout. */
const project = mkdtempSync(join(tmpdir(), 'spanwise-packed-'));
const modules = join(project, 'node_modules');

interface PackedManifest {
  readonly name: string;
  readonly exports: Record<string, { readonly types?: string; readonly default: string }>;
  readonly bin?: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

beforeAll(() => {
  execFileSync(process.execPath, [join(checkout, 'scripts/pack.ts')], { cwd: checkout });
  for (const folder of folders) install(`./packages/${folder}/dist`);
  linkDependencies();
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function install(path: string): void {
  const listing = execFileSync('npm', ['pack', path, '--json', '--pack-destination', project], {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed]: { name: string; filename: string }[] = Object.values(JSON.parse(listing));
  if (packed === undefined) throw new Error(`npm pack said nothing about ${path}`);
  const target = join(modules, packed.name);
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', join(project, packed.filename), '-C', target, '--strip-components', '1']);
}

function manifestOf(name: string): PackedManifest {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'));
}

function linkDependencies(): void {
  for (const name of ['@spanwise/instrumentation', '@spanwise/sdk', 'spanwise']) {
    const { dependencies, peerDependencies } = manifestOf(name);
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
      const link = join(modules, dependency);
      if (existsSync(link)) continue;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(checkout, 'node_modules', dependency), link);
    }
  }
  mkdirSync(join(modules, '@types'), { recursive: true });
  symlinkSync(join(checkout, 'node_modules/@types/node'), join(modules, '@types/node'));
}

/** Runs a plain JavaScript module of the project and gives what it prints. */
function run(source: string, flags: readonly string[] = []): string {
  writeFileSync(join(project, 'main.js'), source);
  return execFileSync(process.execPath, [...flags, 'main.js'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
  }).trim();
}

describe('the packed SDK', () => {
  it('traces a step from plain JavaScript', () => {
    const printed = run(`
      import { currentTraceId, setupTracing, traced } from '@spanwise/sdk';
      const tracing = setupTracing('packed');
      await traced.tool('clock', async () => console.log(currentTraceId()));
      await tracing.shutdown();
    `);
    expect(printed).toMatch(/^[0-9a-f]{32}$/);
  });

  it('shares the instrumentation with whoever imports it by its own name', () => {
    const printed = run(`
      import * as instrumentation from '@spanwise/instrumentation';
      import * as sdk from '@spanwise/sdk';
      console.log(sdk.traced === instrumentation.traced);
    `);
    expect(printed).toBe('true');
  });

  it('is loaded by a flag', () => {
    const printed = run(
      "import { trace } from '@opentelemetry/api';\nconsole.log(trace.getTracer('x').startSpan('y').isRecording());",
      ['--import', '@spanwise/sdk/register'],
    );
    expect(printed).toBe('true');
  });

  it('has types that a strict project compiles with', () => {
    writeFileSync(
      join(project, 'consumer.ts'),
      `import { type SCOPE_NAME, traced as same } from '@spanwise/instrumentation';
import { setupTracing, traced, type TracingOptions } from '@spanwise/sdk';
export const name: typeof SCOPE_NAME | undefined = undefined;
export const options: TracingOptions = {};
export const isSame: boolean = traced === same;
// @ts-expect-error a service needs a name
setupTracing();
`,
    );
    const flags = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const tsc = join(checkout, 'node_modules/typescript/bin/tsc');
    expect(
      execFileSync(process.execPath, [tsc, ...flags, 'consumer.ts'], { cwd: project, encoding: 'utf8' }),
    ).toBe('');
  });
});

describe('the packed command', () => {
  const bin = () => join(modules, 'spanwise', manifestOf('spanwise').bin?.spanwise ?? 'no bin');

  it('says its version', () => {
    const { version } = JSON.parse(readFileSync(join(checkout, 'packages/cli/package.json'), 'utf8'));
    expect(execFileSync(bin(), ['--version'], { encoding: 'utf8', env: withThisNode() }).trim()).toBe(
      version,
    );
  });

  it('serves the UI, and stores what it is sent through its worker and its engine', async () => {
    const ports = ['otlp-grpc', 'otlp-http', 'query', 'query-grpc', 'health', 'metrics'];
    const flags = ports.flatMap((name) => [`--${name}-port`, '0']);
    const server = spawn(process.execPath, [bin(), 'serve', '--data-dir', join(project, 'data'), ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const ready = await readyLine(server);
      const ui = /UI (http:\S+)/.exec(ready)?.[1];
      const receiver = /http (127\.0\.0\.1:\d+)/.exec(ready)?.[1];
      expect(await (await fetch(`${ui}/`)).text()).toContain('<div id="root"');

      const live = await fetch(`${ui}/api/v1/live`);
      const events = readEvents(live);
      await untilEvent(events, 'hello');
      const accepted = await fetch(`http://${receiver}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: oneSpanBody('packed'),
      });
      expect(accepted.status).toBe(200);
      await untilEvent(events, 'stored');
      expect(await (await fetch(`${ui}/api/v1/services`)).json()).toEqual({ services: ['packed'] });
    } finally {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    }
  });
});

/** `#!/usr/bin/env node` finds the Node that runs this test. */
function withThisNode(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
}

async function readyLine(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('the server has no output');
  for await (const line of createInterface({ input: server.stdout })) if (line.includes('ready')) return line;
  throw new Error('the server ended before it was ready');
}

/** Names of server-sent events as they come. */
async function* readEvents(response: Response): AsyncGenerator<string, void, undefined> {
  if (response.body === null) throw new Error('the event stream has no body');
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('event: ')) yield line.slice('event: '.length);
  }
}

async function untilEvent(events: AsyncIterator<string>, wanted: string): Promise<void> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the event stream ended without ${wanted}`);
    if (value === wanted) return;
  }
}

function oneSpanBody(service: string): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                name: 'GET /',
                kind: 2,
                startTimeUnixNano: String(now),
                endTimeUnixNano: String(now + 1_000_000n),
              },
            ],
          },
        ],
      },
    ],
  });
}
