import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { entryNameOf, packageNameOf, packagesDir, type Workspace } from './workspaces.ts';

/**
 * Bundles a published package: a file per entry, and chunks for what they share, all in `dist` itself, so that
 * `import.meta.url` is the same folder everywhere.
 * Gives: the names of the packages that the result imports.
 */
export async function bundle(
  workspace: Workspace,
  workspaces: readonly Workspace[],
  startedEntries: readonly string[],
  dist: string,
): Promise<ReadonlySet<string>> {
  const { folder, manifest } = workspace;
  const sources = new Set([...Object.values(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})]);
  const input = [
    ...Array.from(sources, (source) => join(packagesDir, folder, source)),
    ...startedEntries.map((source) => join(packagesDir, source)),
  ];
  const bundled = new Set(
    workspaces.filter((each) => each.manifest.private === true).map((each) => each.manifest.name),
  );
  const isLeftToNpm = (specifier: string) =>
    isBuiltin(specifier) || (!/^[./]/.test(specifier) && !bundled.has(packageNameOf(specifier)));

  const build = await rolldown({
    input: Object.fromEntries(input.map((source) => [entryNameOf(source), source])),
    external: (specifier, _importer, isResolved) => !isResolved && isLeftToNpm(specifier),
    platform: 'node',
    transform: { target: `node${manifest.engines?.node?.replace('>=', '')}` },
    plugins: [pointIntoDist(startedEntries)],
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: false,
  });
  await build.close();
  const imported = output.flatMap((file) =>
    file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : [],
  );
  return new Set(
    imported
      .filter((name) => !isBuiltin(name) && isLeftToNpm(name) && !name.endsWith('.js'))
      .map(packageNameOf),
  );
}

/**
 * Files that are named by URL stand somewhere else in the bundle: workers and child processes beside the entries,
 * as `.js`; the web app in `web`, protocol files in `proto`.
 */
function pointIntoDist(startedEntries: readonly string[]): Plugin {
  const moved = new Map([
    ['../../web/dist', './web'],
    ['./proto', './proto'],
  ]);
  for (const entry of startedEntries) moved.set(`./${entryNameOf(entry)}.ts`, `./${entryNameOf(entry)}.js`);
  return {
    name: 'point-into-dist',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      return code.replaceAll(/new URL\('([^']+)', import\.meta\.url\)/g, (_, path: string) => {
        const target = moved.get(path);
        if (target === undefined) throw new Error(`${id} names ${path}, which the bundle does not hold`);
        return `new URL('${target}', import.meta.url)`;
      });
    },
  };
}
