import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { buildGrpcConfiguration, buildHttpConfiguration } from './otlp-transports.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanwise-sdk-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, name);
  return path;
}

const HTTP = { protocol: 'http/protobuf', url: undefined } as const;
const GRPC = { protocol: 'grpc', url: undefined } as const;

describe('what the environment says about the connection', () => {
  it('certificates', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', file('root'));
    vi.stubEnv('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', file('client'));
    vi.stubEnv('OTEL_EXPORTER_OTLP_CLIENT_KEY', file('key'));
    const agent = (await buildHttpConfiguration(HTTP, 'TRACES', 1).agentFactory('https:')) as Agent;
    expect([agent.options.ca, agent.options.cert, agent.options.key].map(String)).toEqual([
      'root',
      'client',
      'key',
    ]);
  });

  it('OTEL_EXPORTER_OTLP_INSECURE decides for an endpoint without a scheme', () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'backend:4317');
    vi.stubEnv('OTEL_EXPORTER_OTLP_INSECURE', 'true');
    expect(buildGrpcConfiguration(GRPC, 'TRACES', 1).credentials()._isSecure()).toBe(false);
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'https://backend:4317');
    vi.stubEnv('OTEL_EXPORTER_OTLP_INSECURE', undefined);
    expect(buildGrpcConfiguration(GRPC, 'TRACES', 1).credentials()._isSecure()).toBe(true);
  });

  it('headers, compression and time-out, of a signal before those of all', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-a=1,x-b=2');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'x-b=3');
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'none');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '100');
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '200');
    const traces = buildHttpConfiguration(HTTP, 'TRACES', 1);
    const logs = buildHttpConfiguration(HTTP, 'LOGS', 1);
    expect(await traces.headers()).toMatchObject({ 'x-a': '1', 'x-b': '3' });
    expect([traces.compression, logs.compression]).toEqual(['none', 'gzip']);
    expect([traces.timeoutMillis, logs.timeoutMillis]).toEqual([100, 200]);
  });
});
