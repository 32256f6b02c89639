import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PortName, Ports } from './ports.ts';
import { type ProcessEvents, type ProcessSpec, SupervisedProcess } from './supervised-process.ts';

/** Loopback: the demo is for one person on one machine. */
export const host = '127.0.0.1';

export interface SystemOptions {
  readonly ports: Ports;
  readonly dataDir: string;
  /** Services and database too, or the backend alone. */
  readonly demo: boolean;
}

export interface Urls {
  readonly ui: string;
  readonly chat: string;
  readonly otlpGrpc: string;
  readonly otlpHttp: string;
}

interface Wave {
  readonly services: readonly PortName[];
  /** How long they may take to end. */
  readonly graceMillis: number;
}

/**
 * Inner services end after those that call them, so that what is under way can be answered; most of the time is
 * for the first. With the backend's, less than 5 s in all.
 */
const serviceWaves: readonly Wave[] = [
  { services: ['api-gateway'], graceMillis: 2_300 },
  { services: ['conversation-manager'], graceMillis: 700 },
  { services: ['rag-retrieval', 'tool-execution', 'memory-store', 'llm-proxy'], graceMillis: 600 },
];
const backendGraceMillis = 1_200;
/** Seven processes that mostly wait, on somebody's laptop: 20 to 50 MB less each (measured), for slower bursts. */
const smallHeap = ['--max-semi-space-size=1', '--optimize-for-size'];
const serviceNames = serviceWaves.flatMap(({ services }) => services);

/** Everything `npm start` runs: the backend, the database, the six services. */
export class System {
  readonly urls: Urls;
  readonly #options: SystemOptions;
  readonly #processes = new Map<string, SupervisedProcess>();
  /** Outlives a crash of the database: the services lay out their tables only at their own start. */
  readonly #databaseDir: string | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: SystemOptions, events: ProcessEvents) {
    this.#options = options;
    const { ports } = options;
    this.urls = {
      ui: `http://${host}:${ports.UI}`,
      chat: `http://${host}:${ports['api-gateway']}`,
      otlpGrpc: `http://${host}:${ports['OTLP gRPC']}`,
      otlpHttp: `http://${host}:${ports['OTLP HTTP']}`,
    };
    if (options.demo && !process.env.DATABASE_URL) {
      this.#databaseDir = mkdtempSync(join(tmpdir(), 'spanwise-demo-database-'));
    }
    for (const spec of this.#specs()) this.#processes.set(spec.name, new SupervisedProcess(spec, events));
  }

  /** Names in the order of the table in the README. */
  get names(): readonly string[] {
    return [...this.#processes.keys()];
  }

  /** Errors: `StartError` of the first process that does not become ready; the others are then still running. */
  async start(onReady: (name: string) => void): Promise<void> {
    const start = async ([name, process]: [string, SupervisedProcess]) => {
      await process.start();
      onReady(name);
    };
    // All at once: who needs another waits for it.
    await Promise.all([...this.#processes].map(start));
  }

  /** Services first, so that their last spans find a backend. Idempotent; at most 5 s. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** At once. What the backend has acknowledged is on disk already. */
  kill(): void {
    for (const process of this.#processes.values()) process.kill();
    this.#removeDatabase();
  }

  async #stopInOrder(): Promise<void> {
    const stop = (graceMillis: number) => (name: string) => this.#processes.get(name)?.stop(graceMillis);
    for (const { services, graceMillis } of serviceWaves) await Promise.all(services.map(stop(graceMillis)));
    await Promise.all(['database', 'backend'].map(stop(backendGraceMillis)));
    this.#removeDatabase();
  }

  #removeDatabase(): void {
    if (this.#databaseDir === undefined) return;
    // A killed process may still be writing for a moment.
    rmSync(this.#databaseDir, { recursive: true, force: true, maxRetries: 5 });
  }

  #specs(): readonly ProcessSpec[] {
    const { demo } = this.#options;
    if (!demo) return [this.#backend()];
    const directory = this.#databaseDir;
    const database = directory === undefined ? [] : [this.#service('database', { DATABASE_DIR: directory })];
    return [this.#backend(), ...database, ...serviceNames.map((name) => this.#service(name))];
  }

  #backend(): ProcessSpec {
    const { ports, dataDir } = this.#options;
    const options = {
      'data-dir': dataDir,
      listen: host,
      'otlp-grpc-port': ports['OTLP gRPC'],
      'otlp-http-port': ports['OTLP HTTP'],
      'query-port': ports.UI,
      'query-grpc-port': ports['Jaeger gRPC query'],
      'health-port': ports.health,
      'metrics-port': ports.metrics,
    };
    return {
      name: 'backend',
      entry: inCheckout('packages/cli/src/main.ts'),
      args: ['serve', ...Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)])],
      nodeArgs: [],
      env: {},
      waitUntilReady: (signal) => waitForHealth(`http://${host}:${ports.health}/status`, signal),
    };
  }

  #service(name: PortName, settings: Readonly<Record<string, string>> = {}): ProcessSpec {
    const { ports } = this.#options;
    const url = (service: PortName) => `http://${host}:${ports[service]}`;
    return {
      name,
      entry: inCheckout(`demo/${name}/main.ts`),
      args: [],
      nodeArgs: smallHeap,
      env: {
        HOST: host,
        PORT: String(ports[name]),
        CONVERSATION_MANAGER_URL: url('conversation-manager'),
        RAG_RETRIEVAL_URL: url('rag-retrieval'),
        TOOL_EXECUTION_URL: url('tool-execution'),
        MEMORY_STORE_URL: url('memory-store'),
        LLM_PROXY_URL: url('llm-proxy'),
        DATABASE_URL: process.env.DATABASE_URL || `postgres://postgres@${host}:${ports.database}/postgres`,
        SPANWISE_UI_URL: this.urls.ui,
        OTEL_EXPORTER_OTLP_ENDPOINT: this.urls.otlpGrpc,
        // Somebody looks at the screen: a fifth of the SDK's default wait for company.
        OTEL_BSP_SCHEDULE_DELAY: process.env.OTEL_BSP_SCHEDULE_DELAY || '200',
        OTEL_BLRP_SCHEDULE_DELAY: process.env.OTEL_BLRP_SCHEDULE_DELAY || '200',
        ...settings,
      },
    };
  }
}

function inCheckout(path: string): string {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${path} is missing: is this a complete checkout?`);
  return file;
}

/** Until the backend says that it is ready. Errors: the signal's reason. */
async function waitForHealth(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const response = await fetch(url, { signal });
      const body: unknown = await response.json();
      if (typeof body === 'object' && body !== null && 'status' in body && body.status === 'StatusOK') return;
    } catch {
      // Not listening yet.
    }
    await delay(50);
  }
}
