import { createServer } from 'node:net';
import { findPortHolder, type PortHolder } from './port-holder.ts';

/** Default port of everything that listens, in the order in which it is reported. */
const defaultPorts = {
  'OTLP gRPC': 4317,
  'OTLP HTTP': 4318,
  UI: 16686,
  'Jaeger gRPC query': 16685,
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

export type PortName = keyof typeof defaultPorts;
export type Ports = Readonly<Record<PortName, number>>;

const portNames = Object.keys(defaultPorts) as readonly PortName[];
const backendPortNames = new Set<PortName>([
  'OTLP gRPC',
  'OTLP HTTP',
  'UI',
  'Jaeger gRPC query',
  'health',
  'metrics',
]);

export const highestDefaultPort = Math.max(...Object.values(defaultPorts));

export function portsAt(offset: number): Ports {
  return Object.fromEntries(portNames.map((name) => [name, defaultPorts[name] + offset])) as Ports;
}

export interface TakenPort {
  readonly name: PortName;
  readonly port: number;
  /** Absent where the system does not tell. */
  readonly holder?: PortHolder;
}

/** Ports on which nothing can listen now, in table order. `demo` false asks about the backend's only. */
export async function findTakenPorts(ports: Ports, host: string, demo: boolean): Promise<TakenPort[]> {
  const names = portNames.filter((name) => demo || backendPortNames.has(name));
  const taken: TakenPort[] = [];
  for (const name of names) {
    const port = ports[name];
    if (await canListen(port, host)) continue;
    const holder = findPortHolder(port);
    taken.push(holder === undefined ? { name, port } : { name, port, holder });
  }
  return taken;
}

/** What to tell the user: which port, who has it, what to do. */
export function describeTakenPorts(taken: readonly TakenPort[], portOffset: number): string {
  const lines = taken.map(({ name, port, holder }) => {
    const who = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.command})`;
    return `  port ${port} (${name}) is taken by ${who}`;
  });
  const other = portOffset === 10_000 ? 20_000 : 10_000;
  return [
    taken.length === 1 ? 'A port is not free:' : 'Some ports are not free:',
    ...lines,
    `End what uses ${taken.length === 1 ? 'it' : 'them'}, or move every port: npm start -- --port-offset ${other}`,
  ].join('\n');
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
