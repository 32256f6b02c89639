import { type Context, createContextKey } from '@opentelemetry/api';

/**
 * OpenTelemetry JS's mark for "make no spans and write no headers in here". The key is the one of
 * `suppressTracing` in `@opentelemetry/core` 1 to 3 (API keys are registered symbols, so the description is
 * the identity); importing it would tie this package to one major version of the SDK.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A context in which HTTP instrumentations stay silent. */
export function suppressTracing(parent: Context): Context {
  return parent.setValue(SUPPRESS_TRACING, true);
}
