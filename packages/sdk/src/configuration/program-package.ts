import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ProgramPackage {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Name and version of the nearest `package.json` at or above the folder of the program's main file. */
export function findProgramPackage(mainFile: string | undefined = process.argv[1]): ProgramPackage {
  let folder = mainFile === undefined ? process.cwd() : dirname(mainFile);
  for (;;) {
    const found = readPackage(join(folder, 'package.json'));
    if (found !== undefined) return found;
    const parent = dirname(folder);
    if (parent === folder) return { name: undefined, version: undefined };
    folder = parent;
  }
}

function readPackage(file: string): ProgramPackage | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown; version?: unknown };
    return {
      name: typeof name === 'string' ? name : undefined,
      version: typeof version === 'string' ? version : undefined,
    };
  } catch {
    // Not there, not readable or not JSON: one folder up may have one.
    return undefined;
  }
}
