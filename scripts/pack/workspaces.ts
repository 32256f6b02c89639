import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));
export const packagesDir = join(checkout, 'packages');

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly engines?: Readonly<Record<string, string>>;
  /** From subpath to a file of `src`. */
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** Below `packages/`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readWorkspaces(): Workspace[] {
  return globSync('*/package.json', { cwd: packagesDir })
    .sort()
    .map((path) => ({
      folder: basename(dirname(path)),
      manifest: JSON.parse(readFileSync(join(packagesDir, path), 'utf8')) as Manifest,
    }));
}

/** `./src/index.ts` becomes `index`. */
export function entryNameOf(source: string): string {
  return basename(source, '.ts');
}

export function packageNameOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
