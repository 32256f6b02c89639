import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceId } from '@spanwise/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { readRows } from '../row-binary/reader.ts';
import { hexBytes, type Row, segmentOf } from '../rows.fixture.ts';
import type { Store } from '../store.ts';
import type { CheckOptions, DerivedCheck } from './check-derived.ts';
import type { PurgeStep, PurgeTarget } from './purge.ts';

/** Stands in every place that an attribute of the purged key, or a span of the purged trace, can have. */
const marker = 'MARKER';
const leakedKey = "customer.it's";
const leaked = '11111111111111111111111111111111';
const others = '22222222222222222222222222222222';
const noon = 1_700_000_000_000_000_000n;
const textType = 1;
const mapType = 7;

let folder: string;
let engine: Engine;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-maintenance-'));
  engine = await createTestEngine(folder);
  store = await openStore({ engine });
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const list = (key: string, value: string) => [[key, textType, value]];

function span(trace: string, name: string, key: string, value: string): Row {
  const nested = JSON.stringify({ map: [[key, value]] });
  return {
    trace_id: hexBytes(trace),
    span_id: hexBytes('1111111111111111'),
    start_time: noon,
    duration: 5_000n,
    service: 'shop',
    name,
    kind: 2,
    adjusted_count: 1,
    resource_attributes: list(key, value),
    scope_attributes: list(key, value),
    attributes_string: [
      [key, value],
      ['http.route', '/kept'],
    ],
    attributes_other: [['nested', mapType, nested]],
    events: [[noon, 'event', list(key, value), 0]],
    links: [[hexBytes(others), hexBytes('2222222222222222'), '', 0, list(key, value), 0]],
    payload: [[0, 0, key, textType, value]],
  };
}

function record(trace: string, key: string, value: string): Row {
  return {
    time: noon,
    observed_time: noon,
    trace_id: hexBytes(trace),
    service: 'shop',
    body_type: mapType,
    body: JSON.stringify({ map: [[key, value]] }),
    attributes_string: [[key, value]],
    resource_attributes: list('kept', 'kept'),
    payload: [[0, 0, key, textType, value]],
    adjusted_count: 1,
  };
}

let written = 0n;

async function write(spans: readonly Row[], records: readonly Row[] = []): Promise<void> {
  written += 1n;
  await store.writeSegment(await segmentOf('spans', written, spans));
  if (records.length > 0) await store.writeSegment(await segmentOf('logs', written, records));
}

const tables = [
  ...['spans', 'span_search', 'operations', 'services', 'trace_times', 'trace_summary', 'series'],
  ...['series_hour', 'span_payload', 'logs', 'trace_log_times', 'log_payload', 'attribute_catalogue'],
  ...['archived_spans', 'archived_payload', 'instrumentation_notes'],
];

/** Tables of which a row says it somewhere. */
async function tablesWith(text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const bytes = await engine.query(
      `SELECT count() FROM {database:Identifier}.${table} WHERE position(toString(tuple(*)), {text:String}) > 0`,
      { parameters: { text } },
    );
    if (readRows(bytes)[0]![0] !== 0n) found.push(table);
  }
  return found;
}

async function purge(target: PurgeTarget, isDryRun = false): Promise<readonly PurgeStep[]> {
  const steps: PurgeStep[] = [];
  await store.purge(target, { isDryRun, onStep: (step) => steps.push(step) });
  return steps;
}

async function check(options?: CheckOptions): Promise<readonly DerivedCheck[]> {
  const all: DerivedCheck[] = [];
  for await (const counted of store.checkDerived(options)) all.push(counted);
  expect(all.length).toBeGreaterThan(8);
  return all;
}

async function differences(): Promise<readonly DerivedCheck[]> {
  return (await check()).filter(({ differing }) => differing > 0);
}

/** What decode workers tell of the keys of these rows. */
async function tellKeys(...keys: readonly string[]): Promise<void> {
  const levels = ['span', 'resource', 'scope', 'event', 'link', 'log'] as const;
  const entries = keys.flatMap((key) =>
    levels.map((level) => ({ kind: 'key', level, key, type: textType }) as const),
  );
  const nested = (['span', 'log'] as const).map(
    (level) => ({ kind: 'key', level, key: 'nested', type: mapType }) as const,
  );
  const path = join(folder, 'catalogue.rows');
  await store.addToCatalogue(0, [...entries, ...nested], Number(noon / 1_000_000n), path);
}

async function catalogue(key: string, value: string): Promise<void> {
  const path = join(folder, 'catalogue.rows');
  const common = { key, level: 'span', type: textType } as const;
  await store.addToCatalogue(0, [{ kind: 'value', ...common, value }], Number(noon / 1_000_000n), path);
}

describe('purging', () => {
  it('takes an attribute out of every row, and leaves the rest of the row', async () => {
    await write(
      [span(leaked, 'pay', leakedKey, marker), span(others, 'pay', 'other', 'kept')],
      [record(leaked, leakedKey, marker), record(others, 'other', 'kept')],
    );
    await catalogue(leakedKey, marker);
    await store.archiveTrace(0, traceId(leaked), { withPayload: true });
    const target = { kind: 'attribute', key: leakedKey } as const;
    const told = await purge(target, true);
    expect(told.map(({ table, rows }) => [table, rows])).toEqual([
      ['attribute_catalogue', 1],
      ['span_payload', 1],
      ['log_payload', 1],
      ['archived_payload', 1],
      ['logs', 1],
      ['archived_spans', 1],
      ['spans', 1],
    ]);
    expect(await tablesWith(marker)).not.toEqual([]);
    expect(await purge(target)).toEqual(told);
    expect(await tablesWith(marker)).toEqual([]);
    expect(await tablesWith(leakedKey)).toEqual([]);
    const query = { limit: 10, attributes: [{ key: leakedKey, value: marker }] };
    expect(await store.findTraceIds(0, query)).toEqual([]);
    const kept = { limit: 10, attributes: [{ key: 'http.route', value: '/kept' }] };
    expect(await store.findTraceIds(0, kept)).toHaveLength(2);
    const old = await engine.query(
      "SELECT count() FROM system.parts WHERE NOT active AND database = {database:String} AND table IN ('spans', 'logs')",
    );
    expect(readRows(old)[0]![0]).toBe(0n);
    expect(await purge(target)).toEqual([]);
    await tellKeys('other', 'kept', 'http.route');
    expect(await differences()).toEqual([]);
  }, 120_000);

  it('takes a trace out of every table, and counts anew what was counted with it', async () => {
    await write([span(leaked, marker, 'secret', marker)], [record(leaked, 'secret', marker)]);
    await catalogue('secret', marker);
    await store.archiveTrace(0, traceId(leaked), { withPayload: true });
    expect(await tablesWith(marker)).toContain('operations');
    await purge({ kind: 'trace', traceId: traceId(leaked) });
    expect(await tablesWith(marker)).toEqual([]);
    expect(await store.trace(0, traceId(leaked))).toBeUndefined();
    expect(await store.logCounts(0, traceId(leaked))).toEqual({ total: 0, errors: 0 });
    expect((await store.trace(0, traceId(others)))?.spans).toHaveLength(1);
    expect(await differences()).toEqual([]);
  }, 120_000);
});

describe('counting derived tables anew', () => {
  beforeAll(async () => {
    await store.archiveTrace(0, traceId(others), { withPayload: true });
    expect(await differences()).toEqual([]);
  });

  async function damage(table: string, how: string): Promise<void> {
    await engine.execute(`ALTER TABLE {database:Identifier}.${table} ${how} SETTINGS mutations_sync = 1`);
  }

  const repairWithin = async (repair: () => Promise<void>) => repair();

  it.each([
    {
      what: 'what derives from rows',
      damages: [
        ['series', 'DELETE WHERE 1'],
        ['series_hour', 'UPDATE spans = spans + 1 WHERE 1'],
        ['operations', 'DELETE WHERE 1'],
        ['services', 'DELETE WHERE 1'],
        ['trace_times', 'DELETE WHERE 1'],
        ['trace_log_times', 'DELETE WHERE 1'],
        ['attribute_catalogue', "DELETE WHERE key = 'http.route'"],
      ],
    },
    { what: 'the table of lists', damages: [['span_search', 'DELETE WHERE 1']] },
    { what: 'the last segment of a trace', damages: [['trace_times', 'UPDATE last_seq = 0 WHERE 1']] },
  ] as const)('tells when $what is not there, or not right, and makes it anew', async ({ damages }) => {
    for (const [table, how] of damages) await damage(table, how);
    const told = await differences();
    expect(told[0]).toMatchObject({ day: '2023-11-14' });
    const names = damages.map(([table]) => table);
    expect(told.map(({ table }) => table)).toEqual(expect.arrayContaining(names));
    let repairs = 0;
    const repaired = await check({
      repairWithin: async (repair) => {
        repairs += 1;
        await repair();
      },
    });
    for (const name of names) {
      expect(repaired.find(({ table }) => table === name)).toMatchObject({
        differing: 0,
        repaired: told.find(({ table }) => table === name)?.differing,
      });
    }
    expect(repairs).toBeGreaterThanOrEqual(names.length);
    expect(await differences()).toEqual([]);
  });

  it('makes rows one again of which the table of lists has two', async () => {
    const search = '{database:Identifier}.span_search';
    await engine.execute(`INSERT INTO ${search} SELECT * FROM ${search} SETTINGS insert_deduplicate = 0`);
    expect((await differences()).map(({ table }) => table)).toContain('span_search');
    await check({ repairWithin });
    expect(await differences()).toEqual([]);
  });

  it('tells of payload and archive that nothing can make anew', async () => {
    await damage('archived_spans', "UPDATE status_message = 'other' WHERE 1");
    await damage('archived_payload', 'UPDATE payload = [] WHERE 1');
    await damage('log_payload', 'DELETE WHERE 1');
    const left = async () =>
      (await check({ repairWithin }))
        .filter(({ differing }) => differing > 0)
        .map(({ table, repaired }) => `${table} ${repaired ?? 'as it was'}`);
    const lost = ['log_payload as it was', 'archived_payload as it was'];
    expect(await left()).toEqual(expect.arrayContaining([...lost, 'archived_spans as it was']));
    await damage('archived_spans', 'DELETE WHERE 1');
    await damage('span_payload', 'DELETE WHERE 1');
    expect(await left()).toEqual(expect.arrayContaining([...lost, 'span_payload as it was']));
  });
});
