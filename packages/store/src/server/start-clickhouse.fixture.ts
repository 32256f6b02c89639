import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Fault } from './clickhouse-server.fixture.ts';

export interface ClickHouseFixture {
  readonly port: number;
  readonly url: string;
  /** For one statement whose text contains `text`. */
  misbehave(kind: Fault['kind'], text: string): Promise<void>;
  /** Stops it as SIGSTOP does, and lets it go on. */
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export const fixtureUser = 'spanwise';
/** With what an address must escape, and what must be seen nowhere. */
export const fixturePassword = 'p@ss/w:rd?#%';

/** A server on a data folder of its own; `clickhouse-server.fixture.ts` says what it is. */
export async function startClickHouse(folder: string, wantedPort = 0): Promise<ClickHouseFixture> {
  const module = fileURLToPath(new URL('./clickhouse-server.fixture.ts', import.meta.url));
  const child = fork(module, [folder, fixtureUser, fixturePassword, String(wantedPort)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Each running statement holds a thread of it.
    env: { ...process.env, UV_THREADPOOL_SIZE: '48' },
  });
  const [port] = (await once(child, 'message')) as [number];
  return {
    port,
    url: `clickhouse://${fixtureUser}:${encodeURIComponent(fixturePassword)}@127.0.0.1:${port}/spanwise`,
    process: child,
    async misbehave(kind, text) {
      const told = once(child, 'message');
      child.send({ kind, in: text } satisfies Fault);
      await told;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
