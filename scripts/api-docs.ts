import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { checkout, packagesDir } from './pack/workspaces.ts';

/*
 * npm run docs:api
 *
 * API pages of the packages that are imported, from their docstrings, into `dist/api`. TypeDoc needs the compiler API of
 * TypeScript 6, which `tools/api-docs` has for itself. It reads our declarations of packages/<folder>/dist, as
 * an editor at the user's shows them.
 */

const documented = ['instrumentation', 'sdk'] as const;
const typedoc = join(checkout, 'tools/api-docs/node_modules/typedoc/bin/typedoc');
if (!existsSync(typedoc)) {
  console.error('TypeDoc is not installed: npm ci --prefix tools/api-docs');
  process.exit(2);
}

run(join(checkout, 'scripts/pack.ts'), ...documented);
const scratch = mkdtempSync(join(packagesDir, 'sdk/dist/.api-'));
try {
  const entries = documented.map((folder) => {
    const declarations = join(packagesDir, folder, 'dist/types', folder, 'src/index.js');
    // A page is called after its entry's file.
    const entry = join(scratch, `${folder}.d.ts`);
    writeFileSync(entry, `export * from './${relative(scratch, declarations)}';\n`);
    return { folder, entry };
  });
  const config = join(scratch, 'tsconfig.json');
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'esnext.collection'],
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(checkout, 'node_modules/@types')],
    paths: Object.fromEntries(entries.map(({ folder }) => [`@spanwise/${folder}`, [`./${folder}.d.ts`]])),
  };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: entries.map(({ entry }) => entry) }));
  const options = {
    name: 'Spanwise',
    readme: join(packagesDir, 'sdk/README.md'),
    out: join(checkout, 'dist/api'),
    entryPoints: entries.map(({ entry }) => entry),
    tsconfig: config,
    disableSources: true,
    // What another package exports is linked there, and what none exports is named without a page.
    validation: { notExported: false },
    externalSymbolLinkMappings: {
      '@opentelemetry/api': { '*': 'https://open-telemetry.github.io/opentelemetry-js/' },
    },
    treatWarningsAsErrors: true,
  };
  writeFileSync(join(scratch, 'typedoc.json'), JSON.stringify(options));
  run(typedoc, '--options', join(scratch, 'typedoc.json'));
} finally {
  rmSync(scratch, { recursive: true });
}

function run(program: string, ...flags: string[]): void {
  const { status } = spawnSync(process.execPath, [program, ...flags], { cwd: checkout, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
