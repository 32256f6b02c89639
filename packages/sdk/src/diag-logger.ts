import { type DiagLogFunction, type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { diagLogLevelFromString, getStringFromEnv } from '@opentelemetry/core';

/**
 * Makes OpenTelemetry's own messages visible, warnings and errors by default (`OTEL_LOG_LEVEL`). On standard
 * error, because a service's log lines are on standard output. A logger that the application has set stays.
 */
export function ensureDiagLogger(): void {
  if (hasDiagLogger()) return;
  const logLevel = diagLogLevelFromString(getStringFromEnv('OTEL_LOG_LEVEL')) ?? DiagLogLevel.WARN;
  diag.setLogger(stderrLogger, { logLevel });
}

const toStderr: DiagLogFunction = (message, ...args) => console.error(message, ...args);

const stderrLogger: DiagLogger = {
  error: toStderr,
  warn: toStderr,
  info: toStderr,
  debug: toStderr,
  verbose: toStderr,
};

/** The API can set a logger but not tell whether there is one; this is where it keeps its globals (`internal/global-utils`). */
function hasDiagLogger(): boolean {
  const globals = (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')];
  return typeof globals === 'object' && globals !== null && 'diag' in globals && globals.diag !== undefined;
}
