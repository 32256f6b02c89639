import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { version } from '../version.ts';
import { securityHeaders } from './security-headers.ts';
import type { SendPage } from './web-app.ts';

/** A built jaeger-ui, as its users see it. */
export interface JaegerUi {
  readonly page: string;
  readonly contentSecurityPolicy: string;
  /** Files under `/static/`. */
  readonly staticFolder: string;
}

/** Under which our own UI stands, whether another one has the front or not. */
export const ownUiPath = '/spanwise';

/**
 * Whatever the page says about its server is a line that the server replaces. (jaegertracing/jaeger, commit 8498073f,
 * jaegerquery/internal/static_handler.go; jaeger-ui, packages/jaeger-ui/index.html. Builds before 2.17 know storage
 * capabilities only.)
 */
const placeholders: readonly (readonly [pattern: RegExp, name: string, value: object])[] = [
  [
    /JAEGER_CONFIG *= *DEFAULT_CONFIG;/,
    'JAEGER_CONFIG',
    {
      deepDependencies: { menuEnabled: true },
      // The page takes each of these whole, without its defaults.
      qualityMetrics: { menuEnabled: true, menuLabel: 'Trace Quality', apiEndpoint: '/api/quality-metrics' },
      menu: [
        { label: 'Spanwise', url: `${ownUiPath}/`, anchorTarget: '_self' },
        {
          label: 'About',
          items: [
            { label: `Spanwise ${version}` },
            { label: 'Website / Docs', url: 'https://www.jaegertracing.io/' },
          ],
        },
      ],
    },
  ],
  [
    /JAEGER_VERSION *= *DEFAULT_VERSION;/,
    'JAEGER_VERSION',
    { gitCommit: '', gitVersion: `Spanwise ${version}`, buildDate: '' },
  ],
  [
    /JAEGER_STORAGE_CAPABILITIES *= *DEFAULT_STORAGE_CAPABILITIES;/,
    'JAEGER_STORAGE_CAPABILITIES',
    { archiveStorage: true, metricsStorage: true },
  ],
  [
    /JAEGER_BACKEND_CAPABILITIES *= *DEFAULT_BACKEND_CAPABILITIES;/,
    'JAEGER_BACKEND_CAPABILITIES',
    { archiveStorage: true, metricsStorage: true, searchWithoutServiceName: true, aiAssistant: false },
  ],
];

/** Reads a build once. @throws Error saying what is missing in the folder. */
export function readJaegerUi(folder: string): JaegerUi {
  let page = readFileSync(join(folder, 'index.html'), 'utf8');
  if (!placeholders[0]![0].test(page)) throw new Error('its index.html is not that of jaeger-ui');
  const staticFolder = join(folder, 'static');
  if (!statSync(staticFolder).isDirectory()) throw new Error('static is no folder');
  for (const [pattern, name, value] of placeholders) {
    page = page.replace(pattern, () => `${name} = ${JSON.stringify(value).replaceAll('<', '\\u003c')};`);
  }
  // The page sets it by a script, which a browser that looks ahead for files does not wait for.
  page = page.replace(/<head>/, '<head><base href="/" />');
  return { page, contentSecurityPolicy: policyFor(page), staticFolder };
}

/**
 * Its scripts in the page by their content, no others; the graphs' layout is WebAssembly in a worker; its styles are
 * made while it runs; the page sets `<base>` itself.
 */
function policyFor(page: string): string {
  const inline = Array.from(page.matchAll(/<script>([\s\S]*?)<\/script>/g), ([, script]) => script!);
  const hashes = inline.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const changed = new Map([
    ['script-src', `'self' 'wasm-unsafe-eval' ${hashes.join(' ')}`],
    ['style-src', "'self' 'unsafe-inline'"],
    ['font-src', "'self' data:"],
    ['base-uri', "'self'"],
  ]);
  return securityHeaders['content-security-policy']
    .split('; ')
    .map((directive) => {
      const name = directive.split(' ', 1)[0]!;
      return changed.has(name) ? `${name} ${changed.get(name)}` : directive;
    })
    .join('; ');
}

/** Serves its files. Gives what answers with its page, whatever the address. */
export async function jaegerUiApp(app: FastifyInstance, ui: JaegerUi): Promise<SendPage> {
  await app.register(fastifyStatic, {
    root: ui.staticFolder,
    prefix: '/static/',
    decorateReply: false,
    index: false,
    cacheControl: false,
    setHeaders(reply) {
      // Names carry a hash of the content; a worker has the policy of its own file.
      reply.header('cache-control', 'public, max-age=31536000, immutable');
      reply.header('content-security-policy', ui.contentSecurityPolicy);
    },
  });
  return (reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .header('content-security-policy', ui.contentSecurityPolicy)
      .send(ui.page);
}
