import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { limits } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { HeldSnapshot, Snapshot } from './snapshot.ts';

/*
 * A socket in the data folder, which only its owner may enter: how a command on the same machine talks to the
 * server that owns the folder. POST /snapshot answers with a `Snapshot` as one line of JSON and holds it for as
 * long as the connection is open.
 */

/** What the server refused. The message is for people. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export interface ControlSocket {
  close(): Promise<void>;
}

const socketPath = (dataDir: string) => join(dataDir, 'control.sock');

/**
 * Listens. A path too long for a socket (about 100 bytes), or a file system without them, is logged: commands
 * then need a stopped server.
 */
export async function openControlSocket(
  dataDir: string,
  takeSnapshot: () => Promise<HeldSnapshot>,
  logger: Logger,
): Promise<ControlSocket> {
  const path = socketPath(dataDir);
  const server = createServer((message, response) => void answer(message, response));
  server.maxConnections = limits.controlConnections.value;
  let isHeld = false;

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (message.method !== 'POST' || message.url !== '/snapshot') {
      refuse(response, 404, 'not known');
      return;
    }
    if (isHeld) {
      refuse(response, 409, 'another backup is running');
      return;
    }
    isHeld = true;
    try {
      const { release, ...snapshot } = await takeSnapshot();
      try {
        const gone = once(response, 'close');
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(`${JSON.stringify(snapshot)}\n`);
        if (!response.destroyed) await gone;
      } finally {
        await release();
      }
    } catch (error) {
      logger.error({ err: error }, 'a snapshot failed');
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    } finally {
      isHeld = false;
    }
  }

  // Left by a server that was killed; the lock of the folder says that it is ours.
  await rm(path, { force: true });
  try {
    server.listen(path);
    await once(server, 'listening');
  } catch (error) {
    logger.warn({ err: error }, 'no control socket: backup and copy need a stopped server');
  }
  return { close: () => closeServer(server) };
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

/**
 * A snapshot of the server that runs on the folder, held until `release` or the end of this process.
 * Absence: undefined when none listens there. Errors: `ControlError`.
 */
export async function requestSnapshot(dataDir: string): Promise<HeldSnapshot | undefined> {
  const asked = request({ socketPath: socketPath(dataDir), method: 'POST', path: '/snapshot' });
  asked.end();
  let response: IncomingMessage;
  try {
    [response] = (await once(asked, 'response')) as [IncomingMessage];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EINVAL') return undefined;
    throw new ControlError(`the server on ${dataDir} does not answer (${code})`, { cause: error });
  }
  response.setEncoding('utf8');
  let text = '';
  for await (const piece of response.iterator({ destroyOnReturn: false })) {
    text += piece as string;
    if (response.statusCode === 200 && text.includes('\n')) break;
  }
  if (response.statusCode !== 200) throw new ControlError(`the server on ${dataDir} refused: ${text}`);
  if (!text.endsWith('\n')) throw new ControlError(`the server on ${dataDir} ended`);
  const snapshot = JSON.parse(text) as Snapshot;
  // It ends when the server does; what we copy then still lies there.
  response.on('error', () => {});
  return {
    ...snapshot,
    async release() {
      asked.destroy();
    },
  };
}
