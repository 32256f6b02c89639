import { join } from 'node:path';

/**
 * The per-user data folder. (XDG Base Directory Specification; Apple, File System Basics.)
 * Relative `XDG_DATA_HOME` is ignored, as the specification says.
 */
export function defaultDataDir(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  homeDir: string,
): string {
  if (platform === 'darwin') return join(homeDir, 'Library', 'Application Support', 'spanwise');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homeDir, 'AppData', 'Local'), 'spanwise');
  const xdg = env.XDG_DATA_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(homeDir, '.local', 'share'), 'spanwise');
}
