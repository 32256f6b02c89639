/** The six services and the database, by `service.name`, with the port each takes unless PORT says otherwise. */
export const DEFAULT_PORTS = {
  'api-gateway': 8080,
  'conversation-manager': 8081,
  'rag-retrieval': 8082,
  'tool-execution': 8083,
  'memory-store': 8084,
  'llm-proxy': 8085,
  database: 8086,
} as const;

/** A service that is traced; the database stands for somebody else's Postgres and is not. */
export type ServiceName = Exclude<keyof typeof DEFAULT_PORTS, 'database'>;

export const SERVICE_NAMES = [
  'api-gateway',
  'conversation-manager',
  'rag-retrieval',
  'tool-execution',
  'memory-store',
  'llm-proxy',
] as const satisfies readonly ServiceName[];

/** Where a service is on this machine, for settings that are not given. */
export function localUrl(service: ServiceName): string {
  return `http://127.0.0.1:${DEFAULT_PORTS[service]}`;
}

export const LOCAL_DATABASE_URL = `postgres://postgres@127.0.0.1:${DEFAULT_PORTS.database}/postgres`;
