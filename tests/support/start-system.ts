import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerGroup } from './nothing-left-running.ts';
import { findPortOffset, type Ports, portsAt } from './ports.ts';
import { membersOfGroup, type ProcessInfo } from './processes.ts';
import { waitFor } from './wait-for.ts';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

export interface StartOptions {
  /** True: `npm start`'s supervisor with all services. False: `spanwise serve` alone. */
  readonly demo: boolean;
  /** Kept on stop; absent: a temporary one that goes with the system. */
  readonly dataDir?: string;
  /** Absent: a free one. */
  readonly portOffset?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Further options of the supervisor, or of `serve`. */
  readonly args?: readonly string[];
}

export interface RunningSystem extends AsyncDisposable {
  readonly process: RunningProcess;
  readonly portOffset: number;
  readonly ports: Ports;
  readonly dataDir: string;
  readonly ui: string;
  readonly gateway: string;
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
  /** As Ctrl-C. Resolves when all of it has ended. */
  stop(): Promise<void>;
}

/** Resolves when it answers: for the demo, after the conversation that it starts with. */
export async function startSystem(options: StartOptions): Promise<RunningSystem> {
  const portOffset = options.portOffset ?? (await findPortOffset());
  const ports = portsAt(portOffset);
  const dataDir = options.dataDir ?? temporaryFolder('data');
  const args = options.demo
    ? ['demo/supervisor/main.ts', '--port-offset', String(portOffset), '--data-dir', dataDir, '--verbose']
    : ['packages/cli/src/main.ts', 'serve', ...serveOptions(ports, dataDir)];
  const running = runNode([...args, ...(options.args ?? [])], options.env);
  const stop = async () => {
    await running.stop();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await waitFor(options.demo ? 'the demo' : 'the backend', () => isUp(options.demo, running, ports), {
      timeoutMillis: 90_000,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const url = (port: number) => `http://127.0.0.1:${port}`;
  return {
    process: running,
    portOffset,
    ports,
    dataDir,
    ui: url(ports.ui),
    gateway: url(ports['api-gateway']),
    otlpGrpc: url(ports.otlpGrpc),
    otlpHttp: url(ports.otlpHttp),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export function temporaryFolder(name: string): string {
  return mkdtempSync(path.join(tmpdir(), `spanwise-test-${name}-`));
}

async function isUp(demo: boolean, running: RunningProcess, ports: Ports): Promise<boolean> {
  if (running.hasEnded()) throw new Error(`it ended instead of starting:\n${running.output().slice(-4_000)}`);
  return demo ? running.output().includes('Ctrl-C ends it.') : isReady(ports);
}

/** Whether the backend says so. Errors: it does not listen yet. */
export async function isReady(ports: Ports): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${ports.health}/status`);
  const body = (await response.json()) as { status?: unknown };
  return body.status === 'StatusOK';
}

function serveOptions(ports: Ports, dataDir: string): readonly string[] {
  return Object.entries({
    'data-dir': dataDir,
    'otlp-grpc-port': ports.otlpGrpc,
    'otlp-http-port': ports.otlpHttp,
    'query-port': ports.ui,
    'query-grpc-port': ports.jaegerGrpc,
    'health-port': ports.health,
    'metrics-port': ports.metrics,
  }).flatMap(([key, value]) => [`--${key}`, String(value)]);
}

export interface RunningProcess {
  readonly pid: number;
  /** Everything it wrote, standard output and error together. */
  output(): string;
  hasEnded(): boolean;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Itself and all that it started. */
  members(): readonly ProcessInfo[];
  /** Ctrl-C as a terminal sends it: to every process of the group. */
  interrupt(): void;
  /** SIGKILL to the first process only, as the system's memory guard would. */
  kill9(): void;
  /** Ctrl-C, and SIGKILL for all should that not do. Resolves when the group is empty. */
  stop(): Promise<void>;
}

/** Runs a program of the checkout in a process group of its own. */
export function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningProcess {
  return run(process.execPath, args, env);
}

export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProcess {
  const child = spawn(command, args, {
    cwd: checkout,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} cannot be started`);
  registerGroup(pid);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', () => resolve(child.signalCode ?? child.exitCode ?? 'unknown'));
  });
  const members = () => membersOfGroup(pid);
  return {
    pid,
    output: () => output,
    hasEnded: () => hasEnded(child),
    ended,
    members,
    interrupt: () => signalGroup(pid, 'SIGINT'),
    kill9: () => child.kill('SIGKILL'),
    stop: async () => {
      signalGroup(pid, 'SIGINT');
      try {
        await waitFor('the process group to end', () => members().length === 0, { timeoutMillis: 20_000 });
      } catch (error) {
        const left = members()
          .map(({ command: line }) => line)
          .join('\n');
        signalGroup(pid, 'SIGKILL');
        throw new Error(`these did not end within 20 s of Ctrl-C:\n${left}`, { cause: error });
      }
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // Nobody is left.
  }
}
