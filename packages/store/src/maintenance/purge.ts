import { setTimeout as delay } from 'node:timers/promises';
import type { TraceId } from '@spanwise/model';
import { agentSources } from '@spanwise/semconv';
import { type Engine, EngineError } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import { tokenValueBytes } from '../schema/attribute-tokens.ts';
import { database, replacedPartsSeconds, summedTables } from '../schema/tables.ts';
import { quote } from '../sql/bind.ts';
import { countAnew, findTouchedWindows } from '../writer/summed-tables.ts';

/** What has to go: a whole trace with its log records, or an attribute wherever it stands. Of all tenants. */
export type PurgeTarget =
  | { readonly kind: 'trace'; readonly traceId: TraceId }
  | { readonly kind: 'attribute'; readonly key: string };

/** One table that holds, or held, something of it. */
export interface PurgeStep {
  readonly table: string;
  /** Rows deleted or rewritten. */
  readonly rows: number;
}

export interface PurgeOptions {
  /** True: only counts. */
  readonly isDryRun: boolean;
  readonly onStep: (step: PurgeStep) => void;
  readonly signal?: AbortSignal;
}

interface Removal {
  readonly table: string;
  readonly condition: string;
  /** Assignments; absent: rows that meet the condition are deleted. */
  readonly update?: string;
}

const pollMillis = 100;
const oldPartsPollMillis = 500;
/** How long parts that a purge has replaced may stay on disk. */
const oldPartsMillis = 120_000;

/**
 * Takes it out of every table: the one exception to never rewriting what is stored. Resolves when the parts that
 * held it are gone from the disk. Whoever calls it keeps segments from being written meanwhile: a segment in the
 * middle of its proof would put the rows back.
 * Cost: rewrites each part that holds something of it.
 * Errors: `EngineError`; what was removed until then stays removed, and it can be called again.
 */
export async function purge(engine: Engine, target: PurgeTarget, options: PurgeOptions): Promise<void> {
  const removals = target.kind === 'trace' ? ofTrace(target.traceId) : ofAttribute(target.key);
  const found: Removal[] = [];
  for (const removal of removals) {
    const rows = await countOf(engine, `${database}.${removal.table} WHERE ${removal.condition}`);
    if (rows === 0) continue;
    found.push(removal);
    options.onStep({ table: removal.table, rows });
  }
  if (options.isDryRun || found.length === 0) return;
  const touched =
    target.kind === 'trace' ? await findTouchedWindows(engine, 'spans', isTrace(target.traceId)) : [];
  const days = target.kind === 'trace' ? await daysOf(engine, target.traceId) : [];
  for (const { table, condition, update } of found) {
    const what = update === undefined ? 'DELETE' : `UPDATE ${update}`;
    await mutate(engine, table, `${what} WHERE ${condition}`, options.signal);
  }
  await countAnew(engine, touched);
  if (days.length > 0) await forgetOperations(engine, days, options.signal);
  // Names of spans stand in these, too.
  const counted = target.kind === 'trace' ? [...summedTables.spans, 'operations'] : [];
  await deleteOldParts(engine, [...found.map(({ table }) => table), ...counted], options.signal);
}

const isTrace = (id: TraceId) => `trace_id = toFixedString(unhex(${quote(id)}), 16)`;

/** Tables that others are asked about come last. */
function ofTrace(id: TraceId): readonly Removal[] {
  const condition = isTrace(id);
  const valuesOf = `SELECT arrayJoin(arrayConcat(string_tokens, other_tokens)) FROM ${database}.spans WHERE ${condition}`;
  return [
    // Another trace may have had the same value: it is suggested again when it comes again.
    {
      table: 'attribute_catalogue',
      condition: `kind = 'value' AND concat(key, '=', left(value, ${tokenValueBytes})) IN (${valuesOf})`,
    },
    ...[
      // An example that is no more; the next one takes its place.
      'instrumentation_notes',
      'trace_summary',
      'trace_times',
      'trace_log_times',
      'span_payload',
      'log_payload',
      'archived_payload',
      'archived_spans',
      'span_search',
      'logs',
      'spans',
    ].map((table) => ({ table, condition })),
  ];
}

/** Columns of `spans` that repeat an attribute's text. */
const columnOfField: Readonly<Record<string, string>> = {
  operation: 'operation',
  provider: 'provider',
  requestModel: 'request_model',
  responseModel: 'response_model',
  agent: 'agent',
  tool: 'tool',
  conversation: 'conversation',
};
const inSearch = new Set(['operation', 'request_model', 'response_model']);

function ofAttribute(key: string): readonly Removal[] {
  const name = quote(key);
  // A key of a map within a value, as `formatNestedValue` writes it: then the whole value goes.
  const nested = quote(`[${JSON.stringify(key)},`);
  const isIn = (item: string) => `(${item}.1 = ${name} OR position(${item}.3, ${nested}) > 0)`;
  const maps = ['attributes_string', 'attributes_int', 'attributes_double', 'attributes_bool'];
  const lists = ['attributes_other', 'resource_attributes', 'scope_attributes'];
  const without = (list: string) => `arrayFilter(a -> NOT ${isIn('a')}, ${list})`;
  const holds = (list: string) => `arrayExists(a -> ${isIn('a')}, ${list})`;
  const common = {
    update: [
      ...maps.map((map) => `${map} = mapFilter((k, v) -> k != ${name}, ${map})`),
      ...lists.map((list) => `${list} = ${without(list)}`),
    ],
    condition: [...maps.map((map) => `mapContains(${map}, ${name})`), ...lists.map(holds)],
  };
  const columns = [
    ...new Set(
      agentSources.flatMap((source) => {
        const column = source.key === key ? columnOfField[source.field] : undefined;
        return column === undefined ? [] : [column];
      }),
    ),
  ];
  const spanCondition = [
    ...common.condition,
    `arrayExists(e -> ${holds('e.3')}, events)`,
    `arrayExists(l -> ${holds('l.5')}, links)`,
  ].join(' OR ');
  const spanUpdate = [
    ...common.update,
    `events = arrayMap(e -> (e.1, e.2, ${without('e.3')}, e.4), events)`,
    `links = arrayMap(l -> (l.1, l.2, l.3, l.4, ${without('l.5')}, l.6), links)`,
    ...columns.map((column) => `${column} = ''`),
  ].join(', ');
  const payload = {
    update: `payload = arrayFilter(p -> NOT (p.3 = ${name} OR position(p.5, ${nested}) > 0), payload)`,
    condition: `arrayExists(p -> p.3 = ${name} OR position(p.5, ${nested}) > 0, payload)`,
  };
  const holdsBody = `position(body, ${nested}) > 0`;
  const affected = `trace_id IN (SELECT trace_id FROM ${database}.spans WHERE ${spanCondition})`;
  return [
    { table: 'attribute_catalogue', condition: `key = ${name}` },
    // Facts of whole traces repeat these columns; the traces are read from their spans until spans come in again.
    ...(columns.length === 0 ? [] : [{ table: 'trace_summary', condition: affected }]),
    ...(columns.some((column) => inSearch.has(column))
      ? [
          {
            table: 'span_search',
            condition: affected,
            update: columns
              .filter((column) => inSearch.has(column))
              .map((column) => `${column} = ''`)
              .join(', '),
          },
        ]
      : []),
    ...['span_payload', 'log_payload', 'archived_payload'].map((table) => ({ table, ...payload })),
    {
      table: 'logs',
      update: [...common.update, `body = if(${holdsBody}, '', body)`].join(', '),
      condition: [...common.condition, holdsBody].join(' OR '),
    },
    { table: 'archived_spans', update: spanUpdate, condition: spanCondition },
    { table: 'spans', update: spanUpdate, condition: spanCondition },
  ];
}

async function countOf(engine: Engine, from: string): Promise<number> {
  return Number(readRows(await engine.query(`SELECT count() FROM ${from}`))[0]![0]);
}

async function daysOf(engine: Engine, id: TraceId): Promise<readonly string[]> {
  const bytes = await engine.query(
    `SELECT DISTINCT toString(toDate(start_time)) FROM ${database}.spans WHERE ${isTrace(id)}`,
  );
  return readRows(bytes).map(([day]) => day as string);
}

/** Names of spans that nothing has any more. */
async function forgetOperations(
  engine: Engine,
  days: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const list = days.map((day) => `toDate(${quote(day)})`).join(', ');
  const left = `SELECT tenant, toDate(start_time), service, name, kind FROM ${database}.span_search
    WHERE toDate(start_time) IN (${list})`;
  await mutate(
    engine,
    'operations',
    `DELETE WHERE day IN (${list}) AND (tenant, day, service, name, kind) NOT IN (${left})`,
    signal,
  );
}

/** Without the engine's own waiting: that has a deadline, and a large table takes its time. */
async function mutate(
  engine: Engine,
  table: string,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await engine.execute(`ALTER TABLE ${database}.${table} ${what} SETTINGS mutations_sync = 0`);
  for (;;) {
    const [row] = readRows(
      await engine.query(
        `SELECT count(), any(latest_fail_reason) FROM system.mutations
          WHERE database = {database:String} AND table = {table:String} AND NOT is_done`,
        { parameters: { table } },
      ),
    );
    if (row?.[0] === 0n) return;
    if (row?.[1] !== '') {
      // Its text may quote values.
      throw new EngineError(`rows of ${table} can not be rewritten`, { retryable: false });
    }
    await delay(pollMillis, undefined, { signal });
  }
}

/**
 * What a mutation has replaced is kept for a while; content must not be. The engine looks for old parts at once when
 * a partition is dropped, also one that there never was.
 */
async function deleteOldParts(
  engine: Engine,
  tables: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + oldPartsMillis;
  const alter = async (what: string) => {
    for (const table of tables) await engine.execute(`ALTER TABLE ${database}.${table} ${what}`);
  };
  await alter('MODIFY SETTING old_parts_lifetime = 1');
  try {
    const left = `system.parts WHERE NOT active AND database = {database:String}
      AND table IN (${tables.map(quote).join(', ')})`;
    while ((await countOf(engine, left)) > 0) {
      if (performance.now() > deadline) {
        throw new EngineError('parts that a purge has replaced are still on the disk; ask again', {
          retryable: true,
        });
      }
      await delay(oldPartsPollMillis, undefined, { signal });
      await alter("DROP PARTITION ID 'none'");
    }
  } finally {
    await alter(`MODIFY SETTING old_parts_lifetime = ${replacedPartsSeconds}`);
  }
}
