import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Answers with the UI's page, whatever the address: the UI finds its way by the address. */
export type SendPage = (reply: FastifyReply) => FastifyReply;

/** Serves the UI's files. Without a build, the page says how to make one. Without the front, `/` is another's. */
export async function webApp(
  app: FastifyInstance,
  folder: string,
  { hasFront }: { readonly hasFront: boolean },
): Promise<SendPage> {
  if (!existsSync(join(folder, 'index.html'))) {
    return (reply) => reply.code(503).type('text/html; charset=utf-8').send(missingPage);
  }
  const assets = `${join(folder, 'assets')}${sep}`;
  await app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    // Behind another UI, only what our page asks for by its own path.
    serve: hasFront,
    setHeaders(reply, path) {
      // Names of assets carry a hash of their content.
      reply.header(
        'cache-control',
        path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  if (!hasFront) {
    app.get('/assets/*', (request, reply) =>
      reply.sendFile(`assets/${(request.params as { '*': string })['*']}`),
    );
    app.get('/favicon.svg', (_request, reply) => reply.sendFile('favicon.svg'));
  }
  return (reply) => reply.sendFile('index.html');
}

/** True for what a person opens, false for a file that should be there. */
export function isPageRequest(method: string, url: string): boolean {
  const path = url.split('?', 1)[0]!;
  return (
    (method === 'GET' || method === 'HEAD') &&
    !/^\/(assets|static)\//.test(path) &&
    !/\.[a-z0-9]{2,5}$/.test(path)
  );
}

const missingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Spanwise: the UI is not built</title>
<h1>The UI is not built</h1>
<p>The server runs and its APIs answer. Build the UI with <code>npm run build:web</code>, then start the server again.</p>
</html>
`;
