import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './pack/bundle.ts';
import { emitDeclarations } from './pack/declarations.ts';
import { publishedManifest } from './pack/published-manifest.ts';
import { checkout, packagesDir, readWorkspaces, type Workspace } from './pack/workspaces.ts';

/*
 * node scripts/pack.ts [folder…]
 *
 * Builds the packages that are published into packages/<folder>/dist, from where `npm pack ./packages/<folder>/dist`
 * takes them: plain JavaScript, private workspaces bundled, other packages left to npm.
 */

/** What each package runs beside the entries of its `exports` and `bin`, named as it is started. */
const startedEntries: Readonly<Record<string, readonly string[]>> = {
  cli: ['server/src/pipeline/decode-worker.ts', 'store/src/embedded/engine-process.ts'],
};

/** The command is used, not imported: nobody needs its types. */
const typedFolders: ReadonlySet<string> = new Set(['instrumentation', 'sdk']);

const workspaces = readWorkspaces();
const published = workspaces.filter(({ manifest }) => manifest.private !== true);
const wanted = process.argv.slice(2);
for (const folder of wanted) {
  if (!published.some((workspace) => workspace.folder === folder)) {
    console.error(
      `${folder} is not published; published are: ${published.map((each) => each.folder).join(', ')}`,
    );
    process.exit(2);
  }
}
for (const workspace of published) {
  if (wanted.length === 0 || wanted.includes(workspace.folder)) await pack(workspace);
}

async function pack(workspace: Workspace): Promise<void> {
  const { folder, manifest } = workspace;
  const dist = join(packagesDir, folder, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });

  const used = await bundle(workspace, workspaces, startedEntries[folder] ?? [], dist);
  const isTyped = typedFolders.has(folder);
  if (isTyped) emitDeclarations(workspace, workspaces, dist);

  const readme = join(packagesDir, folder, 'README.md');
  cpSync(existsSync(readme) ? readme : join(checkout, 'README.md'), join(dist, 'README.md'));
  cpSync(join(checkout, 'LICENSE'), join(dist, 'LICENSE'));
  if (folder === 'cli') {
    addWebApp(dist);
    cpSync(join(packagesDir, 'server/src/query/grpc/proto'), join(dist, 'proto'), { recursive: true });
  }

  const packed = publishedManifest(workspace, workspaces, used, isTyped);
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(packed, undefined, 2)}\n`);
  for (const file of Object.values(packed.bin ?? {})) chmodSync(join(dist, file), 0o755);
  console.log(`${manifest.name} ${manifest.version}: packages/${folder}/dist`);
}

/** Beside the bundled server, which looks there. */
function addWebApp(dist: string): void {
  const { status } = spawnSync(process.execPath, [join(checkout, 'scripts/build-web.ts')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  cpSync(join(packagesDir, 'web/dist'), join(dist, 'web'), {
    recursive: true,
    filter: (file) => !file.endsWith('.built-from'),
  });
}
