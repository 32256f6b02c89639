import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portsAt } from '../../support/ports.ts';
import { waitFor } from '../../support/wait-for.ts';

export interface RunningJaeger {
  /** `http://127.0.0.1:…` */
  readonly query: string;
  readonly otlpHttp: string;
  readonly otlpGrpc: string;
  readonly queryGrpc: string;
  /** Answers only if there is a file of strategies. */
  readonly sampling: string;
  stop(): Promise<void>;
}

/** A Jaeger v2 with its memory store and an archive, on the default ports moved by `offset`. */
export async function startJaeger(
  binary: string,
  folder: string,
  offset: number,
  { samplingFile }: { readonly samplingFile?: string } = {},
): Promise<RunningJaeger> {
  const ports = portsAt(offset);
  const at = (port: number) => `127.0.0.1:${port}`;
  // Two ports of ours that Jaeger has no use for.
  const samplingPorts = { http: ports.health, grpc: ports.metrics };
  const sampling = samplingFile && {
    remote_sampling: {
      file: { path: samplingFile },
      http: { endpoint: at(samplingPorts.http) },
      grpc: { endpoint: at(samplingPorts.grpc) },
    },
  };
  // JSON is YAML.
  const config = {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', ...(sampling ? ['remote_sampling'] : [])],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
    },
    extensions: {
      jaeger_query: {
        storage: { traces: 'traces', traces_archive: 'archive' },
        http: { endpoint: at(ports.ui) },
        grpc: { endpoint: at(ports.jaegerGrpc) },
      },
      jaeger_storage: {
        backends: { traces: { memory: { max_traces: 10_000 } }, archive: { memory: { max_traces: 10 } } },
      },
      ...sampling,
    },
    receivers: {
      otlp: {
        protocols: { http: { endpoint: at(ports.otlpHttp) }, grpc: { endpoint: at(ports.otlpGrpc) } },
      },
    },
    exporters: { jaeger_storage_exporter: { trace_storage: 'traces' } },
  };
  const path = join(folder, 'jaeger.yaml');
  writeFileSync(path, JSON.stringify(config));
  const child = spawn(binary, ['--config', path], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const query = `http://${at(ports.ui)}`;
  await waitFor('Jaeger', async () => (await fetch(`${query}/api/services`)).ok);
  return {
    query,
    otlpHttp: `http://${at(ports.otlpHttp)}`,
    otlpGrpc: `http://${at(ports.otlpGrpc)}`,
    queryGrpc: at(ports.jaegerGrpc),
    sampling: `http://${at(samplingPorts.http)}`,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
