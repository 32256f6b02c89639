import { readField } from '../model-client/read-fields.ts';
import { replaceMethod } from '../traced/replace-method.ts';
import { followTransport } from './follow-transport.ts';

const wrapped = new WeakSet<object>();

/**
 * Gives each request of an MCP client a CLIENT span (`tools/call {tool}`, `initialize`…), and those that the
 * server asks of it a SERVER span. The trace goes along in `params._meta`, over every transport. For
 * `@modelcontextprotocol/sdk` 1 and `@modelcontextprotocol/client` 2. Call it before `connect()`.
 *
 *     const client = wrapMcpClient(new Client({ name: 'agent', version: '1.0.0' }));
 *
 * The client is changed in place and returned; client, transports and results stay what they are. No argument
 * and no result is read, unless a rule allows to keep it.
 *
 * @throws TypeError if it has no `connect()`.
 */
export function wrapMcpClient<Client extends object>(client: Client): Client {
  followConnect(client, 'wrapMcpClient');
  return client;
}

/**
 * Gives each request that an MCP server answers a SERVER span, below the client's as it says in
 * `params._meta`, with a link to the span that was active before (the HTTP request); and those that it asks of
 * the client a CLIENT span. A tool's result with `isError` is an error of type `tool_error`. For `McpServer`
 * and `Server` of `@modelcontextprotocol/sdk` 1 and `@modelcontextprotocol/server` 2. Call it before
 * `connect()`; with `createMcpHandler` in its factory.
 *
 *     const server = wrapMcpServer(new McpServer({ name: 'tools', version: '1.0.0' }));
 *
 * @throws TypeError if it has no `connect()`.
 */
export function wrapMcpServer<Server extends object>(server: Server): Server {
  // `McpServer` is a helper around a `Server`, which some entries connect by itself.
  const inner = readField(server, 'server');
  const connects = typeof readField(inner, 'connect') === 'function';
  followConnect(connects ? (inner as object) : server, 'wrapMcpServer');
  return server;
}

function followConnect(target: object, caller: string): void {
  if (wrapped.has(target)) return;
  const connect = readField(target, 'connect');
  if (typeof connect !== 'function') throw new TypeError(`${caller}: there is no connect() to wrap`);
  wrapped.add(target);
  replaceMethod(target, 'connect', (transport: unknown, ...rest: unknown[]) => {
    if (typeof transport === 'object' && transport !== null) followTransport(transport);
    return Reflect.apply(connect, target, [transport, ...rest]);
  });
}
