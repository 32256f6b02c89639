import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Another live process owns the data folder. The message names its process id. */
export class DataFolderTakenError extends Error {
  override readonly name = 'DataFolderTakenError';
  readonly pid: number;

  constructor(dataDir: string, pid: number) {
    super(`the data folder ${dataDir} is in use by process ${pid}; stop it, or choose another folder`);
    this.pid = pid;
  }
}

export interface DataFolderLock {
  /** So that the next start waits for a storage process that outlives its parent by a moment. */
  setEnginePid(pid: number): Promise<void>;
  /** From now on a second start waits instead of giving up. */
  markClosing(): Promise<void>;
  release(): Promise<void>;
}

interface ProcessMark {
  readonly pid: number;
  /** As the operating system tells it: a reused pid has another one. */
  readonly startedAt: string;
}

interface LockContent {
  readonly owner: ProcessMark;
  readonly engine?: ProcessMark;
  readonly closing: boolean;
}

/** How long a start waits for an owner that is ending. */
const dyingOwnerMillis = 10_000;

/**
 * Takes `<dataDir>/lock`. A lock whose processes are gone is taken over.
 * Errors: `DataFolderTakenError`, at once when the owner lives and is not closing.
 */
export async function lockDataFolder(dataDir: string): Promise<DataFolderLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'lock');
  const owner: ProcessMark = { pid: process.pid, startedAt: processStart(process.pid) ?? '' };
  const deadline = Date.now() + dyingOwnerMillis;
  while (!(await create(path, { owner, closing: false }))) {
    const holder = await read(path);
    const holdingPid = holder === undefined ? undefined : liveHolder(holder);
    if (holder === undefined) {
      // Being written at this moment, or torn by a crash; a second look decides.
      await sleep(50);
      if ((await read(path)) === undefined) await takeAway(path);
    } else if (holdingPid === undefined) {
      await takeAway(path);
    } else if ((holdingPid === holder.owner.pid && !holder.closing) || Date.now() >= deadline) {
      throw new DataFolderTakenError(dataDir, holdingPid);
    } else {
      await sleep(50);
    }
  }
  let content: LockContent = { owner, closing: false };
  const update = async (change: Partial<LockContent>) => {
    content = { ...content, ...change };
    const next = `${path}.${process.pid}`;
    const file = await open(next, 'w', 0o600);
    await file.writeFile(JSON.stringify(content));
    await file.close();
    await rename(next, path);
  };
  return {
    setEnginePid: (pid) => update({ engine: { pid, startedAt: processStart(pid) ?? '' } }),
    markClosing: () => update({ closing: true }),
    release: () => rm(path, { force: true }),
  };
}

async function create(path: string, content: LockContent): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(content));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Absence: undefined when there is no readable lock. */
async function read(path: string): Promise<LockContent | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof content !== 'object' || content === null) return undefined;
    const { owner, engine, closing } = content as Partial<LockContent>;
    if (typeof owner?.pid !== 'number' || typeof owner.startedAt !== 'string') return undefined;
    return { owner, ...(engine === undefined ? {} : { engine }), closing: closing === true };
  } catch {
    return undefined;
  }
}

/** Of several starts that find a dead lock, rename lets exactly one take it away. */
async function takeAway(path: string): Promise<void> {
  const grave = `${path}.stale-${process.pid}`;
  await rename(path, grave).catch(() => {});
  await rm(grave, { force: true });
}

function liveHolder({ owner, engine }: LockContent): number | undefined {
  if (isAlive(owner)) return owner.pid;
  return engine !== undefined && isAlive(engine) ? engine.pid : undefined;
}

function isAlive({ pid, startedAt }: ProcessMark): boolean {
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
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
  }
}
