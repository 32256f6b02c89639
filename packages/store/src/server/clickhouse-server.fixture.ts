/**
 * A process that speaks ClickHouse's HTTP interface and answers from chDB, for machines without a server: the
 * statements, the bytes and the error codes are the engine's own, what is between is ours and says so. It knows
 * what our client uses: basic authentication, statement and settings in the URL or the body, compressed bodies
 * both ways, query ids and KILL QUERY, exception headers, and `input()` with a body.
 *
 * It can misbehave on request (`Fault`), each time for one statement whose text contains `in`.
 */
import { createHash, randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Session } from 'chdb';
import { quote } from '../sql/bind.ts';

export interface Fault {
  /** Part of the statement's text. */
  readonly in: string;
  readonly kind:
    | 'no answer'
    /** The connection ends in the middle of the rows. */
    | 'cut'
    /** The rows end with an exception, as a server's that does not wait for the end. */
    | 'exception behind rows'
    /** The statement is run and its answer lost. */
    | 'lost answer'
    /** Something between, that is no ClickHouse. */
    | 'bad gateway';
}

const [path = '', user = '', password = '', port = '0'] = process.argv.slice(2);
/** Sessions by their settings: chDB takes those when a session begins, and runs one statement at a time in it. */
const idle = new Map<string, Session[]>();
const canceller = new Session(path);
const running = new Set<string>();
const faults: Fault[] = [];
/** How bodies came and went, told at `/encodings`. */
const encodings = { sent: {} as Record<string, number>, answered: {} as Record<string, number> };

process.on('message', (fault: Fault) => {
  faults.push(fault);
  process.send?.('fault set');
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(Number(port), '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://server');
  if (url.pathname === '/ping') {
    response.end('Ok.\n');
    return;
  }
  if (url.pathname === '/encodings') {
    response.end(JSON.stringify(encodings));
    return;
  }
  const { 'content-encoding': sent, 'accept-encoding': wanted } = request.headers;
  encodings.sent[sent ?? 'none'] = (encodings.sent[sent ?? 'none'] ?? 0) + 1;
  const body = decompressed(await buffer(request), request.headers['content-encoding']);
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (request.headers.authorization !== expected) {
    fail(response, `Code: 516. DB::Exception: ${user}: Authentication failed. (AUTHENTICATION_FAILED)`);
    return;
  }
  const {
    query,
    query_id: id = randomUUID(),
    database: _,
    ...settings
  } = Object.fromEntries(url.searchParams);
  const statement = query ?? body.toString();
  const fault = takeFault(statement);
  if (fault === 'no answer') return;
  if (fault === 'bad gateway') {
    response.writeHead(502).end('<html>bad gateway, correct horse battery staple</html>');
    return;
  }
  response.once('close', () => {
    if (!response.writableFinished && settings.cancel_http_readonly_queries_on_client_close === '1')
      void kill(id);
  });
  let rows: Buffer;
  try {
    rows = await run(statement, query === undefined ? undefined : body, id, settings);
  } catch (error) {
    fail(response, (error as Error).message);
    return;
  }
  if (fault === 'lost answer') {
    response.destroy();
    return;
  }
  send(response, rows, wanted, fault);
}

function takeFault(statement: string): Fault['kind'] | undefined {
  const index = faults.findIndex((fault) => statement.includes(fault.in));
  return index === -1 ? undefined : faults.splice(index, 1)[0]!.kind;
}

async function run(
  statement: string,
  values: Buffer | undefined,
  id: string,
  settings: Readonly<Record<string, string>>,
): Promise<Buffer> {
  const killed = /^KILL QUERY WHERE query_id = '([^']+)' ASYNC$/.exec(statement)?.[1];
  if (killed !== undefined) {
    await kill(killed);
    return Buffer.alloc(0);
  }
  // Beside its data, where whoever started us tidies up.
  const file = `${path}.body-${randomUUID()}`;
  let sql = statement;
  if (values !== undefined) {
    if (!/^INSERT\b/.test(sql))
      throw new Error('Code: 80. DB::Exception: input() needs INSERT. (INCORRECT_QUERY)');
    await writeFile(file, values);
    // chDB has no body: its `file` reads what a server's `input` would.
    sql = sql
      .replace(
        /input\(('(?:[^'\\]|\\.)*')\)/,
        (_match, structure) => `file(${quote(file)}, 'RowBinary', ${structure})`,
      )
      .replace(/FORMAT RowBinary$/, '');
  }
  const session = takeSession(settings);
  running.add(id);
  try {
    const result = await session.queryAsync(`${sql} ${mark(id)}`, { format: 'TabSeparated' });
    return Buffer.from(result.bytes());
  } catch (error) {
    // What a failed statement had written would come out in front of the next answer.
    await session.queryAsync('SELECT 1', { format: 'Null' });
    throw error;
  } finally {
    running.delete(id);
    giveSession(settings, session);
    await rm(file, { force: true });
  }
}

/** Those of a server's HTTP interface mean nothing to chDB. */
const httpOnly = new Set([
  'wait_end_of_query',
  'enable_http_compression',
  'cancel_http_readonly_queries_on_client_close',
]);

function keyOf(settings: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(settings).filter(([name]) => !httpOnly.has(name)));
}

function takeSession(settings: Readonly<Record<string, string>>): Session {
  const key = keyOf(settings);
  const free = idle.get(key)?.pop();
  if (free !== undefined) return free;
  const entries = JSON.parse(key) as readonly (readonly [string, string])[];
  return new Session(path, { connectionArgs: entries.map(([name, value]) => `--${name}=${value}`) });
}

function giveSession(settings: Readonly<Record<string, string>>, session: Session): void {
  const key = keyOf(settings);
  const sessions = idle.get(key) ?? [];
  sessions.push(session);
  idle.set(key, sessions);
}

function mark(id: string): string {
  return `/* query_id ${id} */`;
}

async function kill(id: string): Promise<void> {
  while (running.has(id)) {
    await canceller
      .queryAsync(`KILL QUERY WHERE endsWith(query, '${mark(id)}') ASYNC /* cancel */`, { format: 'Null' })
      .catch(() => {});
    await sleep(50);
  }
}

function fail(response: ServerResponse, text: string): void {
  const code = /Code: (\d+)/.exec(text)?.[1] ?? '1001';
  response
    .writeHead(code === '516' ? 403 : 500, { 'x-clickhouse-exception-code': code })
    .end(`${text} (version 26.7.2.1)\n`);
}

function send(
  response: ServerResponse,
  rows: Buffer,
  accepted: string | readonly string[] | undefined,
  fault: Fault['kind'] | undefined,
): void {
  const tag = createHash('md5').update(rows).digest('hex').slice(0, 16);
  if (fault === 'cut') {
    response.writeHead(200, { 'x-clickhouse-exception-tag': tag });
    response.write(rows.subarray(0, rows.length / 2), () => response.destroy());
    return;
  }
  let body = rows;
  if (fault === 'exception behind rows') {
    const text = 'Code: 241. DB::Exception: memory limit exceeded by correct horse. (MEMORY_LIMIT_EXCEEDED)';
    const frame = `\r\n__exception__\r\n${tag}\r\n${text}\n${text.length + 1} ${tag}\r\n__exception__\r\n`;
    body = Buffer.concat([rows.subarray(0, rows.length / 2), Buffer.from(frame)]);
  }
  const encoding = String(accepted ?? '');
  const headers = { 'x-clickhouse-exception-tag': tag, 'x-clickhouse-format': 'RowBinaryWithNamesAndTypes' };
  const used = encoding.includes('zstd') ? 'zstd' : encoding.includes('gzip') ? 'gzip' : 'none';
  encodings.answered[used] = (encodings.answered[used] ?? 0) + 1;
  if (used === 'zstd') {
    response.writeHead(200, { ...headers, 'content-encoding': 'zstd' }).end(zstdCompressSync(body));
  } else if (used === 'gzip') {
    response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(body));
  } else response.writeHead(200, headers).end(body);
}

function decompressed(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'zstd') return zstdDecompressSync(body);
  return encoding === 'gzip' ? gunzipSync(body) : body;
}
