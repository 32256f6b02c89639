import { type AddressInfo, createServer, type Server } from 'node:net';
import { type ConfigKey, optionNameOf, optionTextOf } from '../config/config-schema.ts';
import { findPortHolder } from './port-holder.ts';

export type PortKey = Extract<ConfigKey, `${string}Port`>;

/** What can be changed about where we listen does not work. The message says what and how. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Listens, or says who has the port and which option moves us. Gives: the port, which 0 leaves to the system. */
export async function listen(server: Server, key: PortKey, host: string, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenError(error, key, host, port);
  }
  return (server.address() as AddressInfo).port;
}

/**
 * Tries a port without keeping it, so that a taken one is told before the database starts. Listening itself may
 * still fail; it says the same then.
 */
export async function checkPortIsFree(key: PortKey, host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await listen(server, key, host, port);
  await new Promise((resolve) => server.close(resolve));
}

export function listenError(error: unknown, key: PortKey, host: string, port: number): Error {
  const { code } = error as NodeJS.ErrnoException;
  const what = `port ${port} (${optionTextOf(key).description}) on ${host}`;
  const move = `choose another with --${optionNameOf(key)}`;
  switch (code) {
    case 'EADDRINUSE': {
      const holder = findPortHolder(port);
      const by = holder === undefined ? '' : ` by process ${holder.pid} (${holder.command})`;
      return new ListenError(`${what} is taken${by}. Stop it, or ${move}.`, { cause: error });
    }
    case 'EACCES':
      return new ListenError(`${what} may not be used by this user; ${move}.`, { cause: error });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(`--listen: ${host} is no address of this machine.`, { cause: error });
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}
