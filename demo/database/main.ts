import { type ChildProcess, fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { z } from 'zod';
import { tellReady } from '../shared/run-service.ts';
import { readSettings } from '../shared/settings.ts';
import { openDatabase } from './open-database.ts';

/** Three services with three connections each, and some for people who look around. */
const MAX_CONNECTIONS = 16;

const settings = readSettings('database', { DATABASE_DIR: z.string().optional() });
const directory = settings.DATABASE_DIR ?? mkdtempSync(join(tmpdir(), 'spanwise-demo-database-'));
if (settings.DATABASE_DIR === undefined) {
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
}

let layingOut: ChildProcess | undefined;
process.once('exit', () => layingOut?.kill('SIGKILL'));
/** What there is to close so far: nothing until the server listens. */
let close = async () => {};
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) {
  process.once(signal, () => close().finally(() => process.exit(0)));
}

if (!existsSync(join(directory, 'PG_VERSION'))) await layOut();
const database = await openDatabase(directory);
const server = new PGLiteSocketServer({
  db: database,
  host: settings.HOST,
  port: settings.PORT,
  maxConnections: MAX_CONNECTIONS,
});
try {
  await server.start();
} catch (error) {
  process.stderr.write(`database: cannot listen on port ${settings.PORT}: ${codeOf(error)}\n`);
  process.exit(1);
}
close = async () => {
  await server.stop();
  await database.close();
};
tellReady(Number(server.getServerConn().split(':').at(-1)));

/** Laying out a new data folder takes 0.5 GB for a second; a process of its own gives it back. */
async function layOut(): Promise<void> {
  layingOut = fork(new URL('./lay-out.ts', import.meta.url), [directory]);
  const exitCode = await new Promise((resolve) => layingOut?.once('exit', resolve));
  layingOut = undefined;
  if (exitCode === 0) return;
  process.stderr.write(`database: cannot lay out ${directory}\n`);
  process.exit(1);
}

function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown }).code ?? 'unknown error');
}
