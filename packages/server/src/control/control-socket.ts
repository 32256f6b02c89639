import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import type { Logger } from '../logger.ts';

/*
 * A socket in the data folder, which only its owner may enter: how a command on the same machine talks to the
 * server that owns the folder. POST with a JSON body; the answer is lines of JSON, the last one
 * `{"error":"…"}` where something went wrong in the middle of it.
 */

/**
 * Answers one call: writes lines as they come. `gone` aborts when the caller is no longer there. An error's message
 * is for people.
 */
export type ControlHandler = (
  body: unknown,
  write: (line: object) => void,
  gone: AbortSignal,
) => Promise<void>;

export interface ControlSocket {
  close(): Promise<void>;
}

export const controlSocketPath = (dataDir: string) => join(dataDir, 'control.sock');

/**
 * Listens. Each path is called by one at a time. A path too long for a socket (about 100 bytes), or a file system
 * without them, is logged: commands then need a stopped server.
 */
export async function openControlSocket(
  dataDir: string,
  handlers: ReadonlyMap<string, ControlHandler>,
  logger: Logger,
): Promise<ControlSocket> {
  const path = controlSocketPath(dataDir);
  const server = createServer((message, response) => void answer(message, response));
  server.maxConnections = limits.controlConnections.value;
  const running = new Set<string>();

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const called = message.url ?? '';
    const handler = message.method === 'POST' ? handlers.get(called) : undefined;
    if (handler === undefined) return refuse(response, 404, 'this server does not know how');
    if (running.has(called)) return refuse(response, 409, 'the same command is running already');
    running.add(called);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const write = (line: object) => {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      if (!response.destroyed) response.write(`${JSON.stringify(line)}\n`);
    };
    try {
      await handler(await readBody(message), write, gone.signal);
    } catch (error) {
      if (!gone.signal.aborted) {
        logger.error({ err: error, command: called }, 'a command failed');
        write({ error: error instanceof Error ? error.message : String(error) });
      }
    } finally {
      running.delete(called);
      response.end();
    }
  }

  // Left by a server that was killed; the lock of the folder says that it is ours.
  await rm(path, { force: true });
  try {
    server.listen(path);
    await once(server, 'listening');
  } catch (error) {
    logger.warn({ err: error }, 'no control socket: backup, purge and doctor need a stopped server');
  }
  return { close: () => closeServer(server) };
}

/** @throws Error for what is too long, or no JSON. */
async function readBody(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.controlBodyBytes.value) throw new Error('the command is too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(message);
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
