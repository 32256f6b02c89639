import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../error-catalogue.ts';
import type { QueryContext } from '../../query-context.ts';
import { v1Routes } from '../v1-routes.ts';
import { buildOpenApiDocument } from './build-openapi-document.ts';
import { operations } from './operations.ts';

const document = buildOpenApiDocument();
const text = JSON.stringify(document);

/** Nothing is asked: routes only keep the context. */
async function registeredRoutes(): Promise<readonly string[]> {
  const app = fastify({ exposeHeadRoutes: false });
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push(`${one.toLowerCase()} ${url}`);
  });
  await app.register(async (scope) => v1Routes(scope, {} as QueryContext));
  await app.ready();
  await app.close();
  return routes.map((route) => route.replace(/:(\w+)/g, '{$1}')).sort();
}

describe('the OpenAPI document', () => {
  it('describes every route of the server, and no other', async () => {
    const described = operations.map(({ method, path }) => `${method} ${path}`).sort();
    expect(described).toEqual(await registeredRoutes());
  });

  it('names every error of docs/errors.md', () => {
    for (const code of Object.keys(errorCatalogue)) expect(text).toContain(`(\`${code}\`)`);
  });

  it('refers only to what it holds', () => {
    const { responses, schemas } = document.components;
    const held = [
      ...Object.keys(responses).map((id) => `#/components/responses/${id}`),
      ...Object.keys(schemas).map((id) => `#/components/schemas/${id}`),
    ];
    const refs = Array.from(text.matchAll(/"\$ref":"([^"]+)"/g), ([, ref]) => ref!);
    expect(refs).not.toHaveLength(0);
    expect(held).toEqual(expect.arrayContaining(Array.from(new Set(refs))));
  });

  it('is docs/openapi.json (else: npm run openapi)', () => {
    const path = fileURLToPath(new URL('../../../../../../docs/openapi.json', import.meta.url));
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(text));
  });
});
