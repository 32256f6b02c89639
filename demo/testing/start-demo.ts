import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface RunningDemo {
  /** The gateway. */
  readonly url: string;
  readonly urls: Readonly<Record<string, string>>;
  /** What the services wrote to standard output and error so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Test tool: the database and the six services as real processes on free ports, with their data in memory or `/tmp`. */
export async function startDemo(environment: Readonly<Record<string, string>>): Promise<RunningDemo> {
  const children: ChildProcess[] = [];
  const urls: Record<string, string> = {};
  let output = '';

  const start = async (service: string, settings: Readonly<Record<string, string>>): Promise<number> => {
    const child = fork(new URL(`../${service}/main.ts`, import.meta.url), {
      env: { PATH: process.env.PATH, ...environment, ...settings, PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    children.push(child);
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const ready = once(child, 'message') as Promise<[{ readonly port: number }]>;
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`${service} ended with ${code}: ${output.slice(-2000)}`);
    });
    // After the start nobody waits for the exit any more.
    failed.catch(() => {});
    const [{ port }] = await Promise.race([ready, failed]);
    urls[service] = `http://127.0.0.1:${port}`;
    return port;
  };

  const port = await start('database', {});
  const DATABASE_URL = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await start('llm-proxy', {});
  const LLM_PROXY_URL = urls['llm-proxy'] ?? '';
  await Promise.all([
    start('memory-store', { DATABASE_URL }),
    start('tool-execution', { DATABASE_URL }),
    start('rag-retrieval', { DATABASE_URL, LLM_PROXY_URL }),
  ]);
  await start('conversation-manager', {
    LLM_PROXY_URL,
    RAG_RETRIEVAL_URL: urls['rag-retrieval'] ?? '',
    TOOL_EXECUTION_URL: urls['tool-execution'] ?? '',
    MEMORY_STORE_URL: urls['memory-store'] ?? '',
  });
  await start('api-gateway', { CONVERSATION_MANAGER_URL: urls['conversation-manager'] ?? '' });

  return {
    url: urls['api-gateway'] ?? '',
    urls,
    output: () => output,
    async stop() {
      // Callers first, so that nobody loses the one it is talking to.
      for (const child of children.toReversed()) {
        if (child.exitCode !== null) continue;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }
    },
  };
}
