import { archivedColumns } from '../archive/archived-columns.ts';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { catalogueKeysPerDay } from '../rows/catalogue-entry.ts';
import { database, summedTables, windowStart } from '../schema/tables.ts';
import { repairDerived } from './repair-derived.ts';
import { storedKeys } from './stored-keys.ts';

/** What one table should hold, counted anew from the rows that it derives from, and what it holds. */
export interface DerivedCheck {
  readonly table: string;
  /** `2026-11-23`. */
  readonly day: string;
  /** Rows, spans or traces, by the table. */
  readonly expected: number;
  readonly found: number;
  /** Rows, groups or traces that are missing, too many, or not the same. */
  readonly differing: number;
  /** How many differed before the table was made anew for the day: `differing` is what is left. Absent: it was not. */
  readonly repaired?: number;
}

export interface CheckOptions {
  /** Days before have lost their payload to its own retention. */
  readonly payloadFrom?: string;
  readonly signal?: AbortSignal;
  /**
   * Present: what differs is made anew from the rows that it derives from, where it can be. Each repair runs within
   * this function, which keeps segments from being written meanwhile.
   */
  readonly repairWithin?: (repair: () => Promise<void>) => Promise<void>;
}

/** Tables whose days are gone through. */
const bases = ['spans', 'logs', 'archived_spans'] as const;
type Base = (typeof bases)[number];

interface Check {
  readonly table: string;
  readonly of: Base;
  /** Gives expected, found, differing. */
  readonly sql: string;
}

const day = '{day:Date}';
const within = (column: string) => `toDate(${column}) = ${day}`;
const spans = `${database}.spans WHERE ${within('start_time')}`;
const search = `${database}.span_search WHERE ${within('start_time')}`;
const logs = `${database}.logs WHERE ${within('time')}`;

/** Two sets of rows are the same when they are as many and the hashes of their identities are. Bounded memory. */
function sameRows(table: string, of: Check['of'], expected: string, found: string): Check {
  const digest = (from: string) =>
    `(SELECT (count(), groupBitXor(cityHash64(ingest_seq, row)), sum(cityHash64(ingest_seq, row))) FROM ${from})`;
  return {
    table,
    of,
    sql: `WITH ${digest(expected)} AS a, ${digest(found)} AS b
      SELECT a.1, b.1, if(a = b, 0, greatest(1, abs(toInt64(a.1) - toInt64(b.1))))`,
  };
}

/** Two sets of tuples. */
function sameTuples(table: string, of: Check['of'], expected: string, found: string): Check {
  return {
    table,
    of,
    sql: `SELECT countIf(side >= 0), countIf(side <= 0), countIf(side != 0) FROM (
      SELECT sum(s) AS side, t FROM (
        SELECT DISTINCT 1 AS s, tuple(*) AS t FROM (${expected}) UNION ALL SELECT DISTINCT -1 AS s, tuple(*) AS t FROM (${found})
      ) GROUP BY t)`,
  };
}

/** Sums of one day by operation; sums of doubles are the same when they are nearly so. */
function sameSums(table: (typeof summedTables.spans)[number]): Check {
  return {
    table,
    of: 'spans',
    sql: `SELECT toInt64(round(sum(a))), toInt64(round(sum(b))),
        countIf(abs(a - b) > 1e-6 * greatest(a, b, 1) OR abs(m - n) > 1e-6 * greatest(m, n, 1) OR abs(a - c) > 1e-6 * greatest(a, c, 1))
      FROM (
        SELECT sum(x) AS a, sum(y) AS b, sum(z) AS c, sum(u) AS m, sum(v) AS n FROM (
          SELECT tenant, ${windowStart[table]} AS w, service, name, kind, status_code = 2 AS e,
            adjusted_count AS x, 0. AS y, 0. AS z, duration * adjusted_count AS u, 0. AS v
          FROM ${search}
          UNION ALL
          SELECT tenant, window AS w, service, name, kind, is_error AS e,
            0. AS x, spans AS y, arraySum(mapValues(buckets)) AS z, 0. AS u, nanos AS v
          FROM ${database}.${table} WHERE ${within('window')}
        ) GROUP BY tenant, w, service, name, kind, e)`,
  };
}

/**
 * Each trace of the day must lie within the times that lookups are told, and settling must know of its last segment.
 */
function coveredTimes(
  table: 'trace_times' | 'trace_log_times',
  of: Check['of'],
  from: string,
  time: string,
): Check {
  const lastOf = (column: string) => (table === 'trace_times' ? `, max(${column}) AS seq` : ', 0 AS seq');
  return {
    table,
    of,
    sql: `SELECT count(), countIf(l.known = 1),
        countIf(l.known = 0 OR l.first > s.first OR l.last < s.last OR l.seq < s.seq)
      FROM (
        SELECT tenant, trace_id, min(${time}) AS first, max(${time}) AS last${lastOf('ingest_seq')}
        FROM ${from} GROUP BY tenant, trace_id
      ) AS s
      LEFT JOIN (
        SELECT 1 AS known, tenant, trace_id, min(first) AS first, max(last) AS last${lastOf('last_seq')}
        FROM ${database}.${table}
        WHERE month = toStartOfMonth(${day}) GROUP BY tenant, trace_id
      ) AS l USING (tenant, trace_id)`,
  };
}

/**
 * Traces that began on the day and are settled: a summary each, with as many spans. Spans that came twice count
 * once in it, so its number lies between that of ids and that of rows.
 */
const summaries: Check = {
  table: 'trace_summary',
  of: 'spans',
  sql: `WITH (SELECT toUInt64(max(seq)) FROM ${database}.settle_progress WHERE job = 'traces') AS settled
    SELECT count(), countIf(u.known = 1), countIf(u.known = 0 OR u.span_count > s.rows OR u.span_count < s.ids)
    FROM (
      SELECT tenant, trace_id, count() AS rows, uniqExact(span_id) AS ids, min(start_time) AS first,
        max(ingest_seq) AS last_seq
      FROM ${database}.span_search
      WHERE toDate(start_time) BETWEEN ${day} AND ${day} + 1 AND (tenant, trace_id) IN (
        SELECT tenant, trace_id FROM ${database}.trace_times
        WHERE month BETWEEN toStartOfMonth(${day} - 1) AND toStartOfMonth(${day} + 1)
        GROUP BY tenant, trace_id
        HAVING toDate(min(first)) = ${day} AND toDate(max(last)) <= ${day} + 1 AND max(last_seq) <= settled)
      GROUP BY tenant, trace_id
    ) AS s
    LEFT JOIN (
      SELECT 1 AS known, tenant, trace_id, span_count FROM ${database}.trace_summary FINAL
      WHERE ${within('start')} AND NOT is_deleted
    ) AS u USING (tenant, trace_id)`,
};

/**
 * Each attribute of the day's rows must be offered. The catalogue goes by the day on which it came: of rows that
 * came late, or whose clock was ahead by up to a day, another one. Keys over its limit are in no catalogue.
 */
function offeredKeys(of: 'spans' | 'logs', from: string): Check {
  return {
    table: 'attribute_catalogue',
    of,
    sql: `SELECT count(), countIf(known), if(countIf(known) < ${catalogueKeysPerDay}, countIf(NOT known), 0) FROM (
      SELECT (tenant, level, key, type) IN (
        SELECT tenant, toString(level), key, type FROM ${database}.attribute_catalogue
        WHERE kind = 'key' AND day >= ${day} - 1
      ) AS known FROM (${storedKeys(of, from)}))`,
  };
}

/** Every service of the day must have its place in the list of services, from its first segment on. */
const services: Check = {
  table: 'services',
  of: 'spans',
  sql: `SELECT count(), countIf(l.known = 1), countIf(l.known = 0 OR l.seq > s.seq)
    FROM (SELECT tenant, toString(service) AS name, min(ingest_seq) AS seq FROM ${search} GROUP BY tenant, name) AS s
    LEFT JOIN (
      SELECT 1 AS known, tenant, toString(service) AS name, min(first_seq) AS seq FROM ${database}.services
      GROUP BY tenant, name
    ) AS l USING (tenant, name)`,
};

/** A copy must say what its span says, as long as retention has left that. */
const archive: Check = {
  table: 'archived_spans',
  of: 'archived_spans',
  sql: `WITH (SELECT count() FROM (SELECT 1 FROM ${spans} LIMIT 1)) AS there
    SELECT count(), countIf(same), if(there = 0, 0, countIf(NOT same)) FROM (
      SELECT (ingest_seq, row, ${digestOf('archived_spans')}) IN (
        SELECT ingest_seq, row, ${digestOf('archived_spans')} FROM ${spans} AND ${isArchived('archived_spans')}
      ) AS same FROM ${database}.archived_spans FINAL WHERE ${within('start_time')})`,
};

/** A kept value must belong to a kept span, and be what the span's own value is while retention has left that. */
const archivedPayload: Check = {
  table: 'archived_payload',
  of: 'archived_spans',
  sql: `SELECT count(), countIf(isSpan AND NOT isOther), countIf(NOT isSpan OR isOther) FROM (
      SELECT (ingest_seq, row) IN (
          SELECT ingest_seq, row FROM ${database}.archived_spans
          WHERE ${within('start_time')} AND payload_count > 0
        ) AS isSpan,
        (ingest_seq, row) IN (
          SELECT ingest_seq, row FROM ${database}.span_payload
          WHERE ${within('start_time')} AND ${isArchived('archived_payload')}
        ) AND (ingest_seq, row, ${digestOf('archived_payload')}) NOT IN (
          SELECT ingest_seq, row, ${digestOf('archived_payload')} FROM ${database}.span_payload
          WHERE ${within('start_time')} AND ${isArchived('archived_payload')}
        ) AS isOther
      FROM ${database}.archived_payload FINAL WHERE ${within('start_time')})`,
};

function digestOf(table: keyof typeof archivedColumns): string {
  return `cityHash64(${archivedColumns[table].map(([name]) => name).join(', ')})`;
}

function isArchived(table: keyof typeof archivedColumns): string {
  return `(ingest_seq, row) IN (SELECT ingest_seq, row FROM ${database}.${table} WHERE ${within('start_time')})`;
}

/** In the order in which they can be made anew: what others derive from comes first. */
const checks: readonly Check[] = [
  sameRows('span_search', 'spans', spans, search),
  sameRows(
    'span_payload',
    'spans',
    `${spans} AND payload_count > 0`,
    `${database}.span_payload WHERE ${within('start_time')}`,
  ),
  sameTuples(
    'operations',
    'spans',
    `SELECT DISTINCT tenant, service, name, kind FROM ${search}`,
    `SELECT DISTINCT tenant, service, name, kind FROM ${database}.operations WHERE day = ${day}`,
  ),
  services,
  ...summedTables.spans.map(sameSums),
  coveredTimes('trace_times', 'spans', spans, 'start_time'),
  summaries,
  offeredKeys('spans', spans),
  sameRows(
    'log_payload',
    'logs',
    `${logs} AND payload_count > 0`,
    `${database}.log_payload WHERE ${within('time')}`,
  ),
  coveredTimes('trace_log_times', 'logs', `${logs} AND trace_id != toFixedString('', 16)`, 'time'),
  offeredKeys('logs', logs),
  archive,
  archivedPayload,
];

/** A day of a busy server; nobody waits for an answer while it counts. */
const timeoutMillis = 120_000;

/**
 * Counts every derived table anew, day by day, newest first: on readers' sessions, within their bounds of memory.
 * What comes in meanwhile may be in one table and not yet in the other: a day that differs is counted once more.
 * Errors: `EngineError`.
 */
export async function* checkDerived(
  engine: Engine,
  { payloadFrom, signal, repairWithin }: CheckOptions = {},
): AsyncGenerator<DerivedCheck> {
  for (const base of bases) {
    for (const period of await daysIn(engine, base)) {
      for (const check of checks) {
        if (check.of !== base) continue;
        const isPayload = check.table === 'span_payload' || check.table === 'log_payload';
        if (isPayload && payloadFrom !== undefined && period < payloadFrom) continue;
        let counted = await run(engine, check, period, signal);
        if (counted.differing > 0) counted = await run(engine, check, period, signal);
        const repair = counted.differing > 0 && repairWithin && repairDerived(check.table, base, period);
        if (repairWithin && repair) {
          await repairWithin(() => repair(engine));
          const repaired = counted.differing;
          counted = { ...(await run(engine, check, period, signal)), repaired };
        }
        yield counted;
      }
    }
  }
}

async function run(
  engine: Engine,
  { table, sql }: Check,
  period: string,
  signal: AbortSignal | undefined,
): Promise<DerivedCheck> {
  const bytes = await engine.query(sql, {
    parameters: { day: period },
    timeoutMillis,
    ...(signal === undefined ? {} : { signal }),
  });
  const [expected, found, differing] = readRows(bytes)[0]!;
  return {
    table,
    day: period,
    expected: Number(expected),
    found: Number(found),
    differing: Number(differing),
  };
}

/** The archive has no partitions. */
async function daysIn(engine: Engine, table: Base): Promise<readonly string[]> {
  const bytes =
    table === 'archived_spans'
      ? await engine.query(
          `SELECT DISTINCT toString(toDate(start_time)) AS day FROM (
            SELECT start_time FROM ${database}.${table} UNION ALL SELECT start_time FROM ${database}.archived_payload
          ) ORDER BY day DESC`,
        )
      : await engine.query(
          `SELECT DISTINCT partition FROM system.parts WHERE active AND database = {database:String}
            AND table = {table:String} ORDER BY partition DESC`,
          { parameters: { table } },
        );
  return readRows(bytes).map(([partition]) => partition as string);
}
