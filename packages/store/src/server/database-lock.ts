import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../engine.ts';
import { errorCodes } from '../error-codes.ts';
import { isAlive, type ProcessMark, processMark, processSpace } from '../process-mark.ts';
import type { RowValue } from '../row-binary/reader.ts';
import { databasePlace, quote } from '../sql/bind.ts';

/** Another live Spanwise owns the database. The message names its host and process id. */
export class DatabaseTakenError extends Error {
  override readonly name = 'DatabaseTakenError';

  constructor({ host, pid }: LockContent) {
    super(
      `the database is in use by another Spanwise (host ${host}, process ${pid}); stop it, or choose another database`,
    );
  }
}

/** What the lock needs of an engine. */
export interface LockStatements {
  read(sql: string): Promise<readonly (readonly RowValue[])[]>;
  execute(sql: string): Promise<void>;
}

interface LockContent extends ProcessMark {
  readonly host: string;
  /** `processSpace`. */
  readonly space: string;
  /** Unix seconds by the server's clock. After that it is anybody's, unless it was renewed. */
  readonly until: number;
}

/** How long an owner counts as alive that nobody can see: longer than a server takes to restart. */
const leaseSeconds = 30;
const renewMillis = 10_000;
const space = processSpace();
const lookAgainMillis = 500;

/**
 * The lock of a database: a table `owner_<number>` whose comment says who. It is taken over by making the next
 * number, which the server grants to exactly one; the highest is never dropped, only given free. (A lock that is
 * removed and made again could be removed by somebody who had seen the one before.)
 */
export class DatabaseLock {
  /** Rises with every owner. */
  readonly number: number;
  readonly #sql: LockStatements;
  readonly #onLost: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isLost = false;
  /** `performance.now` until which nobody else can have taken it. */
  #safeUntil: number;

  private constructor(sql: LockStatements, number: number, safeUntil: number, onLost: () => void) {
    this.#sql = sql;
    this.number = number;
    this.#safeUntil = safeUntil;
    this.#onLost = onLost;
  }

  /**
   * Waits for the lease of an owner that can't be seen to live, at most half a minute.
   * Errors: `DatabaseTakenError` as soon as the owner shows a sign of life; `EngineError`.
   */
  static async take(sql: LockStatements, onLost: () => void): Promise<DatabaseLock> {
    let seenUntil: number | undefined;
    for (;;) {
      const { number, content, now } = await readLock(sql);
      if (content === undefined || content.until <= now || isDead(content)) {
        const lock = await DatabaseLock.#create(sql, number + 1, now, onLost);
        if (lock !== undefined) return lock;
      } else if (content.space === space || (seenUntil !== undefined && content.until !== seenUntil)) {
        throw new DatabaseTakenError(content);
      } else {
        seenUntil = content.until;
        await sleep(lookAgainMillis);
      }
    }
  }

  /** Absence: undefined when another one was quicker. */
  static async #create(sql: LockStatements, number: number, now: number, onLost: () => void) {
    const safeUntil = performance.now() + leaseSeconds * 1_000;
    try {
      await sql.execute(
        `CREATE TABLE ${tableOf(number)} (x UInt8) ENGINE = Null COMMENT ${commentUntil(now + leaseSeconds)}`,
      );
    } catch (error) {
      if (error instanceof EngineError && error.code === errorCodes.tableAlreadyExists) return undefined;
      throw error;
    }
    // Whoever came to this number late, when later ones had been and tidied up, is not the owner.
    if ((await readLock(sql)).number !== number) {
      await sql.execute(`DROP TABLE IF EXISTS ${tableOf(number)}`);
      return undefined;
    }
    for (const lower of await lockNumbers(sql)) {
      if (lower < number) await sql.execute(`DROP TABLE IF EXISTS ${tableOf(lower)}`);
    }
    const lock = new DatabaseLock(sql, number, safeUntil, onLost);
    lock.#timer = setInterval(() => void lock.renew(), renewMillis);
    lock.#timer.unref();
    return lock;
  }

  /** False while another one may have become the owner, as after a long sleep of this machine. */
  get isHeld(): boolean {
    return !this.#isLost && performance.now() < this.#safeUntil;
  }

  async renew(): Promise<void> {
    if (this.#isLost) return;
    try {
      const safeUntil = performance.now() + leaseSeconds * 1_000;
      const { number, now } = await readLock(this.#sql);
      if (number !== this.number) this.#lose();
      else {
        await this.#sql.execute(
          `ALTER TABLE ${tableOf(this.number)} MODIFY COMMENT ${commentUntil(now + leaseSeconds)}`,
        );
        this.#safeUntil = safeUntil;
      }
    } catch (error) {
      // Not reachable: the next try decides. The table is gone: somebody else has tidied it away.
      if (error instanceof EngineError && error.code === errorCodes.unknownTable) this.#lose();
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#isLost) return;
    this.#isLost = true;
    await this.#sql.execute(`ALTER TABLE ${tableOf(this.number)} MODIFY COMMENT ${commentUntil(0)}`);
  }

  #lose(): void {
    clearInterval(this.#timer);
    this.#isLost = true;
    this.#onLost();
  }
}

function tableOf(number: number): string {
  return `${databasePlace}.owner_${number}`;
}

function commentUntil(until: number): string {
  return quote(
    JSON.stringify({ ...processMark(process.pid), host: hostname(), space, until } satisfies LockContent),
  );
}

async function lockNumbers(sql: LockStatements): Promise<readonly number[]> {
  const rows = await sql.read(
    `SELECT toUInt32(substring(name, 7)) AS number FROM system.tables
      WHERE database = {database:String} AND match(name, '^owner_[0-9]{1,9}$') ORDER BY number`,
  );
  return rows.map(([number]) => number as number);
}

/** The highest lock (0: there has never been one), who holds it, and the server's clock. */
async function readLock(sql: LockStatements) {
  const number = (await lockNumbers(sql)).at(-1) ?? 0;
  const [row] = await sql.read(
    `SELECT toUnixTimestamp(now()), any(comment) FROM system.tables
      WHERE database = {database:String} AND name = 'owner_${number}'`,
  );
  const [now, comment] = row as readonly [number, string];
  return { number, content: parseContent(comment), now };
}

/** Absence: undefined when nobody has written it so. */
function parseContent(comment: string): LockContent | undefined {
  try {
    const content = JSON.parse(comment) as Partial<LockContent> | null;
    const { pid, startedAt, host, space: otherSpace, until } = content ?? {};
    if (typeof pid !== 'number' || typeof startedAt !== 'string') return undefined;
    if (typeof host !== 'string' || typeof otherSpace !== 'string') return undefined;
    if (typeof until !== 'number') return undefined;
    return { pid, startedAt, host, space: otherSpace, until };
  } catch {
    return undefined;
  }
}

function isDead(content: LockContent): boolean {
  return content.space === space && !isAlive(content);
}
