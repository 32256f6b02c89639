import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { membersOfGroup } from './processes.ts';

const listVariable = 'SPANWISE_TEST_GROUPS';

/** Of a process group that a test started; at the end of the run it must be empty. */
export function registerGroup(groupId: number): void {
  const list = process.env[listVariable];
  if (list !== undefined) appendFileSync(list, `${groupId}\n`);
}

/** Vitest's global set-up. Its teardown fails the run when a test left a process behind, and ends that process. */
export function setup(): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), 'spanwise-groups-'));
  const list = path.join(folder, 'groups');
  appendFileSync(list, '');
  process.env[listVariable] = list; // Inherited by the workers that run the tests.
  return () => {
    const groups = readFileSync(list, 'utf8').split('\n').filter(Boolean).map(Number);
    rmSync(folder, { recursive: true });
    const left = groups.flatMap(membersOfGroup);
    if (left.length === 0) return;
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    const names = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
    throw new Error(`the tests left processes running:\n${names}`);
  };
}
