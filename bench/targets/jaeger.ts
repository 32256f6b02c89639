import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPortOffset, portsAt } from '../../tests/support/ports.ts';
import { temporaryFolder } from '../../tests/support/start-system.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { Target } from './target.ts';

export type JaegerStorage = 'memory' | 'badger';

/** Enough that memory never drops a trace within a run. */
const maxTraces = 5_000_000;

/** A Jaeger v2 with its own defaults, but for where it listens and what it stores in. */
export async function startJaeger(binary: string, storage: JaegerStorage): Promise<Target> {
  const folder = temporaryFolder('jaeger');
  const ports = portsAt(await findPortOffset());
  const at = (port: number) => `127.0.0.1:${port}`;
  const keys = join(folder, 'keys');
  const values = join(folder, 'values');
  mkdirSync(keys);
  mkdirSync(values);
  const backend =
    storage === 'memory'
      ? { memory: { max_traces: maxTraces } }
      : { badger: { directories: { keys, values }, ephemeral: false } };
  // JSON is YAML.
  const config = {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] },
      },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
    },
    extensions: {
      jaeger_query: {
        storage: { traces: 'traces' },
        http: { endpoint: at(ports.ui) },
        grpc: { endpoint: at(ports.jaegerGrpc) },
      },
      jaeger_storage: { backends: { traces: backend } },
    },
    receivers: {
      otlp: {
        protocols: { http: { endpoint: at(ports.otlpHttp) }, grpc: { endpoint: at(ports.otlpGrpc) } },
      },
    },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'traces' } },
  };
  const path = join(folder, 'jaeger.yaml');
  writeFileSync(path, JSON.stringify(config));
  const child = spawn(binary, ['--config', path], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const query = `http://${at(ports.ui)}`;
  await waitFor('Jaeger', async () => (await fetch(`${query}/api/services`)).ok);
  return {
    name: `jaeger, ${storage}`,
    otlpHttp: `http://${at(ports.otlpHttp)}`,
    otlpGrpc: `http://${at(ports.otlpGrpc)}`,
    query,
    pids: () => [child.pid!],
    stop: async () => {
      child.kill();
      await ended;
      const byTable = { keys: bytesIn(keys), values: bytesIn(values) };
      rmSync(folder, { recursive: true, force: true });
      return storage === 'memory' ? undefined : { bytes: byTable.keys + byTable.values, byTable };
    },
  };
}

/** As the disk counts them: badger's logs are sparse files. */
function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).blocks * 512, 0);
}
