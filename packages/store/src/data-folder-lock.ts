import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessMark, processMark, processSpace } from './process-mark.ts';

/** Another live process owns the data folder. The message names its process id. */
export class DataFolderTakenError extends Error {
  override readonly name = 'DataFolderTakenError';
  readonly pid: number;

  /** `where`: behind the process id, when it is one of another container or machine. */
  constructor(dataDir: string, pid: number, where = '') {
    super(
      `the data folder ${dataDir} is in use by process ${pid}${where}; stop it, or choose another folder`,
    );
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

interface LockContent {
  /** Where the process ids mean something: `processSpace`. */
  readonly space: string;
  readonly owner: ProcessMark;
  readonly engine?: ProcessMark;
  readonly closing: boolean;
  /** The owner has left in order. */
  readonly released: boolean;
}

/** How long a start waits for an owner that is ending. */
const dyingOwnerMillis = 10_000;
/** An owner in another container can't be seen: it touches its lock, and counts as gone after three silences. */
const touchMillis = 5_000;
const silentMillis = 3 * touchMillis;
const space = processSpace();

/**
 * Takes the lock of the data folder. A lock whose processes are gone is taken over.
 *
 * The lock is the file `lock.<number>` of the highest number. It is taken over by making the next number, which
 * the file system grants to exactly one; the highest is never removed, only marked as released. With one file that
 * is removed and made again, two starts that both saw a dead owner could remove each other's.
 * Errors: `DataFolderTakenError`, at once when the owner lives and is not closing; for one in another container or
 * machine when it gives a sign of life, which takes some seconds.
 */
export async function lockDataFolder(dataDir: string): Promise<DataFolderLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const owner = processMark(process.pid);
  const deadline = Date.now() + dyingOwnerMillis;
  const far = new FarOwner();
  for (;;) {
    const highest = await highestLock(dataDir);
    const path = lockPath(dataDir, highest);
    const holder = highest === 0 ? undefined : await read(path);
    if (holder !== undefined && holder.space !== space && !holder.released) {
      const state = await far.look(path);
      if (state === 'silent' || (state === 'alive' && holder.closing && Date.now() < deadline)) {
        await sleep(50);
        continue;
      }
      if (state === 'alive') {
        const [host = ''] = holder.space.split(' ');
        throw new DataFolderTakenError(
          dataDir,
          holder.owner.pid,
          ` on ${host} (another container or machine)`,
        );
      }
    }
    const holdingPid = holder === undefined || holder.space !== space ? undefined : liveHolder(holder);
    if (holder === undefined || holdingPid === undefined) {
      const lock = await take(dataDir, highest + 1, owner);
      if (lock !== undefined) return lock;
    } else if ((holdingPid === holder.owner.pid && !holder.closing) || Date.now() >= deadline) {
      throw new DataFolderTakenError(dataDir, holdingPid);
    } else {
      await sleep(50);
    }
  }
}

/** Watches the lock of an owner whose process can't be asked for. */
class FarOwner {
  #seen: { readonly touchedAt: number; readonly since: number } | undefined;

  /** `silent`: nobody knows yet. */
  async look(path: string): Promise<'silent' | 'alive' | 'gone'> {
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) return 'silent';
    const touchedAt = stats.mtimeMs;
    this.#seen ??= { touchedAt, since: performance.now() };
    if (touchedAt !== this.#seen.touchedAt) return 'alive';
    const isOld = Date.now() - touchedAt > silentMillis;
    return isOld || performance.now() - this.#seen.since > silentMillis ? 'gone' : 'silent';
  }
}

/** Absence: undefined when another start was quicker. */
async function take(
  dataDir: string,
  number: number,
  owner: ProcessMark,
): Promise<DataFolderLock | undefined> {
  const path = lockPath(dataDir, number);
  let content: LockContent = { space, owner, closing: false, released: false };
  const draft = await writeDraft(dataDir, content);
  try {
    // With its content, and only if there is none of this number.
    await link(draft, path);
  } catch (error) {
    // Or it has tidied our draft away.
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  // Whoever came to this number late, when later ones had been and tidied up, is not the owner.
  if ((await highestLock(dataDir)) !== number) {
    await rm(path, { force: true });
    return undefined;
  }
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(draftPrefix) || numberOf(name) < number)
      await rm(join(dataDir, name), { force: true });
  }
  const update = async (change: Partial<LockContent>) => {
    content = { ...content, ...change };
    await rename(await writeDraft(dataDir, content), path);
  };
  const timer = setInterval(() => {
    const now = new Date();
    // Where it can't be touched, nobody else can take it either.
    utimes(path, now, now).catch(() => {});
  }, touchMillis);
  timer.unref();
  return {
    setEnginePid: (pid) => update({ engine: processMark(pid) }),
    markClosing: () => update({ closing: true }),
    release() {
      clearInterval(timer);
      return update({ released: true });
    },
  };
}

const draftPrefix = 'lock-draft.';
const lockName = /^lock\.(\d{1,15})$/;

function lockPath(dataDir: string, number: number): string {
  return join(dataDir, `lock.${number}`);
}

/** NaN: the file is no lock. */
function numberOf(name: string): number {
  return Number(lockName.exec(name)?.[1]);
}

/** 0: there has never been one. */
async function highestLock(dataDir: string): Promise<number> {
  return (await readdir(dataDir)).reduce((highest, name) => Math.max(highest, numberOf(name) || 0), 0);
}

async function writeDraft(dataDir: string, content: LockContent): Promise<string> {
  const path = join(dataDir, `${draftPrefix}${randomUUID()}`);
  await writeFile(path, JSON.stringify(content), { mode: 0o600 });
  return path;
}

/** Absence: undefined when it is not there, or cut short by a power cut, which no owner outlives. */
async function read(path: string): Promise<LockContent | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content !== 'object' || content === null) return undefined;
    const { owner, engine, closing, released, space: itsSpace } = content as Partial<LockContent>;
    if (typeof owner?.pid !== 'number' || typeof owner.startedAt !== 'string') return undefined;
    return {
      space: typeof itsSpace === 'string' ? itsSpace : space,
      owner,
      ...(engine === undefined ? {} : { engine }),
      closing: closing === true,
      released: released === true,
    };
  } catch {
    return undefined;
  }
}

function liveHolder({ owner, engine, released }: LockContent): number | undefined {
  if (released) return undefined;
  if (isAlive(owner)) return owner.pid;
  return engine !== undefined && isAlive(engine) ? engine.pid : undefined;
}
