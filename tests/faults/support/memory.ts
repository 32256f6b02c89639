import { execFileSync } from 'node:child_process';

/** Resident memory of a process, as `ps` gives it. */
export function residentBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
