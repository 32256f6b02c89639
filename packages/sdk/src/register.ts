/**
 * `node --import @spanwise/sdk/register app.js`: tracing without a line of code. The service's name is
 * `OTEL_SERVICE_NAME`, else that of the nearest `package.json`.
 */
import { getStringFromEnv } from '@opentelemetry/core';
import { findProgramPackage } from './configuration/program-package.ts';
import { setupTracing } from './setup-tracing.ts';

/** The specification's name for a service that nobody named. */
const UNKNOWN_SERVICE = 'unknown_service:node';

const tracing = setupTracing(
  getStringFromEnv('OTEL_SERVICE_NAME') ?? findProgramPackage().name ?? UNKNOWN_SERVICE,
);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, async () => {
    // An application that handles the signal decides itself when to exit.
    const isAlone = process.listenerCount(signal) === 0;
    await tracing.shutdown();
    if (isAlone) process.kill(process.pid, signal);
  });
}
