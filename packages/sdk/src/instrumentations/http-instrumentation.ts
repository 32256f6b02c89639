import { IncomingMessage } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { attributeKey } from '@spanwise/semconv';

/** Paths that orchestrators ask every few seconds; a span for each would bury the traces that matter. */
export const HEALTH_PATHS: readonly string[] = [
  '/health',
  '/healthz',
  '/livez',
  '/readyz',
  '/ready',
  '/live',
  '/metrics',
];

/**
 * Server and client spans for `node:http` and `node:https`. OpenTelemetry's instrumentation waits for somebody
 * to `require('http')` after it; in an ES module that has already happened when `setupTracing` runs. So the
 * modules are required here, which patches them in place for everybody, and the named exports that
 * `import { request } from 'node:http'` sees are brought up to date.
 */
export function createHttpInstrumentation(ignoredPaths: readonly string[]): HttpInstrumentation {
  const ignored: ReadonlySet<string> = new Set(ignoredPaths);
  const instrumentation = new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => ignored.has(pathOf(request.url)),
    applyCustomAttributesOnSpan: (span, request) => {
      if (request instanceof IncomingMessage) nameByExpressRoute(span, request);
    },
  });
  // Of built-in modules, for which any place will do: a bundle has no `import.meta.url`.
  const require = createRequire(`${process.cwd()}/`);
  require('node:http');
  require('node:https');
  syncBuiltinESMExports();
  return instrumentation;
}

function pathOf(url: string | undefined): string {
  return url?.split('?', 1)[0] ?? '';
}

/** Express leaves the route that answered on the request itself. */
interface ExpressRequest {
  readonly route?: { readonly path?: unknown };
  readonly baseUrl?: unknown;
}

function nameByExpressRoute(span: Span, request: IncomingMessage): void {
  const { route, baseUrl } = request as ExpressRequest;
  if (typeof route?.path !== 'string') return;
  const path = `${typeof baseUrl === 'string' ? baseUrl : ''}${route.path}`;
  span.setAttribute(attributeKey.httpRoute, path).updateName(`${request.method ?? 'GET'} ${path}`);
}
