import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkout } from './pack/workspaces.ts';

/*
 * node scripts/try-image.ts
 *
 * What can be tried of deploy/Dockerfile without a container engine: its steps, read from the file, in clean
 * folders, from the last commit; then the image's start command and a service's, until the health check is content. Not tried: the base
 * image, the user, the read-only file system, arm64.
 */

const READY_WITHIN_MILLIS = 120_000;

const instructions = readFileSync(join(checkout, 'deploy/Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const scratch = mkdtempSync(join(tmpdir(), 'spanwise-image-'));
const build = join(scratch, 'build');
const image = join(scratch, 'image');
const data = join(scratch, 'data');
for (const folder of [build, image, data]) mkdirSync(folder);
const environment: Record<string, string | undefined> = {
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  HOME: process.env.HOME,
};
let healthCheck: readonly string[] = [];
let entrypoint: readonly string[] = [];
let command: readonly string[] = [];

try {
  let stage = 0;
  for (const line of instructions) {
    const [word = '', ...words] = line.split(' ');
    const rest = words.join(' ');
    if (word === 'FROM') stage += 1;
    else if (line === 'COPY . .') {
      execFileSync('sh', ['-c', `git archive HEAD | tar -x -C '${build}'`], { cwd: checkout });
    } else if (word === 'RUN' && stage === 1) {
      console.log(`in the first stage: ${rest}`);
      execFileSync('sh', ['-c', rest], { cwd: build, env: environment, stdio: 'inherit' });
    } else if (word === 'COPY') {
      const [from = '', to = ''] = words.slice(1);
      const source = from.replace('/spanwise', build);
      const target = to === '.' ? join(image, from.slice('/spanwise'.length)) : join(image, to);
      cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    } else if (word === 'ENV') {
      for (const pair of words) {
        const [name = '', value = ''] = pair.split('=');
        environment[name] = value;
      }
    } else if (word === 'HEALTHCHECK') healthCheck = listOf(rest.slice(rest.indexOf('CMD ') + 'CMD '.length));
    else if (word === 'ENTRYPOINT') entrypoint = listOf(rest);
    else if (word === 'CMD') command = listOf(rest);
  }
  // The image's own values suit a container; here there is no other network than this machine's.
  environment.SPANWISE_DATA_DIR = data;
  environment.SPANWISE_LISTEN = '127.0.0.1';
  const ports = ['OTLP_GRPC', 'OTLP_HTTP', 'QUERY', 'QUERY_GRPC', 'METRICS'];
  for (const name of ports) environment[`SPANWISE_${name}_PORT`] = '0';
  const health = await freePort();
  const backend = { ...environment, SPANWISE_HEALTH_PORT: String(health) };
  await tryProgram([...entrypoint, ...command], backend, `http://127.0.0.1:${health}/status`);
  const http = await freePort();
  const service = { ...environment, PORT: String(http), OTEL_SDK_DISABLED: 'true' };
  await tryProgram(['node', 'demo/llm-proxy/main.ts'], service, `http://127.0.0.1:${http}/health`);
} finally {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts it as the container would, waits until the image's health check is content, and ends it. */
async function tryProgram(words: readonly string[], env: NodeJS.ProcessEnv, url: string): Promise<void> {
  const [program = '', ...flags] = words;
  const startedAt = performance.now();
  const child = spawn(program, flags, { cwd: image, env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilHealthy(child, url);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${words.join(' ')}: healthy after ${seconds} s`);
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
  if (child.exitCode !== 0) throw new Error(`${words.join(' ')} ended with ${child.exitCode} after SIGTERM`);
  console.log(`${words.join(' ')}: ended well on SIGTERM`);
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  const [program = '', file = ''] = healthCheck;
  for (const deadline = performance.now() + READY_WITHIN_MILLIS; performance.now() < deadline; ) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const check = spawn(program, [file, url], { cwd: image, env: environment, stdio: 'inherit' });
    const [exitCode] = (await once(check, 'exit')) as [number | null];
    if (exitCode === 0) return;
    await delay(200);
  }
  throw new Error(`${url} was not well within ${READY_WITHIN_MILLIS / 1000} s`);
}

/** The exec form: `["node", "main.ts"]`. */
function listOf(text: string): readonly string[] {
  return JSON.parse(text) as readonly string[];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
