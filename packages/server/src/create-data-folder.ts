import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from './config/config-error.ts';

const allowed = 'Allowed: a folder that this user may write to, or the path of one that can be made.';

/**
 * The folder and those above it, for this user alone where they are new.
 * Errors: `ConfigError` when it can't be made or written to.
 */
export async function createDataFolder(path: string): Promise<void> {
  try {
    await createFolder(path);
    if (!(await stat(path)).isDirectory()) throw new Error('it is a file');
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new ConfigError(`--data-dir: ${path} can't be used (${reason}).\n${allowed}`, { cause: error });
  }
}

/** Not `recursive`: that one never returns for a path below /proc. */
async function createFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || (await exists(dirname(path)))) throw error;
    await createFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
