import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { columnsOf, type Signal, structureOf } from '../schema/columns.ts';
import { database } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import type { Chunk, Pass } from './copy-records.ts';

/** How a table is walked: in the order of its sort key, which is written as text between two columns. */
const walks = {
  spans: { time: 'start_time', key: 'trace_id', payload: 'span_payload' },
  logs: { time: 'time', key: 'time', payload: 'log_payload' },
} as const satisfies Record<Signal, { time: string; key: string; payload: string }>;

/** Reads an embedded store in pieces, the whole of each pass once. */
export class ChunkReader {
  readonly #source: Engine;
  readonly #pass: Pass;

  constructor(source: Engine, pass: Pass) {
    this.#source = source;
    this.#pass = pass;
  }

  /** In order. */
  async days(signal: Signal): Promise<readonly string[]> {
    const rows = await this.#rows(
      `SELECT DISTINCT toString(toDate(${walks[signal].time})) AS day FROM ${database}.${signal}
        WHERE ${this.#inPass()} ORDER BY day`,
    );
    return rows.map(([day]) => day as string);
  }

  async count(signal: Signal): Promise<number> {
    const [row] = await this.#rows(`SELECT count() FROM ${database}.${signal} WHERE ${this.#inPass()}`);
    return Number(row![0]);
  }

  /** The sort key of the last of the next `rowCount` rows. Empty: the day has no more than that. */
  async keyAfterRows(signal: Signal, day: string, keyAfter: string, rowCount: number): Promise<string> {
    const { key } = walks[signal];
    const [row] = await this.#rows(
      `SELECT ${keyText(signal)} FROM ${database}.${signal} WHERE ${this.#within(signal, { day, keyAfter, keyUpTo: '' })}
        ORDER BY tenant, ${key} LIMIT 1 OFFSET ${rowCount - 1}`,
    );
    return (row?.[0] as string | undefined) ?? '';
  }

  async countOf(chunk: Pick<Chunk, 'signal' | 'day' | 'keyAfter' | 'keyUpTo'>): Promise<number> {
    const [row] = await this.#rows(
      `SELECT count() FROM ${database}.${chunk.signal} WHERE ${this.#within(chunk.signal, chunk)}`,
    );
    return Number(row![0]);
  }

  /**
   * Writes the rows of a chunk to a file, under its number and numbered from 0 in an order that does not change,
   * as a segment of the spool.
   */
  async writeTo(path: string, chunk: Chunk): Promise<void> {
    const { signal, ingestSeq } = chunk;
    const { payload, time } = walks[signal];
    const within = this.#within(signal, chunk);
    const columns = columnsOf[signal].map(([name]) => {
      if (name === 'ingest_seq') return `toUInt64(${ingestSeq})`;
      if (name === 'row') return 'toUInt32(number - 1)';
      return name === 'payload' ? `kept.payload` : `base.${name}`;
    });
    await this.#source.execute(
      `INSERT INTO FUNCTION file(${quote(path)}, 'RowBinary', ${quote(structureOf(signal))})
        SELECT ${columns.join(', ')} FROM (
          SELECT *, row_number() OVER (ORDER BY ingest_seq, row) AS number FROM ${database}.${signal} WHERE ${within}
        ) AS base LEFT ANY JOIN (
          SELECT ingest_seq, row, payload FROM ${database}.${payload}
            WHERE toDate(${time}) = ${quote(chunk.day)} AND ${this.#inPass()}
              AND (ingest_seq, row) IN (
                SELECT ingest_seq, row FROM ${database}.${signal} WHERE ${within} AND payload_count > 0)
        ) AS kept ON base.ingest_seq = kept.ingest_seq AND base.row = kept.row
        SETTINGS engine_file_truncate_on_insert = 1`,
    );
  }

  #inPass(): string {
    const { after, upTo } = this.#pass;
    return `ingest_seq > ${after} AND ingest_seq <= ${upTo}`;
  }

  #within(signal: Signal, { day, keyAfter, keyUpTo }: Pick<Chunk, 'day' | 'keyAfter' | 'keyUpTo'>): string {
    const { time } = walks[signal];
    return [
      `toDate(${time}) = ${quote(day)}`,
      this.#inPass(),
      ...(keyAfter === '' ? [] : [beyond(signal, keyAfter)]),
      ...(keyUpTo === '' ? [] : [`NOT (${beyond(signal, keyUpTo)})`]),
    ].join(' AND ');
  }

  async #rows(sql: string) {
    // A count over a day of a slow disk takes its time; nobody waits at a screen.
    return readRows(await this.#source.query(sql, { timeoutMillis: 60_000 }));
  }
}

/** `tenant:key`. */
function keyText(signal: Signal): string {
  const key = signal === 'spans' ? 'lower(hex(trace_id))' : 'toString(toUnixTimestamp64Nano(time))';
  return `concat(toString(tenant), ':', ${key})`;
}

function beyond(signal: Signal, text: string): string {
  const [tenant = '', key = ''] = text.split(':');
  const { key: column } = walks[signal];
  const value =
    signal === 'spans' ? `unhex(${quote(key)})` : `fromUnixTimestamp64Nano(toInt64(${quote(key)}), 'UTC')`;
  return `(tenant > ${Number(tenant)} OR (tenant = ${Number(tenant)} AND ${column} > ${value}))`;
}
