import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Checkout, checkArchitecture, parseImportTable } from './architecture/check-architecture.ts';
import { readImports } from './architecture/source-imports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function readCheckout(): Checkout {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const glob = (pattern: string) =>
    globSync(pattern, { cwd: root, exclude: (name) => /(^|[\\/])(node_modules|dist)$/.test(name) })
      .map((path) => path.replaceAll('\\', '/'))
      .sort();
  const sources = glob('{packages,demo,tests,bench,scripts}/**/*.{ts,tsx,js}');
  return {
    architecture: read('ARCHITECTURE.md'),
    files: new Map(sources.map((path) => [path, read(path)])),
    manifests: new Map(
      glob('{package.json,demo/package.json,packages/*/package.json}').map((path) => [
        dirname(path),
        JSON.parse(read(path)),
      ]),
    ),
  };
}

describe('this checkout', () => {
  const checkout = readCheckout();

  it('imports only what ARCHITECTURE.md allows and package.json declares, in no circle', () => {
    expect(checkArchitecture(checkout)).toEqual([]);
  });

  it('is read whole', () => {
    expect(parseImportTable(checkout.architecture).size).toBe(checkout.manifests.size - 1);
    expect(checkout.files.has('packages/model/src/index.ts')).toBe(true);
    expect(checkout.files.has('tests/unit/architecture.test.ts')).toBe(true);
  });
});

describe('checkArchitecture', () => {
  const architecture = `
| part | charter | may import |
| --- | --- | --- |
| \`packages/model\` | the model | nothing |
| \`packages/store\` | rows | model |
| \`packages/testing\` | for tests | model |
| \`demo\` | services | store |

Imports point down.
`;
  const check = (files: Record<string, string>, dependencies: readonly string[] = []) => {
    const declared = Object.fromEntries(dependencies.map((name) => [name, '^1.0.0']));
    return checkArchitecture({
      architecture,
      files: new Map(Object.entries(files)),
      manifests: new Map([
        ['.', { devDependencies: { vitest: '^5.0.0' } }],
        ['packages/model', { name: '@x/model' }],
        ['packages/store', { name: '@x/store', dependencies: declared }],
        ['packages/testing', { name: '@x/testing' }],
        ['demo', { name: '@x/demo' }],
      ]),
    });
  };

  it('has nothing against what is allowed', () => {
    const files = {
      'packages/store/src/a.ts':
        "import { b } from './b.ts';\nimport type { M } from '@x/model';\nimport 'node:fs';",
      'packages/store/src/b.ts': 'export const b = 1;',
      'packages/store/src/b.test.ts': "import { it } from 'vitest';\nimport { draw } from '@x/testing';",
    };
    expect(check(files, ['@x/model'])).toEqual([]);
  });

  it.each([
    ['import', "import { s } from '@x/store';"],
    ['type import', "import type { S } from '@x/store';"],
    ['imported type', "export type S = import('@x/store').S;"],
    ['re-export', "export { s } from '@x/store';"],
    ['dynamic import', "await import('@x/store');"],
    ['import over two lines behind a comment', "import {\n  s, // from 'nowhere'\n} from '@x/store';"],
  ])('finds an import that points up the table: %s', (_, text) => {
    expect(check({ 'packages/model/src/a.ts': text })).toEqual([
      'packages/model/src/a.ts imports packages/store, which ARCHITECTURE.md does not allow packages/model',
    ]);
  });

  it.each([
    ['import', "import '../../model/src/a.ts';", '../../model/src/a.ts'],
    ['worker', "new Worker(new URL('../../model/src/a.ts', import.meta.url));", '../../model/src/a.ts'],
    ['process', `new URL(\`../../model/src/a\${extension}\`, import.meta.url);`, '../../model/src/a.ts'],
  ])('finds a relative path that leaves its package: %s', (_, text, target) => {
    expect(check({ 'packages/store/src/a.ts': text, 'packages/model/src/a.ts': '' })).toEqual([
      `packages/store/src/a.ts reaches out of packages/store: ${target}`,
    ]);
  });

  it('finds a worker that is not there', () => {
    expect(check({ 'packages/store/src/a.ts': "new URL('./worker.ts', import.meta.url);" })).toEqual([
      'packages/store/src/a.ts imports ./worker.ts, which is not there',
    ]);
  });

  it('finds Node in a package that also runs in a browser', () => {
    const files = {
      'packages/model/src/a.ts': "import 'node:fs';",
      'packages/model/src/b.ts': "import 'fs';",
    };
    expect(check(files)).toEqual([
      'packages/model/src/a.ts imports node:fs; packages/model also runs in a browser',
      'packages/model/src/b.ts imports fs; packages/model also runs in a browser',
    ]);
  });

  it('finds testing in what is no test', () => {
    expect(
      check({ 'packages/store/src/a.ts': "import { draw } from '@x/testing';" }, ['@x/testing']),
    ).toEqual([
      'packages/store/src/a.ts imports packages/testing, which ARCHITECTURE.md does not allow packages/store',
    ]);
  });

  it('finds dependencies that are not declared, and tools of tests in what is no test', () => {
    const files = {
      'packages/store/src/a.ts': "import 'pg/lib/x.js';\nimport '@scope/name/deep';",
      'packages/store/src/b.ts': "import { it } from 'vitest';",
      'packages/store/src/c.ts': "import type { M } from '@x/model';",
    };
    expect(check(files)).toEqual([
      'packages/store/src/a.ts imports pg, which packages/store/package.json does not declare',
      'packages/store/src/a.ts imports @scope/name, which packages/store/package.json does not declare',
      'packages/store/src/b.ts imports vitest, which packages/store/package.json does not declare',
      'packages/store/src/c.ts imports @x/model, which packages/store/package.json does not declare',
    ]);
  });

  it('finds dependencies that nothing imports', () => {
    expect(check({ 'packages/store/src/a.ts': '' }, ['pg'])).toEqual([
      'packages/store/package.json declares pg, which nothing there imports',
    ]);
  });

  it('finds import cycles, each once', () => {
    const files = {
      'demo/a.ts': "import './b.ts';",
      'demo/b.ts': "import './c.ts';\nimport './d.ts';",
      'demo/c.ts': "export { a } from './a.ts';",
      'demo/d.ts': "import './d.ts';",
    };
    expect(check(files).sort()).toEqual([
      'import cycle: demo/a.ts → demo/b.ts → demo/c.ts → demo/a.ts',
      'import cycle: demo/d.ts → demo/d.ts',
    ]);
  });

  it('takes no shared type and no worker for a cycle: they load nothing', () => {
    const files = {
      'demo/a.ts': "import './b.ts';",
      'demo/b.ts': "import type { A } from './a.ts';\nnew URL('./a.ts', import.meta.url);",
    };
    expect(check(files)).toEqual([]);
  });

  it('wants a row for every workspace', () => {
    const checkout = {
      architecture,
      files: new Map(),
      manifests: new Map([['packages/new', { name: '@x/new' }]]),
    };
    expect(checkArchitecture(checkout)).toEqual(['packages/new has no row in ARCHITECTURE.md']);
  });

  it('refuses a file that it cannot read', () => {
    expect(() => readImports('a.ts', 'import {')).toThrow(SyntaxError);
  });
});
