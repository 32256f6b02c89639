import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { checkout, packageNameOf, packagesDir, type Workspace } from './workspaces.ts';

/**
 * Emits the types of a package and of the private workspaces they mention into `dist/types/<folder>/src/…`, as far
 * as the entries reach. Published workspaces keep their name: they are dependencies.
 */
export function emitDeclarations(workspace: Workspace, workspaces: readonly Workspace[], dist: string): void {
  const emitted = mkdtempSync(join(checkout, 'packages', workspace.folder, 'dist', '.types-'));
  try {
    emitAll([workspace, ...privateOnes(workspace, workspaces)], emitted);
    const entries = Object.values(workspace.manifest.exports ?? {});
    const waiting = entries.map((source) => declarationOf(posix.join(workspace.folder, source)));
    const done = new Set<string>();
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      if (done.has(file)) continue;
      done.add(file);
      const { text, mentioned } = rewrite(file, readFileSync(join(emitted, file), 'utf8'), workspaces);
      const target = join(dist, 'types', file);
      cpSync(join(emitted, file), target, { recursive: true });
      writeFileSync(target, text);
      waiting.push(...mentioned);
    }
  } finally {
    rmSync(emitted, { recursive: true });
  }
}

/** tsc takes what it finds through node_modules for a library and writes nothing for it: name each as an entry. */
function privateOnes({ manifest }: Workspace, workspaces: readonly Workspace[]): Workspace[] {
  const mentioned = { ...manifest.dependencies, ...manifest.devDependencies };
  return workspaces.filter((each) => each.manifest.private === true && each.manifest.name in mentioned);
}

function emitAll(workspaces: readonly Workspace[], emitted: string): void {
  const settings = {
    extends: relative(emitted, join(checkout, 'tsconfig.json')),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: '.',
      rootDir: relative(emitted, packagesDir),
      types: ['node'],
      typeRoots: [join(checkout, 'node_modules/@types')],
    },
    files: workspaces.flatMap(({ folder, manifest }) =>
      Object.values(manifest.exports ?? {}).map((source) =>
        relative(emitted, join(packagesDir, folder, source)),
      ),
    ),
    include: [],
  };
  const config = join(emitted, 'tsconfig.json');
  writeFileSync(config, JSON.stringify(settings));
  const tsc = join(checkout, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tsc could not write types:\n${stdout}`);
}

/** Relative `.ts` becomes `.js`; a private workspace becomes the relative path of its own declarations. */
function rewrite(file: string, text: string, workspaces: readonly Workspace[]) {
  const mentioned: string[] = [];
  const specifier = /(\bfrom\s+|\bimport\(\s*|\bimport\s+)(['"])([^'"\n]+)\2/g;
  const rewritten = text.replaceAll(specifier, (whole, before: string, quote: string, path: string) => {
    const target = path.startsWith('.')
      ? declarationOf(posix.join(dirname(file), path))
      : privateEntry(path, workspaces);
    if (target === undefined) return whole;
    mentioned.push(target);
    const relativePath = posix.relative(dirname(file), target).replace(/\.d\.ts$/, '.js');
    return `${before}${quote}${relativePath.startsWith('.') ? relativePath : `./${relativePath}`}${quote}`;
  });
  return { text: rewritten, mentioned };
}

function privateEntry(specifier: string, workspaces: readonly Workspace[]): string | undefined {
  const name = packageNameOf(specifier);
  const workspace = workspaces.find(({ manifest }) => manifest.private === true && manifest.name === name);
  const source = workspace?.manifest.exports?.[`.${specifier.slice(name.length)}`];
  if (workspace === undefined || source === undefined) return undefined;
  return declarationOf(posix.join(workspace.folder, source));
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, '.d.ts');
}
