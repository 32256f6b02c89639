import { ConfigError, createLogger, createSpanwiseServer, loadConfig } from '@spanwise/server';

/** Runs the server until it is told to stop. */
export async function serve(flags: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
  let config: ReturnType<typeof loadConfig>;
  try {
    config = loadConfig({ flags, env: process.env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`spanwise: ${error.message}\n`);
    process.exitCode = 2;
    return;
  }
  const server = createSpanwiseServer(config, { logger: createLogger() });
  await server.start();
}
