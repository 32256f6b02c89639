import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { controlSocketPath } from './control-socket.ts';

/** What the server refused, or could not do. The message is for people. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export interface ControlCall {
  /** What the server answers, as it comes. Errors: `ControlError`. */
  readonly lines: AsyncIterableIterator<object>;
  /** Tells the server that nobody listens any more. */
  end(): void;
}

/**
 * Calls the server that runs on a data folder.
 * Absence: undefined when none listens there. Errors: `ControlError`.
 */
export async function callControl(
  dataDir: string,
  path: string,
  body: object,
): Promise<ControlCall | undefined> {
  const asked = request({ socketPath: controlSocketPath(dataDir), method: 'POST', path });
  asked.end(JSON.stringify(body));
  let response: IncomingMessage;
  try {
    [response] = (await once(asked, 'response')) as [IncomingMessage];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'EINVAL') return undefined;
    throw new ControlError(`the server on ${dataDir} does not answer (${code})`, { cause: error });
  }
  if (response.statusCode !== 200) {
    throw new ControlError(`the server on ${dataDir} refused: ${await text(response)}`);
  }
  return { lines: linesOf(response, dataDir), end: () => asked.destroy() };
}

async function* linesOf(response: IncomingMessage, dataDir: string): AsyncGenerator<object> {
  // It ends when the server does.
  response.on('error', () => {});
  for await (const line of createInterface({ input: response })) {
    const told = JSON.parse(line) as { readonly error?: string };
    if (told.error !== undefined) throw new ControlError(`the server on ${dataDir}: ${told.error}`);
    yield told;
  }
  if (!response.complete) throw new ControlError(`the server on ${dataDir} ended`);
}
