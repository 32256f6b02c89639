import {
  ConfigError,
  createLogger,
  createSpanwiseServer,
  type Logger,
  loadConfig,
  type SpanwiseConfig,
  type SpanwiseServer,
  version,
} from '@spanwise/server';
import { formatServerAddress } from '@spanwise/store';

/** Ctrl-C must end everything within 5 s. What is not stored by then is in the spool. */
const closeMillis = 4_000;
const orphanCheckMillis = 250;

/** Runs the server until it is told to stop. */
export async function serve(flags: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
  const config = readConfig(flags);
  if (config === undefined) return;
  const logger = createLogger();
  const server = createSpanwiseServer(config, { logger });
  // Nothing that arrives may end the process. Requests share only spool and engine, which check what they keep
  // and acknowledge nothing before it is on disk; so going on is safe, and stopping would cost everybody.
  process.on('uncaughtException', (error, origin) => {
    logger.error({ err: error, origin }, 'an error that nobody caught; the server goes on');
  });
  stopOnSignals(server, logger);
  try {
    await server.start();
  } catch (error) {
    process.stderr.write(`spanwise: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
  const { query, otlpGrpc, otlpHttp } = server.addresses;
  process.stdout.write(
    `spanwise ${version} ready: UI http://${query} · OTLP grpc ${otlpGrpc}, http ${otlpHttp} · data ${dataOf(config)}\n`,
  );
}

function dataOf({ storage, dataDir }: SpanwiseConfig): string {
  return storage === 'embedded' ? dataDir : `${formatServerAddress(storage)}, spool ${dataDir}`;
}

function readConfig(flags: Readonly<Record<string, string | readonly string[]>>): SpanwiseConfig | undefined {
  try {
    return loadConfig({ flags, env: process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`spanwise: ${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

function stopOnSignals(server: SpanwiseServer, logger: Logger): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    try {
      await server.close(closeMillis);
    } catch (error) {
      logger.error({ err: error }, 'not everything could be closed; what was acknowledged is on disk');
      process.exit(1);
    }
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A supervisor that is gone can't stop us later. What was acknowledged is on disk.
  if (process.send !== undefined) process.on('disconnect', () => process.exit(1));
  if (process.env.npm_lifecycle_event === 'npx') stopWhenOrphaned(stop);
}

/** npx passes no signal on: the shell between it and us ends, and we would be left. */
function stopWhenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, orphanCheckMillis);
  timer.unref();
}
