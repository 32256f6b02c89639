import { entryNameOf, type Manifest, type Workspace } from './workspaces.ts';

interface PackedExport {
  readonly types?: string;
  readonly default: string;
}

type PackedManifest = Omit<Manifest, 'exports' | 'devDependencies' | 'private'> & {
  readonly exports?: Readonly<Record<string, PackedExport>>;
};

/**
 * The package.json of what is packed: entries point at JavaScript, and dependencies are what the bundle imports,
 * in the versions that the workspaces it was made from ask for.
 * Errors: throws when two of them ask for different versions, or none for one that is used.
 */
export function publishedManifest(
  workspace: Workspace,
  workspaces: readonly Workspace[],
  used: ReadonlySet<string>,
  isTyped: boolean,
): PackedManifest {
  const { devDependencies: _, private: __, exports = {}, bin, dependencies, ...rest } = workspace.manifest;
  const needed = Array.from(used).filter((name) => rest.peerDependencies?.[name] === undefined);
  const packedExports = Object.entries(exports).map(([subpath, source]): [string, PackedExport] => [
    subpath,
    {
      ...(isTyped
        ? { types: `./types/${workspace.folder}/${source.replace(/^\.\//, '').replace(/\.ts$/, '.d.ts')}` }
        : {}),
      default: `./${entryNameOf(source)}.js`,
    },
  ]);
  return {
    ...rest,
    exports: Object.fromEntries(packedExports),
    ...(bin === undefined ? {} : { bin: mapValues(bin, (source) => `./${entryNameOf(source)}.js`) }),
    dependencies: Object.fromEntries(
      needed.sort().map((name) => [name, dependencies?.[name] ?? versionOf(name, workspaces)]),
    ),
  };
}

function versionOf(name: string, workspaces: readonly Workspace[]): string {
  const ranges = new Set(
    workspaces.flatMap(({ manifest }) =>
      manifest.private === true ? (manifest.dependencies?.[name] ?? []) : [],
    ),
  );
  const [range] = ranges;
  if (range === undefined || ranges.size > 1) {
    throw new Error(
      `${name}: the workspaces ask for ${ranges.size === 0 ? 'no version' : Array.from(ranges).join(' and ')}`,
    );
  }
  return range;
}

function mapValues<Value, Result>(record: Readonly<Record<string, Value>>, map: (value: Value) => Result) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
