import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));

const folders = ['instrumentation', 'sdk', 'cli'] as const;

/** A published package, as a file that npm installs from. */
export interface Tarball {
  readonly name: string;
  readonly file: string;
}

/** Builds all published packages and packs them into `destination`, as a release does. */
export function packAll(destination: string): readonly Tarball[] {
  execFileSync(process.execPath, [join(checkout, 'scripts/pack.ts')], { cwd: checkout, stdio: 'ignore' });
  return folders.map((folder) => {
    const listing = execFileSync(
      'npm',
      ['pack', `./packages/${folder}/dist`, '--json', '--pack-destination', destination],
      { cwd: checkout, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [packed]: { name: string; filename: string }[] = Object.values(JSON.parse(listing));
    if (packed === undefined) throw new Error(`npm pack said nothing about ${folder}`);
    return { name: packed.name, file: join(destination, packed.filename) };
  });
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'spanwise-packages-'));
}

export interface RunOptions {
  readonly flags?: readonly string[];
  /** Node.js, the one of this run, if absent. */
  readonly runtime?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Somebody's project, empty but for what npm installs into it from the registry and from our tarballs. */
export class PackedProject {
  readonly folder = temporaryFolder();

  constructor(specifiers: readonly string[], type: 'module' | 'commonjs') {
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ private: true, type }));
    this.#npm('install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', ...specifiers);
  }

  /** Names and the versions of each, of all that is installed. */
  installed(): ReadonlyMap<string, readonly string[]> {
    const { packages } = JSON.parse(readFileSync(join(this.folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; optional?: boolean }>;
    };
    const versions = new Map<string, string[]>();
    for (const [path, { version }] of Object.entries(packages)) {
      if (path === '') continue;
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      versions.set(name, [...(versions.get(name) ?? []), version]);
    }
    return versions;
  }

  /** Writes a program, runs it, and gives what it prints. */
  run(
    file: string,
    source: string,
    { flags = [], runtime = process.execPath, env = {} }: RunOptions = {},
  ): string {
    writeFileSync(join(this.folder, file), source);
    return execFileSync(runtime, [...flags, file], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...env },
    }).trim();
  }

  /** What the compiler of the project has to say about a file, libraries included. */
  complaints(file: string, source: string, more: readonly string[] = []): string {
    writeFileSync(join(this.folder, file), source);
    const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit'];
    const target = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,esnext.disposable'];
    const libraries = ['--types', 'node', '--skipLibCheck', 'false'];
    try {
      const tsc = join(this.folder, 'node_modules/typescript/bin/tsc');
      return execFileSync(process.execPath, [tsc, ...flags, ...target, ...libraries, ...more, file], {
        cwd: this.folder,
        encoding: 'utf8',
      });
    } catch (thrown) {
      return String((thrown as { stdout?: unknown }).stdout ?? thrown);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #npm(...flags: string[]): void {
    execFileSync('npm', flags, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
