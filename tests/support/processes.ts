import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly command: string;
}

/** Living processes of a group; zombies do not count. */
export function membersOfGroup(groupId: number): readonly ProcessInfo[] {
  return allProcesses().filter((process) => process.groupId === groupId);
}

function allProcesses(): readonly ProcessInfo[] {
  return existsSync('/proc/self/stat') ? processesFromProc() : processesFromPs();
}

/** proc_pid_stat(5): `pid (command) state ppid pgrp …`; the command may hold spaces and brackets. */
function processesFromProc(): readonly ProcessInfo[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, parentPid, groupId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') return [];
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return [{ pid: Number(entry), parentPid: Number(parentPid), groupId: Number(groupId), command }];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

function processesFromPs(): readonly ProcessInfo[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,args='], { encoding: 'utf8' });
  return table.split('\n').flatMap((line) => {
    const [, pid, parentPid, groupId, state, command] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state?.startsWith('Z')) return [];
    return [
      { pid: Number(pid), parentPid: Number(parentPid), groupId: Number(groupId), command: command ?? '' },
    ];
  });
}
