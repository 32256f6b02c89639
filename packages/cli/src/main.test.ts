import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { version } from '@spanwise/server';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'spanwise-cli-'));
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

const freePorts = ['otlp-grpc', 'otlp-http', 'query', 'query-grpc', 'health', 'metrics'].flatMap((name) => [
  `--${name}-port`,
  '0',
]);

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.push(child);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return { child, output };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { child, output } = start(args, env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

async function serveUntilReady() {
  const dataDir = join(folder, 'data');
  const started = start(['serve', '--data-dir', dataDir, ...freePorts]);
  await once(started.child.stdout!, 'data');
  return { ...started, dataDir };
}

describe('spanwise', () => {
  it('has the version of its package', async () => {
    const manifest: unknown = JSON.parse(
      readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'),
    );
    expect(manifest).toMatchObject({ version });
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [[], 2, 'stderr', 'Usage: spanwise'],
    [['serve', '--query-prot', '1'], 2, 'stderr', 'Did you mean --query-port?'],
    [['serve', '--query-port', 'x'], 2, 'stderr', '--query-port: "x" is not usable'],
  ] as const)('%j ends with %i', async (args, code, stream, text) => {
    const result = await run(args);
    expect(result.code).toBe(code);
    expect(result[stream]).toContain(text);
  });

  it('explains serve, and does not offer what it does not have', async () => {
    const { code, stdout } = await run(['serve', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--otlp-grpc-port <port>');
  });

  it('takes a wrong variable as a wrong flag', async () => {
    const { code, stderr } = await run(['serve'], { SPANWISE_CONTENT: 'all' });
    expect(code).toBe(2);
    expect(stderr).toContain('variable SPANWISE_CONTENT: "all" is not usable');
  });
});

describe('spanwise schema', () => {
  it('prints the tables of one server, and of a cluster', async () => {
    const one = await run(['schema', '--database', 'traces']);
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(one.stdout).toMatch(/^CREATE DATABASE IF NOT EXISTS traces;\n/);
    expect(one.stdout).toContain('CREATE TABLE IF NOT EXISTS traces.spans (');
    const cluster = await run(['schema', '--cluster', 'main']);
    expect(cluster.stdout).toContain("CREATE TABLE IF NOT EXISTS spanwise.spans_local ON CLUSTER 'main'");
  });

  it('refuses a name that is none', async () => {
    const { code, stderr } = await run(['schema', '--cluster', "a'b"]);
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed: letters');
  });
});

describe('spanwise serve', () => {
  it('says in one line where it is, and ends on SIGTERM', async () => {
    const { child, output } = await serveUntilReady();
    expect(output.stdout).toMatch(
      /^spanwise \S+ ready: UI http:\/\/127\.0\.0\.1:\d+ · OTLP grpc 127\.0\.0\.1:\d+, http 127\.0\.0\.1:\d+ · data .*\/data\n$/,
    );
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(output.stderr).toBe('');
  });

  it('ends on SIGTERM also when its data folder has vanished', async () => {
    const { child, dataDir } = await serveUntilReady();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBeTypeOf('number');
  });

  it.each([
    ['a file', '/etc/passwd', 'it is a file'],
    ['below a file', '/etc/passwd/data', 'ENOTDIR'],
    ['where no folder can be', '/proc/spanwise/data', 'ENOENT'],
  ])('says what is wrong with a data folder that is %s', async (_, dataDir, reason) => {
    const { code, stderr } = await run(['serve', '--data-dir', dataDir, ...freePorts]);
    expect(code).toBe(2);
    expect(stderr).toContain(`spanwise: --data-dir: ${dataDir} can't be used (${reason}).`);
    expect(stderr).toContain('Allowed: a folder');
  });

  it('ends when npx, which passes no signal on, is gone', async () => {
    const shell = spawn(
      'sh',
      [
        '-c',
        '"$0" "$@" & wait',
        process.execPath,
        main,
        'serve',
        '--data-dir',
        join(folder, 'npx'),
        ...freePorts,
      ],
      {
        env: { PATH: process.env.PATH ?? '', HOME: folder, npm_lifecycle_event: 'npx' },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    running.push(shell);
    let output = '';
    for await (const text of shell.stdout.setEncoding('utf8')) {
      output += text;
      if (output.includes(' ready: ')) shell.kill('SIGKILL');
    }
    // The pipe closed, so the last who held it, the server, has ended.
    expect(output).toContain(' ready: ');
  });

  it('ends when the process that started it goes away', async () => {
    const { child } = await serveUntilReady();
    child.disconnect();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(1);
  });

  it('says which port is taken', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await run([
      'serve',
      '--data-dir',
      join(folder, 'other'),
      ...freePorts,
      '--metrics-port',
      String(port),
    ]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`spanwise: port ${port} (`);
    expect(stderr).toContain('--metrics-port');
  });
});

describe('spanwise search', () => {
  it('prints what a filter finds, and where a filter is wrong', async () => {
    const { output } = await serveUntilReady();
    const [, ui, otlp] = /UI (\S+) .* http (\S+) /.exec(output.stdout)!; // the test above knows the line
    const startNano = BigInt(Date.now()) * 1_000_000n;
    const span = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      name: 'chat \u001b[31m',
      startTimeUnixNano: String(startNano),
      endTimeUnixNano: String(startNano + 2_000_000_000n),
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'llm-proxy' } }] };
    const sent = await fetch(`http://${otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(sent.status).toBe(200);
    await vi.waitFor(
      async () =>
        expect(await (await fetch(`${ui}/api/v1/search/spans`)).json()).toMatchObject({
          total: { count: 1 },
        }),
      { timeout: 10_000 },
    );
    const time = new Date(Number(startNano / 1_000_000n)).toISOString();
    expect(await run(['search', 'service = "llm-proxy" and duration > 1s', '--url', ui!])).toEqual({
      code: 0,
      stdout: `start                     duration  status  service    name        trace                             span
${time}  2.00 s    unset   llm-proxy  chat ·[31m  ${span.traceId}  ${span.spanId}
`,
      stderr: '',
    });
    const traces = await run(['search', '--traces', '--json', '--order', 'spans', '--url', ui!]);
    expect(JSON.parse(traces.stdout)).toMatchObject({ traces: [{ traceId: span.traceId, spanCount: 1 }] });
    const early = await run(['search', '--start', '0', '--end', '2026-11-23T10:00:00+01:00', '--url', ui!]);
    expect([early.code, early.stdout]).toEqual([0, 'nothing found\n']);
    const zoneless = await run(['search', '--start', '2026-11-23 10:00', '--url', ui!]);
    expect([zoneless.code, zoneless.stderr]).toEqual([2, expect.stringContaining('--start')]);
    expect(await run(['search', 'a = 1 and servce = "x"', '--url', ui!])).toEqual({
      code: 2,
      stdout: '',
      stderr: `spanwise: filter: no field servce at column 11; did you mean service? An attribute of that name stands in quotes: "servce"
  a = 1 and servce = "x"
            ^^^^^^
`,
    });
  }, 60_000);

  it('says so where nobody answers', async () => {
    const { code, stderr } = await run(['search', '--url', 'http://127.0.0.1:9']);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^spanwise: 127.0.0.1:9 can't be reached: \w+/),
    ]);
  });
});
