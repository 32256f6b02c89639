import {
  type Client,
  call,
  collect,
  connect,
} from '../../../packages/server/src/query/grpc/grpc-client.fixture.ts';
import { type Json, normalise } from './normalise.ts';

export interface GrpcCase {
  readonly version: 2 | 3;
  readonly method: string;
  readonly request: object;
  /** As that of a call over HTTP. */
  readonly difference?: string;
}

/** Code 0 with what was answered, or the code of the refusal: its words are each server's own. */
export interface GrpcAnswer {
  readonly code: number;
  readonly body: Json;
}

/** One server's `jaeger.api_v2` and `jaeger.api_v3`, with our protocol files: that they fit Jaeger's is half the proof. */
export class JaegerGrpc {
  readonly #clients: Readonly<Record<2 | 3, Client>>;

  constructor(address: string) {
    this.#clients = {
      2: connect(address, 'jaeger/api_v2.proto', 'jaeger.api_v2.QueryService'),
      3: connect(address, 'jaeger/api_v3.proto', 'jaeger.api_v3.QueryService'),
    };
  }

  async ask({ version, method, request }: GrpcCase): Promise<GrpcAnswer> {
    const client = this.#clients[version];
    try {
      const answer = streams.has(method)
        ? joined(await collect(client, method, request))
        : await call(client, method, request);
      return { code: 0, body: normalise(plain(answer)) };
    } catch (error) {
      return { code: (error as { readonly code: number }).code, body: null };
    }
  }

  close(): void {
    for (const client of Object.values(this.#clients)) client.close();
  }
}

const streams = new Set(['GetTrace', 'FindTraces']);

/** Into how many messages a trace is cut, each server decides. */
function joined(messages: readonly unknown[]): Readonly<Record<string, readonly unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for (const message of messages) {
    for (const [key, items] of Object.entries(message as Record<string, unknown[]>)) {
      all[key] = [...(all[key] ?? []), ...items];
    }
  }
  return all;
}

/** Bytes as hex; fields that hold what absence means are left out, for some encoders send them. (proto3.) */
function plain(value: unknown): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value as Json;
  const members = Object.entries(value).map(([key, member]) => [key, plain(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => !isDefault(member)));
}

/** Of `ValueType` and `SpanRefType`, the names that stand for 0. */
const defaults: ReadonlySet<Json> = new Set<Json>(['', 0, '0', false, 'STRING', 'CHILD_OF']);

function isDefault(value: Json): boolean {
  return defaults.has(value) || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
}
