import { createServer } from 'node:net';

/** Default ports, as README and `--help` give them. */
const defaultPorts = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  ui: 16686,
  jaegerGrpc: 16685,
  health: 13133,
  metrics: 8888,
  'api-gateway': 8080,
  'conversation-manager': 8081,
  'rag-retrieval': 8082,
  'tool-execution': 8083,
  'memory-store': 8084,
  'llm-proxy': 8085,
  database: 8086,
} as const;

export type Ports = Readonly<Record<keyof typeof defaultPorts, number>>;

export const services = [
  'api-gateway',
  'conversation-manager',
  'rag-retrieval',
  'tool-execution',
  'memory-store',
  'llm-proxy',
] as const;

/** Below the range from which the system picks ports for outgoing connections (32768 and up on Linux). */
const offsets = { from: 9_000, to: 16_000 };
/** No two default ports are a multiple of this apart, so systems at different multiples never share a port. */
const step = 28;
/** Files that run at the same time choose from multiples of their own. */
const lanes = 4;

/** An offset at which every port is free now. */
export async function findPortOffset(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const lane = Number(process.env.VITEST_POOL_ID ?? 0) % lanes;
    const turn = Math.floor(Math.random() * ((offsets.to - offsets.from) / (step * lanes)));
    const offset = offsets.from + step * (turn * lanes + lane);
    const free = await Promise.all(Object.values(portsAt(offset)).map(isFree));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('found no port offset at which all ports are free');
}

export function portsAt(offset: number): Ports {
  const entries = Object.entries(defaultPorts).map(([name, port]) => [name, port + offset]);
  return Object.fromEntries(entries) as Ports;
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
