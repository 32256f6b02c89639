import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds packages/web unless what is built comes from the sources as they are. */

const checkout = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(checkout, 'packages/web/dist/.built-from');

const sourcesHash = hashSources();
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesHash) process.exit(0);

console.log('Building the web app …');
const vite = path.join(checkout, 'node_modules/vite/bin/vite.js');
const { status } = spawnSync(process.execPath, [vite, 'build', 'packages/web', '--logLevel', 'warn'], {
  cwd: checkout,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
writeFileSync(stamp, sourcesHash);

/** Of everything that ends up in the web app: its own files and the packages that it may import. */
function hashSources(): string {
  const hash = createHash('sha256');
  const roots = ['web', 'model', 'semconv', 'api', 'jaeger', 'analysis'].map((name) => `packages/${name}`);
  for (const file of ['package-lock.json', ...roots.flatMap(listFiles)].sort()) {
    hash.update(`${file}\0`).update(readFileSync(path.join(checkout, file)));
  }
  return hash.digest('hex');
}

function listFiles(folder: string): string[] {
  return readdirSync(path.join(checkout, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['dist', 'node_modules'].includes(entry.name) ? [] : listFiles(file);
    return /\.test\.tsx?$|\.md$/.test(entry.name) ? [] : [file];
  });
}
