import { writeFileSync } from 'node:fs';
import { buildOpenApiDocument } from '@spanwise/server';

/** Writes docs/openapi.json. A test of packages/server compares it. */
const path = new URL('../docs/openapi.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(buildOpenApiDocument(), undefined, 2)}\n`);
