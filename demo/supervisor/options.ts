import path from 'node:path';
import { parseArgs } from 'node:util';
import { highestDefaultPort } from './ports.ts';

export interface Options {
  readonly help: boolean;
  readonly version: boolean;
  /** Services and conversation, or the backend alone. */
  readonly demo: boolean;
  readonly once: boolean;
  readonly portOffset: number;
  readonly verbose: boolean;
  /** Absolute. */
  readonly dataDir: string;
}

/** A mistake on the command line; the message says which option and what is allowed. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

export const helpText = `Starts Spanwise and a demo agent of six services, sends a three-turn conversation and
prints where each turn spent its time.

  npm start -- [options]

  --no-demo          the backend alone: no services, no conversation
  --once             end after the conversation; exit code 0, or 1 if anything failed
  --port-offset N    add N to every port (0 to ${65_535 - highestDefaultPort}; default 0)
  --data-dir DIR     where traces are kept (default .spanwise/data in the checkout)
  --verbose          show the logs of all processes, each line with its process's name
  --version          print the version
  --help             print this

Environment: DATABASE_URL uses that PostgreSQL (with pgvector) instead of the built-in one.
OPENAI_API_KEY and OPENAI_BASE_URL let the agent talk to a real model instead of the offline answerer.
Ctrl-C ends everything; pressed again, it ends at once.`;

/** Errors: `OptionsError`. */
export function parseOptions(argv: readonly string[], checkout: string): Options {
  const { values } = parse(argv);
  const portOffset = Number(values['port-offset'] ?? '0');
  const highest = 65_535 - highestDefaultPort;
  if (
    values['port-offset'] === '' ||
    !Number.isInteger(portOffset) ||
    portOffset < 0 ||
    portOffset > highest
  ) {
    throw new OptionsError(
      `--port-offset must be a whole number from 0 to ${highest}, not "${values['port-offset']}"`,
    );
  }
  return {
    help: values.help ?? false,
    version: values.version ?? false,
    demo: !(values['no-demo'] ?? false),
    once: values.once ?? false,
    portOffset,
    verbose: values.verbose ?? false,
    dataDir:
      values['data-dir'] === undefined
        ? path.join(checkout, '.spanwise', 'data')
        : path.resolve(values['data-dir']),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
        'no-demo': { type: 'boolean' },
        once: { type: 'boolean' },
        'port-offset': { type: 'string' },
        verbose: { type: 'boolean' },
        'data-dir': { type: 'string' },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
