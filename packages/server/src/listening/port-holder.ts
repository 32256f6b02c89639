import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/**
 * Who listens on a TCP port of this machine.
 * Absence: undefined where `/proc` does not tell: another system, or another user's process.
 * Source: proc_pid_net(5), proc_pid_fd(5).
 */
export function findPortHolder(port: number): PortHolder | undefined {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return undefined;
  for (const pid of entries('/proc').filter((name) => /^\d+$/.test(name))) {
    const folder = `/proc/${pid}/fd`;
    for (const descriptor of entries(folder)) {
      if (!sockets.has(linkTarget(`${folder}/${descriptor}`))) continue;
      return { pid: Number(pid), command: commandOf(pid) };
    }
  }
  return undefined;
}

/** Program and first argument, without folders: `node main.ts`. Further arguments may be secrets. */
function commandOf(pid: string): string {
  const [program = '', argument = ''] = textOf(`/proc/${pid}/cmdline`).split('\0');
  return [program, argument.startsWith('-') ? '' : argument]
    .filter((part) => part !== '')
    .map((part) => basename(part))
    .join(' ');
}

/** State 0A is LISTEN; the address is hexadecimal `address:port`; the tenth column is the inode. */
function listeningSockets(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of textOf(table).split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(suffix) && columns[3] === '0A') sockets.add(`socket:[${columns[9]}]`);
    }
  }
  return sockets;
}

// Processes end while we look, and others' descriptors are not ours to see: each read may fail.

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
