/**
 * The process that holds the ClickHouse engine. It runs what its parent tells it and ends with its parent.
 *
 * A chDB session runs one statement at a time, so there is one session for writing, several for reading, and one
 * that only cancels. Readers are `readonly=1`: otherwise SQL could read files of this machine.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Session as ChdbSession } from 'chdb';
import { engineSettings, queryLimits } from '../engine-limits.ts';
import { errorCodes } from '../error-codes.ts';
import { type EngineSettings, type FromEngine, settingsVariable, type ToEngine } from './messages.ts';
import { yieldMerges } from './yield-merges.ts';

interface Job {
  readonly id: number;
  readonly sql: string;
  readonly timeoutMillis: number;
}

const format = 'RowBinaryWithNamesAndTypes';
const killAgainMillis = 100;
/** For a query, after its own time-out. */
const graceMillis = 10_000;
/** An insert of the largest segment takes seconds; a mutation on a busy disk a minute. */
const executeMillis = 180_000;
/** The engine starts the threads of its merges when it needs them. */
const yieldMergesMillis = 5_000;
const settings = JSON.parse(process.env[settingsVariable] ?? '') as EngineSettings;

// Ctrl-C reaches the whole process group; the parent still needs the engine to store what it acknowledged.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// The parent is gone. Nothing of value is in this process, and an ordinary exit would wait for running queries.
const dieWithParent = () => process.kill(process.pid, 'SIGKILL');
process.on('disconnect', dieWithParent);

/** Resolves when the message is on its way: a process that exits before loses it. */
function send(message: FromEngine): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });
}

const chdb = await loadChdb();
const { writer, canceller, readers } = await openSessions(chdb.Session);
const waiting: Job[] = [];
const idle: ChdbSession[] = [...readers];
const running = new Set<number>();
const timedOut = new Set<number>();
let inFlight = 0;
let closing = false;
let writes: Promise<void> = Promise.resolve();

process.on('message', (message: ToEngine) => {
  switch (message.kind) {
    case 'query':
      waiting.push(message);
      runWaiting();
      break;
    case 'execute':
      inFlight += 1;
      writes = writes.then(async () => {
        const timer = setTimeout(giveUp, executeMillis);
        await runOn(writer, message.id, message.sql);
        clearTimeout(timer);
      });
      break;
    case 'cancel': {
      const index = waiting.findIndex(({ id }) => id === message.id);
      if (index !== -1) waiting.splice(index, 1);
      else if (running.has(message.id)) void kill(message.id);
      break;
    }
    case 'ping':
      void send({ kind: 'pong' });
      break;
    case 'close':
      closing = true;
      waiting.length = 0;
      for (const id of running) void kill(id);
      closeWhenIdle();
      break;
  }
});
setInterval(yieldMerges, yieldMergesMillis).unref();
void send({ kind: 'ready', version: chdb.version().libchdb });

async function loadChdb(): Promise<typeof import('chdb')> {
  try {
    return await import('chdb');
  } catch (error) {
    return await fail('unavailable', error);
  }
}

async function openSessions(Session: typeof ChdbSession) {
  try {
    const limits = Object.entries(queryLimits(settings)).map(([name, value]) => `--${name}=${value}`);
    return {
      writer: new Session(settings.path, { connectionArgs: engineSettings(settings.memoryBytes) }),
      canceller: new Session(settings.path),
      readers: Array.from(
        { length: settings.readers },
        () => new Session(settings.path, { connectionArgs: [...limits, '--readonly=1'] }),
      ),
    };
  } catch (error) {
    return await fail('open', error);
  }
}

async function fail(reason: 'unavailable' | 'open', error: unknown): Promise<never> {
  await send({ kind: 'failed', reason, message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

function runWaiting(): void {
  while (idle.length > 0 && waiting.length > 0) {
    const session = idle.pop()!;
    const job = waiting.shift()!;
    inFlight += 1;
    running.add(job.id);
    const timer = setTimeout(() => {
      timedOut.add(job.id);
      void kill(job.id);
    }, job.timeoutMillis);
    const lastTimer = setTimeout(giveUp, job.timeoutMillis + graceMillis);
    void runOn(session, job.id, `${job.sql}\n${mark(job.id)}`).then(() => {
      clearTimeout(timer);
      clearTimeout(lastTimer);
      running.delete(job.id);
      timedOut.delete(job.id);
      idle.push(session);
      runWaiting();
    });
  }
}

async function runOn(session: ChdbSession, id: number, sql: string): Promise<void> {
  try {
    const result = await session.queryAsync(sql, { format });
    await send({ kind: 'result', id, bytes: result.bytes() });
  } catch (error) {
    await rinse(session);
    const { message, clickhouseCode } = error as { message?: string; clickhouseCode?: number };
    const text = message ?? String(error);
    const code = clickhouseCode ?? (Number(/Code: (\d+)/.exec(text)?.[1]) || undefined);
    await send({
      kind: 'error',
      id,
      message: text,
      code: timedOut.has(id) ? errorCodes.timeoutExceeded : code,
    });
  } finally {
    inFlight -= 1;
    closeWhenIdle();
  }
}

/**
 * What a failed statement had already written stays in its session and comes out in front of the next answer
 * (chDB 3.4): the header of a cancelled query would become part of another query's rows.
 */
async function rinse(session: ChdbSession): Promise<void> {
  try {
    await session.queryAsync('SELECT 1', { format: 'Null' });
  } catch {
    // A session that can't be rinsed must give no answer: the parent starts this process again.
    process.exit(1);
  }
}

/** How a running query is found again: the binding takes no query id. */
function mark(id: number): string {
  return `/* spanwise query ${id} */`;
}

/**
 * Again and again: a query that has only just been handed over is not to be found yet.
 * ASYNC only: `KILL QUERY … SYNC` never returns in this engine (26.7).
 */
async function kill(id: number): Promise<void> {
  const statement = `KILL QUERY WHERE endsWith(query, '${mark(id)}') ASYNC /* cancel */`;
  while (running.has(id)) {
    // It fails when the query has just ended by itself.
    await canceller.queryAsync(statement, { format: 'Null' }).catch(() => rinse(canceller));
    await sleep(killAgainMillis);
  }
}

/** A native call that does not come back even when it is cancelled: only a new process helps. */
function giveUp(): void {
  process.exit(1);
}

function closeWhenIdle(): void {
  if (!closing || inFlight > 0 || waiting.length > 0) return;
  for (const session of [...readers, canceller, writer]) session.close();
  process.off('disconnect', dieWithParent);
  process.exit(0);
}
