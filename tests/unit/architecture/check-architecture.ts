import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { readImports, type SourceImport } from './source-imports.ts';

export interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Checkout {
  /** ARCHITECTURE.md. */
  readonly architecture: string;
  /** Text of each TypeScript file, by path from the root, with `/`. */
  readonly files: ReadonlyMap<string, string>;
  /** package.json of each workspace by its folder; `.` is the root's. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** Which parts each part may import: from the table whose last column is "may import". */
export function parseImportTable(architecture: string): ReadonlyMap<string, ReadonlySet<string>> {
  const table = new Map<string, ReadonlySet<string>>();
  const [, rows = ''] = architecture.split(/^\|[^\n]*\| may import \|\n\|[-| ]+\|\n/m);
  for (const row of rows.split('\n')) {
    const cells = row.split('|').map((cell) => cell.trim());
    if (cells.length < 4) break;
    const part = (cells[1] ?? '').replaceAll('`', '');
    const allowed = (cells.at(-2) ?? '').split(',').map((name) => name.trim());
    table.set(part, new Set(allowed.filter((name) => name !== 'nothing').map((name) => `packages/${name}`)));
  }
  return table;
}

/** They run in a browser too. */
const portableParts: ReadonlySet<string> = new Set(
  ['model', 'semconv', 'api', 'filter', 'otlp', 'jaeger', 'analysis'].map((name) => `packages/${name}`),
);

/** Declared, used, and never imported. */
const usedWithoutImport: ReadonlyMap<string, readonly string[]> = new Map([
  ['packages/cli', ['@spanwise/web']], // the packed command carries the built web app
]);

/** Everything that is wrong, one line each, in the order of the files. */
export function checkArchitecture(checkout: Checkout): string[] {
  const table = parseImportTable(checkout.architecture);
  const checker = new Checker(checkout, table);
  const problems = Array.from(checkout.files.keys()).flatMap((path) => checker.checkFile(path));
  return [...problems, ...checker.undescribedParts(), ...checker.unusedDependencies(), ...checker.cycles()];
}

class Checker {
  readonly #checkout: Checkout;
  readonly #table: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #imports: ReadonlyMap<string, readonly SourceImport[]>;
  readonly #partByName: ReadonlyMap<string, string>;

  constructor(checkout: Checkout, table: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#checkout = checkout;
    this.#table = table;
    this.#imports = new Map(
      Array.from(checkout.files, ([path, text]) => [path, readImports(path, text)] as const),
    );
    this.#partByName = new Map(
      Array.from(checkout.manifests, ([folder, { name = '' }]) => [name, folder] as const),
    );
  }

  checkFile(path: string): string[] {
    const problems = (this.#imports.get(path) ?? []).map((imported) => this.#checkImport(path, imported));
    return problems.filter((problem) => problem !== undefined);
  }

  #checkImport(path: string, imported: SourceImport): string | undefined {
    const { specifier, isTypeOnly } = imported;
    const part = partOf(path);
    if (specifier.startsWith('.')) return this.#checkRelative(path, imported);
    if (isBuiltin(specifier)) {
      return portableParts.has(part) && !isTestFile(path)
        ? `${path} imports ${specifier}; ${part} also runs in a browser`
        : undefined;
    }
    const name = packageNameOf(specifier);
    const target = this.#partByName.get(name);
    if (target !== undefined) {
      const problem = this.#checkPart(path, part, target);
      if (problem !== undefined || isTestFile(path)) return problem;
    }
    return this.#isDeclared(path, part, name, isTypeOnly || target !== undefined)
      ? undefined
      : `${path} imports ${name}, which ${part}/package.json does not declare`;
  }

  /** What is published must hold together; `demo` may start the scripts of the checkout. */
  #checkRelative(path: string, { specifier, isUrl }: SourceImport): string | undefined {
    const part = partOf(path);
    const target = posix.join(posix.dirname(path), specifier);
    const mayLeave = !this.#table.has(part) || (isUrl && part === 'demo');
    if (partOf(target) !== part && !mayLeave) return `${path} reaches out of ${part}: ${specifier}`;
    if (!/\.tsx?$/.test(target)) return undefined;
    return this.#checkout.files.has(target) ? undefined : `${path} imports ${specifier}, which is not there`;
  }

  #checkPart(path: string, part: string, target: string): string | undefined {
    const allowed = this.#table.get(part);
    if (allowed === undefined || allowed.has(target)) return undefined;
    if (isTestFile(path) && (target === 'packages/testing' || target === part)) return undefined;
    return `${path} imports ${target}, which ARCHITECTURE.md does not allow ${part}`;
  }

  /**
   * Tests may use what the root declares; types and private parts need no place among the run-time dependencies.
   * Suites and benchmarks that span packages have no package.json: what any workspace declares is there for them.
   */
  #isDeclared(path: string, part: string, name: string, isGoneWhenRunning: boolean): boolean {
    const manifests = this.#checkout.manifests;
    if (!this.#table.has(part)) {
      return (
        this.#partByName.has(name) || Array.from(manifests.values()).some((each) => declares(each, name))
      );
    }
    const { devDependencies, ...running } = manifests.get(part) ?? {};
    if (declares(running, name)) return true;
    if ((isGoneWhenRunning || isTestFile(path)) && devDependencies?.[name] !== undefined) return true;
    return isTestFile(path) && declares(manifests.get('.') ?? {}, name);
  }

  /** A part without a row could import anything. */
  undescribedParts(): string[] {
    return Array.from(this.#checkout.manifests.keys())
      .filter((folder) => folder !== '.' && !this.#table.has(folder))
      .map((folder) => `${folder} has no row in ARCHITECTURE.md`);
  }

  unusedDependencies(): string[] {
    return Array.from(this.#checkout.manifests)
      .filter(([folder]) => folder !== '.')
      .flatMap(([folder, { dependencies, devDependencies, peerDependencies }]) => {
        const declared = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
        const used = new Set(usedWithoutImport.get(folder));
        for (const [path, imports] of this.#imports) {
          if (partOf(path) === folder)
            for (const { specifier } of imports) used.add(packageNameOf(specifier));
        }
        return declared
          .filter((name) => !used.has(name) && !name.startsWith('@types/'))
          .map((name) => `${folder}/package.json declares ${name}, which nothing there imports`);
      });
  }

  /** Each cycle once, from its alphabetically first file. */
  cycles(): string[] {
    const found = new Set<string>();
    const done = new Set<string>();
    for (const start of this.#imports.keys()) {
      const trail: { path: string; next: string[] }[] = [];
      const open = new Map<string, number>();
      const enter = (path: string) => {
        open.set(path, trail.length);
        trail.push({ path, next: this.#filesImportedBy(path) });
      };
      if (!done.has(start)) enter(start);
      for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
        const next = top.next.pop();
        if (next === undefined) {
          done.add(top.path);
          open.delete(top.path);
          trail.pop();
        } else if (open.has(next)) {
          found.add(describeCycle(trail.slice(open.get(next)).map(({ path }) => path)));
        } else if (!done.has(next)) {
          enter(next);
        }
      }
    }
    return Array.from(found);
  }

  #filesImportedBy(path: string): string[] {
    return (this.#imports.get(path) ?? [])
      .filter(({ specifier, isUrl, isTypeOnly }) => specifier.startsWith('.') && !isUrl && !isTypeOnly)
      .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
      .filter((target) => this.#checkout.files.has(target));
  }
}

function declares(manifest: Manifest, name: string): boolean {
  const { dependencies, devDependencies, peerDependencies } = manifest;
  return name in { ...dependencies, ...devDependencies, ...peerDependencies };
}

function describeCycle(paths: readonly string[]): string {
  const first = paths.indexOf(paths.toSorted()[0] ?? '');
  const turned = [...paths.slice(first), ...paths.slice(0, first)];
  return `import cycle: ${[...turned, turned[0]].join(' → ')}`;
}

/** `packages/<name>`, else the top folder. */
function partOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'packages' ? `${top}/${second}` : top;
}

function packageNameOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}

/** Tests, what only they use, and the configuration of tools. */
function isTestFile(path: string): boolean {
  return /\.(test|fixture|bench)\.tsx?$|\/(testing|fixtures)\/|\.config\.ts$/.test(path);
}
