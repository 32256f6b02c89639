import { quote } from '../sql/bind.ts';
import { database } from './tables.ts';

/*
 * The schema of one server, said for a cluster. Each shard keeps a part of every table in `<table>_local`,
 * replicated within the shard; the table's own name is a front over all shards. What is inserted at a front goes
 * to the shard that its trace belongs to, with its deduplication token, so that a repeated segment is recognised
 * there; the views run on each shard, from `…_in_local` to the tables beside it.
 */

const name = '(\\w+)';
const qualified = `${escaped(database)}\\.${name}`;
const createDatabase = new RegExp(`^CREATE DATABASE IF NOT EXISTS ${escaped(database)}$`);
const createTable = new RegExp(
  String.raw`^CREATE TABLE IF NOT EXISTS ${qualified}\s*(\([\s\S]*\))\s*ENGINE = (\w*MergeTree|Null)(?:\(([^)]*)\))?([\s\S]*)$`,
);
const createView = new RegExp(
  String.raw`^CREATE MATERIALIZED VIEW IF NOT EXISTS ${qualified} TO ${qualified}\s+AS ([\s\S]*)$`,
);
const alterTable = new RegExp(String.raw`^ALTER TABLE ${qualified}\s+([\s\S]*)$`);
const dropTable = new RegExp(`^DROP (TABLE|VIEW) IF EXISTS ${qualified}$`);
const truncate = new RegExp(`^TRUNCATE TABLE ${qualified}$`);
const insert = new RegExp(`^INSERT INTO ${qualified}`);
const anyTable = new RegExp(`${escaped(database)}\\.${name}`, 'g');

/** One copy on every server of the cluster: what all of them must agree about. */
const sharedTables: ReadonlySet<string> = new Set(['schema_migrations']);
/** A front has columns and nothing else. */
const columnChange = /^(ADD|DROP|MODIFY|RENAME|COMMENT) COLUMN\b/;

/**
 * The statements that do in `cluster` what `statement`, one of our schema steps, does in one server. The shard and
 * the replica are the server's own macros `{shard}` and `{replica}`.
 * @throws TypeError for a statement that nobody has thought of in a cluster yet.
 */
export function clusterStatements(statement: string, cluster: string): readonly string[] {
  const on = `ON CLUSTER ${quote(cluster)}`;
  const sql = statement.trim();
  if (createDatabase.test(sql)) return [`${sql} ${on}`];

  const table = createTable.exec(sql);
  if (table !== null) {
    const [, tableName = '', columns = '', engine = '', engineArguments = '', rest = ''] = table;
    const isShared = sharedTables.has(tableName);
    const local = isShared ? tableName : `${tableName}_local`;
    const create = `CREATE TABLE IF NOT EXISTS ${database}.${local} ${on} ${columns}
ENGINE = ${replicated(engine, engineArguments, isShared)}${rest.replaceAll('non_replicated_dedup', 'replicated_dedup')}`;
    if (isShared) return [create];
    return [
      create,
      `CREATE TABLE IF NOT EXISTS ${database}.${tableName} ${on} AS ${database}.${local}
ENGINE = Distributed(${quote(cluster)}, '${database}', '${local}', ${shardingKey(columns)})`,
    ];
  }

  const view = createView.exec(sql);
  if (view !== null) {
    const [, viewName, target, select = ''] = view;
    return [
      `CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.${viewName} ${on} TO ${database}.${target}_local
AS ${select.replace(anyTable, `${database}.$1_local`)}`,
    ];
  }

  const alter = alterTable.exec(sql);
  if (alter !== null) {
    const [, tableName, change = ''] = alter;
    return [
      `ALTER TABLE ${database}.${tableName}_local ${on} ${change}`,
      ...(columnChange.test(change) ? [`ALTER TABLE ${database}.${tableName} ${on} ${change}`] : []),
    ];
  }

  const drop = dropTable.exec(sql);
  if (drop !== null) {
    const [, kind, tableName] = drop;
    if (kind === 'VIEW') return [`${sql} ${on} SYNC`];
    return ['', '_local'].map((end) => `DROP TABLE IF EXISTS ${database}.${tableName}${end} ${on} SYNC`);
  }

  const emptied = truncate.exec(sql)?.[1];
  if (emptied !== undefined) return [`TRUNCATE TABLE ${database}.${emptied}_local ${on}`];

  // From front to front: every row finds its shard.
  if (insert.test(sql)) return [sql];
  throw new TypeError(`not said for a cluster yet: ${sql.split('\n', 1)[0]}`);
}

function replicated(engine: string, engineArguments: string, isShared: boolean): string {
  if (engine === 'Null') return 'Null';
  const place = isShared
    ? `'/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}'`
    : `'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'`;
  return `Replicated${engine}(${place}${engineArguments === '' ? '' : `, ${engineArguments}`})`;
}

/**
 * A trace is whole on one shard, its logs beside it; log records without a trace spread by their own number. Rows
 * of other tables are written by the views where their spans are; this spreads only what a repair inserts again,
 * which those tables let collapse when they are read.
 */
function shardingKey(columns: string): string {
  if (!/\btrace_id FixedString\(16\)/.test(columns)) return 'rand()';
  if (!/\bingest_seq UInt64/.test(columns)) return 'cityHash64(trace_id)';
  return "if(trace_id = toFixedString('', 16), cityHash64(ingest_seq, row), cityHash64(trace_id))";
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
