import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process of this machine, told apart from a later one of the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** As the operating system tells it. Empty: unknown. */
  readonly startedAt: string;
}

export function processMark(pid: number): ProcessMark {
  return { pid, startedAt: processStart(pid) ?? '' };
}

/**
 * Within what process ids mean the same: a boot of a machine, and on Linux a namespace of it, because containers
 * may share a machine, and even its name.
 */
export function processSpace(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${hostname()} ${bootId()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // Nobody else's.
    return randomUUID();
  }
}

/** A zombie is not. */
export function isAlive({ pid, startedAt }: ProcessMark): boolean {
  const now = processStart(pid);
  return now !== undefined && (startedAt === '' || now === startedAt);
}

/** Absence: undefined when no such process runs (a zombie does not). */
function processStart(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The second field is the program's name in parentheses and may hold anything. Field 3 is the state, 22 the
      // start in clock ticks after boot. (proc_pid_stat(5))
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}:${fields[19]}`;
    } catch {
      return undefined;
    }
  }
  if (process.platform === 'win32') return isRunning(pid) ? 'running' : undefined;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Windows has no `ps`. A reused pid is not told apart there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
