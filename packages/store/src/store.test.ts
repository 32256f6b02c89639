import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spanId, traceId, unixNano } from '@spanwise/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from './engine.fixture.ts';
import type { Engine, QueryOptions } from './engine.ts';
import { engineErrorFrom } from './error-codes.ts';
import { openStore } from './open-store.ts';
import { readRows } from './row-binary/reader.ts';
import { payloadPlaces } from './rows/payload.ts';
import { hexBytes, type Row, segmentOf } from './rows.fixture.ts';
import { columnsOf } from './schema/columns.ts';
import { database } from './schema/tables.ts';
import type { LogPlace, LogQuery, Store, TraceQuery } from './store.ts';
import { writeSegment } from './writer/segment-writer.ts';

let folder: string;
let engine: Engine;
let store: Store;
let nextSeq = 1n;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-store-'));
  engine = await createTestEngine(folder);
  store = await openStore({ engine });
  nextSeq = (engine.ingestSeqFloor ?? 0n) + 1n;
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

const day = 86_400_000_000_000n;
const noon = 20_000n * day + day / 2n;
const second = 1_000_000_000n;
const id = (n: number) => traceId(n.toString(16).padStart(32, '0'));
const span = (trace: number, n: number, more: Row = {}): Row => ({
  trace_id: hexBytes(id(trace)),
  span_id: hexBytes(n.toString(16).padStart(16, '0')),
  start_time: noon,
  duration: 1_000_000n,
  service: 'gateway',
  name: 'GET /',
  adjusted_count: 1,
  cost: Number.NaN,
  ...more,
});

async function write(signal: 'spans' | 'logs', rows: readonly Row[]) {
  const segment = await segmentOf(signal, nextSeq, rows);
  nextSeq += 1n;
  await store.writeSegment(segment);
  return segment;
}

async function countOf(table: string, ingestSeq: bigint) {
  const bytes = await engine.query(
    `SELECT count(), uniqExact(row) FROM ${database}.${table} WHERE ingest_seq = ${ingestSeq}`,
  );
  return readRows(bytes)[0];
}

describe('the catalogue of services', () => {
  it('keeps the place of a service when others come, and when it is stored again', async () => {
    const tenant = 77;
    await write('spans', [
      span(700, 1, { tenant, service: 'web' }),
      span(700, 2, { tenant, service: 'memory' }),
    ]);
    await write('spans', [span(701, 1, { tenant, service: 'agent' })]);
    await write('spans', [span(702, 1, { tenant, service: 'web' })]);
    expect(await store.services(tenant)).toEqual(['memory', 'web', 'agent']);
  });
});

describe('a span that is stored and read', () => {
  const attributes: Row = {
    attributes_string: [
      ['http.route', '/chat'],
      ['empty', ''],
    ],
    attributes_int: [['big', 9_007_199_254_740_993n]],
    attributes_double: [
      ['nan', Number.NaN],
      ['infinite', Number.POSITIVE_INFINITY],
      ['three', 3],
      ['minus zero', -0],
    ],
    attributes_bool: [['yes', true]],
    attributes_other: [
      ['bytes', 5, 'AP8='],
      ['list', 6, '["a",{"int":"1"}]'],
      ['nothing', 0, ''],
    ],
  };

  it('keeps the type of every attribute, events, links, scope and resource', async () => {
    await write('spans', [
      span(1, 1, {
        ...attributes,
        parent_span_id: hexBytes('00000000000000ff'),
        trace_state: 'ot=th:8',
        flags: 257,
        kind: 2,
        status_code: 2,
        status_message: 'no',
        resource_attributes: [
          ['service.name', 1, 'gateway'],
          ['host.cpus', 3, '8'],
        ],
        resource_schema_url: 'https://example.org/1',
        resource_dropped_attributes: 1,
        scope_name: 'scope',
        scope_version: '1.2',
        scope_attributes: [['s', 2, 'true']],
        dropped_attributes: 2,
        events: [[noon + 5n, 'retry', [['attempt', 3, '2']], 1]],
        dropped_events: 3,
        links: [[hexBytes(id(9)), hexBytes('000000000000000a'), 'a=b', 1, [['k', 4, 'NaN']], 2]],
        dropped_links: 4,
        warnings: ['clock_skew'],
      }),
    ]);
    const trace = await store.trace(0, id(1));
    expect(trace?.spans).toEqual([
      {
        traceId: id(1),
        spanId: spanId('0000000000000001'),
        parentSpanId: spanId('00000000000000ff'),
        traceState: 'ot=th:8',
        flags: 257,
        name: 'GET /',
        kind: 2,
        startTimeUnixNano: noon,
        durationNanos: 1_000_000,
        statusCode: 2,
        statusMessage: 'no',
        resource: {
          serviceName: 'gateway',
          attributes: new Map<string, unknown>([
            ['service.name', 'gateway'],
            ['host.cpus', 8n],
          ]),
          schemaUrl: 'https://example.org/1',
          droppedAttributesCount: 1,
        },
        scope: {
          name: 'scope',
          version: '1.2',
          attributes: new Map([['s', true]]),
          schemaUrl: '',
          droppedAttributesCount: 0,
        },
        attributes: new Map<string, unknown>([
          ['http.route', '/chat'],
          ['empty', ''],
          ['big', 9_007_199_254_740_993n],
          ['nan', Number.NaN],
          ['infinite', Number.POSITIVE_INFINITY],
          ['three', 3],
          ['minus zero', -0],
          ['yes', true],
          ['bytes', Uint8Array.of(0, 255)],
          ['list', ['a', 1n]],
          ['nothing', undefined],
        ]),
        droppedAttributesCount: 2,
        events: [
          {
            timeUnixNano: noon + 5n,
            name: 'retry',
            attributes: new Map([['attempt', 2n]]),
            droppedAttributesCount: 1,
          },
        ],
        droppedEventsCount: 3,
        links: [
          {
            traceId: id(9),
            spanId: spanId('000000000000000a'),
            traceState: 'a=b',
            flags: 1,
            attributes: new Map([['k', Number.NaN]]),
            droppedAttributesCount: 2,
          },
        ],
        droppedLinksCount: 4,
        warnings: ['clock_skew'],
      },
    ]);
    expect(await store.spans(0, id(1), [spanId('0000000000000001')])).toEqual(trace?.spans);
  });

  it('is another trace for another tenant, and absent where it is not', async () => {
    expect(await store.trace(7, id(1))).toBeUndefined();
    expect(await store.traceColumns(0, id(999_999))).toBeUndefined();
    expect(await store.traceVersion(0, id(999_999))).toBeUndefined();
  });

  it('is found by the text form of each attribute, on each level', async () => {
    const find = async (
      key: string,
      value: string,
      level?: 'span' | 'resource' | 'scope' | 'event' | 'link',
    ) =>
      (
        await store.findTraceIds(0, {
          attributes: [{ key, value, ...(level === undefined ? {} : { level }) }],
          limit: 10,
        })
      ).includes(id(1));
    expect(await find('http.route', '/chat')).toBe(true);
    expect(await find('empty', '')).toBe(true);
    expect(await find('absent', '')).toBe(false);
    expect(await find('big', '9007199254740993')).toBe(true);
    expect(await find('big', '9007199254740992')).toBe(false);
    expect(await find('nan', 'NaN')).toBe(true);
    expect(await find('infinite', 'Infinity')).toBe(true);
    expect(await find('three', '3')).toBe(true);
    expect(await find('three', '3.0')).toBe(false);
    expect(await find('minus zero', '-0')).toBe(true);
    expect(await find('minus zero', '0')).toBe(false);
    expect(await find('yes', 'true')).toBe(true);
    expect(await find('yes', 'false')).toBe(false);
    expect(await find('bytes', 'AP8=')).toBe(true);
    expect(await find('host.cpus', '8')).toBe(true);
    expect(await find('host.cpus', '8', 'resource')).toBe(true);
    expect(await find('host.cpus', '8', 'span')).toBe(false);
    expect(await find('s', 'true', 'scope')).toBe(true);
    expect(await find('attempt', '2', 'event')).toBe(true);
    expect(await find('attempt', '2', 'span')).toBe(false);
    expect(await find('k', 'NaN', 'link')).toBe(true);
    for (const hostile of [
      "' OR 1=1 --",
      "\\' OR 1=1 --",
      '{tenant:UInt32}',
      '\0',
      '\n',
      "a'); DROP TABLE x",
    ]) {
      expect(await find('http.route', hostile)).toBe(false);
      expect(await find(hostile, 'x')).toBe(false);
    }
  });
});

// Before there are parts of many days: each deletion looks at all of them.
describe('payload', () => {
  const payload = [
    [payloadPlaces.attribute, 0, 'gen_ai.prompt', 1, 'hello'],
    [payloadPlaces.attribute, 0, 'list', 6, '["a"]'],
    [payloadPlaces.eventAttribute, 1, 'content', 1, 'hi'],
    [payloadPlaces.linkAttribute, 0, 'n', 3, '7'],
    [payloadPlaces.resourceAttribute, 0, 'r', 1, 'of the resource'],
    [payloadPlaces.scopeAttribute, 0, 's', 1, 'of the scope'],
    [payloadPlaces.statusMessage, 0, '', 1, 'no'],
  ];
  const whole = span(160, 1, {
    attributes_string: [['list', '[reduced: 5 bytes]']],
    events: [
      [noon, 'first', [], 0],
      [noon, 'second', [['role', 1, 'user']], 0],
    ],
    links: [[hexBytes(id(1)), hexBytes('0000000000000001'), '', 0, [], 0]],
    status_message: '[reduced: 2 bytes]',
    payload,
  });
  const remove = (table: string, ingestSeq: bigint) =>
    engine.execute(
      `ALTER TABLE ${database}.${table} DELETE WHERE ingest_seq = ${ingestSeq} SETTINGS mutations_sync = 1`,
    );

  it('comes back in its place, in whole traces and in single spans', async () => {
    await write('spans', [whole, span(160, 2)]);
    const trace = await store.trace(0, id(160));
    expect(trace?.spans[0]).toMatchObject({
      statusMessage: 'no',
      attributes: new Map<string, unknown>([
        ['list', ['a']],
        ['gen_ai.prompt', 'hello'],
      ]),
      events: [
        { name: 'first', attributes: new Map() },
        {
          name: 'second',
          attributes: new Map([
            ['role', 'user'],
            ['content', 'hi'],
          ]),
        },
      ],
      links: [{ attributes: new Map([['n', 7n]]) }],
      resource: { attributes: new Map([['r', 'of the resource']]) },
      scope: { attributes: new Map([['s', 'of the scope']]) },
      warnings: [],
    });
    expect(trace?.spans[1]).toMatchObject({ statusMessage: '', attributes: new Map(), warnings: [] });
    expect(await store.spans(0, id(160), [spanId('0000000000000001')])).toEqual([trace?.spans[0]]);
    expect(await store.trace(1, id(160))).toBeUndefined();
  });

  it('of log records comes back as well', async () => {
    const log = { trace_id: hexBytes(id(161)), time: noon, body_type: 0 };
    await write('logs', [
      { ...log, payload: [[payloadPlaces.body, 0, '', 7, '{"map":[["a","b"]]}'], payload[0]!] },
      { ...log, body_type: 1, body: 'plain' },
    ]);
    const records = await store.logsOfTrace(0, id(161), 10);
    expect(records.map(({ body }) => body)).toEqual([new Map([['a', 'b']]), 'plain']);
    expect(records[0]!.attributes).toEqual(new Map([['gen_ai.prompt', 'hello']]));
    const listed = await store.findLogs(0, { traceId: id(161), order: 'oldest', limit: 10 });
    expect(listed.map(({ record }) => record)).toEqual(records);
    expect(listed.map(({ place }) => place.row)).toEqual([0, 1]);
  });

  it('is in no other table', async () => {
    const tables = readRows(
      await engine.query(
        `SELECT name FROM system.tables WHERE database = {database:String} AND name NOT LIKE '%_payload'
          AND engine LIKE '%MergeTree'`,
      ),
    ).map(([name]) => name as string);
    expect(tables.length).toBeGreaterThan(4);
    for (const table of tables) {
      const found = await engine.query(
        `SELECT count() FROM ${database}.${table} WHERE position(toString(tuple(*)), 'of the resource') > 0`,
      );
      expect([table, readRows(found)[0]![0]]).toEqual([table, 0n]);
    }
  });

  it('is proved by count: what is lost comes again, what is there twice goes', async () => {
    const segment = await write('spans', [whole, span(160, 3), whole]);
    expect(await countOf('span_payload', segment.ingestSeq)).toEqual([2n, 2n]);
    await remove('span_payload', segment.ingestSeq);
    await store.writeSegment(segment);
    expect(await countOf('span_payload', segment.ingestSeq)).toEqual([2n, 2n]);
    await engine.execute(
      `INSERT INTO ${database}.span_payload SELECT * FROM ${database}.span_payload WHERE ingest_seq = ${segment.ingestSeq}`,
    );
    await store.writeSegment(segment);
    expect(await countOf('span_payload', segment.ingestSeq)).toEqual([2n, 2n]);
    await remove('span_payload', segment.ingestSeq);
    await remove('spans', segment.ingestSeq);
    await store.writeSegment(segment);
    expect(await countOf('span_payload', segment.ingestSeq)).toEqual([2n, 2n]);
    expect(await countOf('spans', segment.ingestSeq)).toEqual([3n, 3n]);
  });

  it('that is too old is gone, and the span says so', async () => {
    const forever = { tracesMillis: 1e15, logsMillis: 1e15 };
    const later = Number(noon / 1_000_000n) + 2 * 86_400_000;
    const segment = await write('spans', [span(162, 1, { payload })]);
    expect(await store.applyRetention({ ...forever, payloadMillis: 5 * 86_400_000 }, later)).toEqual([]);
    const dropped = await store.applyRetention({ ...forever, payloadMillis: 86_400_000 }, later);
    expect(dropped.map((name) => name.split('/')[0])).toEqual(['log_payload', 'span_payload']);
    expect((await store.trace(0, id(162)))?.spans[0]).toMatchObject({
      attributes: new Map(),
      warnings: ['7 large or protected values are gone: their retention is over'],
    });
    expect(await countOf('spans', segment.ingestSeq)).toEqual([1n, 1n]);
  });
});

describe('writing a segment', () => {
  it('stores each row once, however often it is written', async () => {
    const segment = await write('spans', [span(2, 1), span(2, 2), span(2, 3, { start_time: noon - day })]);
    await store.writeSegment(segment);
    expect(await countOf('spans', segment.ingestSeq)).toEqual([3n, 3n]);
    expect(await countOf('span_search', segment.ingestSeq)).toEqual([3n, 3n]);
  });

  it('cuts a repeated insert into the same blocks, so that the token alone keeps it out', async () => {
    const mutations = async () => readRows(await engine.query('SELECT count() FROM system.mutations'))[0]![0];
    const before = await mutations();
    const rows = Array.from({ length: 3_000 }, (_, n) =>
      span(7, n + 1, { start_time: noon - BigInt(n % 4) * day }),
    );
    const segment = await write('spans', rows);
    await store.writeSegment(segment);
    await store.writeSegment(segment);
    // Rows stored twice would have been deleted again, by a mutation.
    expect(await mutations()).toBe(before);
  });

  it('reads a segment of an earlier version by the structure that wrote it', async () => {
    const gone = new Set(['scope_version', 'cost', 'warnings']);
    const columns = columnsOf.spans.filter(([name]) => !gone.has(name));
    const segment = await segmentOf('spans', nextSeq, [span(8, 1, { scope_name: 's' })], columns);
    nextSeq += 1n;
    await store.writeSegment({ ...segment, schemaVersion: 0 });
    const trace = await store.trace(0, id(8));
    expect(trace?.spans[0]).toMatchObject({ scope: { name: 's', version: '' }, name: 'GET /', warnings: [] });
    await engine.execute(
      `ALTER TABLE ${database}.span_search DELETE WHERE ingest_seq = ${segment.ingestSeq} SETTINGS mutations_sync = 1`,
    );
    await store.writeSegment({ ...segment, schemaVersion: 0 });
    expect(await countOf('span_search', segment.ingestSeq)).toEqual([1n, 1n]);
  });

  it('refuses a segment of a newer version', async () => {
    const segment = await segmentOf('spans', nextSeq, [span(9, 1)]);
    await expect(store.writeSegment({ ...segment, schemaVersion: 99 })).rejects.toMatchObject({
      retryable: false,
    });
  });

  it('fills in rows that one table lost, though the token says that they are there', async () => {
    const segment = await write('spans', [span(3, 1), span(3, 2)]);
    await engine.execute(
      `ALTER TABLE ${database}.span_search DELETE WHERE ingest_seq = ${segment.ingestSeq} AND row = 1 SETTINGS mutations_sync = 1`,
    );
    await store.writeSegment(segment);
    expect(await countOf('span_search', segment.ingestSeq)).toEqual([2n, 2n]);
    expect(await countOf('spans', segment.ingestSeq)).toEqual([2n, 2n]);
  });

  it('removes rows that one table has twice', async () => {
    const segment = await write('spans', [span(4, 1), span(4, 2)]);
    await engine.execute(
      `INSERT INTO ${database}.spans SELECT * FROM ${database}.spans WHERE ingest_seq = ${segment.ingestSeq}`,
    );
    expect(await countOf('spans', segment.ingestSeq)).toEqual([4n, 2n]);
    await store.writeSegment(segment);
    expect(await countOf('spans', segment.ingestSeq)).toEqual([2n, 2n]);
  });

  it('does not retry rows that nobody can read', async () => {
    const segment = await segmentOf('spans', nextSeq, [span(5, 1)]);
    nextSeq += 1n;
    const torn = { ...segment, rowCount: 2 };
    await expect(store.writeSegment(torn)).rejects.toMatchObject({ name: 'EngineError', retryable: false });
  });

  it('does not blame the rows when counting them takes too long', async () => {
    const segment = await segmentOf('spans', nextSeq, [span(10, 1)]);
    nextSeq += 1n;
    let isBusy = true;
    // The engine itself, but for one answer: no test can make a count of one row slow.
    const busy: Engine = Object.assign(Object.create(engine) as Engine, {
      execute: (sql: string) => engine.execute(sql),
      fileSource: (path: string, structure: string) => engine.fileSource(path, structure),
      query: (sql: string, options?: QueryOptions) => {
        if (!isBusy) return engine.query(sql, options);
        isBusy = false;
        return Promise.reject(engineErrorFrom('Code: 159. DB::Exception: (TIMEOUT_EXCEEDED)', 159));
      },
    });
    await expect(writeSegment(busy, segment)).rejects.toMatchObject({ retryable: true });
    await writeSegment(busy, segment);
    expect(await countOf('spans', segment.ingestSeq)).toEqual([1n, 1n]);
  });

  it('takes a segment whose rows lie on many days', async () => {
    const rows = Array.from({ length: 150 }, (_, n) =>
      span(6, n + 1, { start_time: noon - BigInt(n) * day }),
    );
    const segment = await write('spans', rows);
    expect(await countOf('spans', segment.ingestSeq)).toEqual([150n, 150n]);
    // A part for each day, in each table.
  });
});

describe('finding traces', () => {
  const base = noon + 10n * second;
  const byService = (more: Partial<TraceQuery> = {}) =>
    store.findTraceIds(0, { service: 'finder', limit: 20, ...more });

  beforeAll(async () => {
    await write('spans', [
      // Trace 100 runs for two hours: its earliest match is old, its newest is the newest of all.
      span(100, 1, { service: 'finder', start_time: base - 7_200n * second, name: 'old start' }),
      span(100, 2, { service: 'finder', start_time: base + 50n * second }),
      span(101, 1, { service: 'finder', start_time: base + 1n * second, kind: 2, duration: 5_000n }),
      span(102, 1, { service: 'finder', start_time: base + 2n * second, status_code: 2 }),
      span(102, 2, { service: 'other', parent_span_id: hexBytes('00000000000000aa'), name: 'x' }),
      span(103, 1, { service: 'finder', start_time: base + 2n * second, name: 'x', duration: 9_000_000n }),
      span(104, 1, { service: 'finder', start_time: base - 3n * day, name: 'ancient' }),
    ]);
    await write('spans', [span(101, 1, { service: 'finder', start_time: base, tenant: 5 })]);
  });

  it('gives the newest first, by the earliest match of each trace', async () => {
    expect(await byService()).toEqual([id(102), id(103), id(101), id(100), id(104)]);
  });

  it('gives the same first page however short it is', async () => {
    expect(await byService({ limit: 2 })).toEqual([id(102), id(103)]);
    expect(await byService({ limit: 4 })).toEqual([id(102), id(103), id(101), id(100)]);
  });

  it.each<[string, Partial<TraceQuery>, readonly number[]]>([
    ['operation', { operation: 'x' }, [103]],
    ['kind', { kind: 2 }, [101]],
    ['errors', { hasError: true }, [102]],
    ['no errors', { hasError: false }, [103, 101, 100, 104]],
    ['shortest duration, inclusive', { durationNanosMin: 9_000_000 }, [103]],
    ['longest duration, inclusive', { durationNanosMax: 5_000 }, [101]],
    ['start, inclusive', { startTimeMin: unixNano(base + 2n * second) }, [100, 102, 103]],
    ['end, inclusive', { startTimeMax: unixNano(base - 7_200n * second) }, [100, 104]],
    ['one day without matches', { startTimeMin: unixNano(base + day) }, []],
    ['conditions of two spans', { operation: 'x', hasError: true }, []],
    ['another service', { service: 'nobody' }, []],
  ])('narrows by %s', async (_what, query, expected) => {
    expect(await byService(query)).toEqual(expected.map(id));
  });

  it('keeps tenants apart', async () => {
    expect(await store.findTraceIds(5, { service: 'finder', limit: 20 })).toEqual([id(101)]);
    expect(await store.services(5)).toEqual(['finder']);
    expect(await store.findTraceIds(6, { limit: 20 })).toEqual([]);
  });

  it('sums up the whole trace', async () => {
    await write('spans', [
      span(110, 1, {
        service: 'agent',
        name: 'handle',
        operation: 'invoke_agent',
        input_tokens: 30,
        output_tokens: 7,
      }),
      span(110, 2, {
        parent_span_id: hexBytes('0000000000000001'),
        service: 'llm',
        operation: 'chat',
        response_model: 'm-1',
        input_tokens: 10,
        output_tokens: 7,
        cost: 0.25,
        cost_state: 2,
        start_time: noon + second,
        duration: 5n * second,
      }),
      span(110, 3, {
        parent_span_id: hexBytes('0000000000000001'),
        service: 'llm',
        operation: 'chat',
        request_model: 'm-0',
        input_tokens: 20,
        status_code: 2,
      }),
      span(110, 4, { parent_span_id: hexBytes('0000000000000bad') }),
    ]);
    expect(await store.summaries(0, [id(998), id(110)])).toEqual([
      {
        traceId: id(110),
        rootService: 'agent',
        rootName: 'handle',
        startTimeUnixNano: noon,
        durationNanos: 6e9,
        spanCount: 4,
        errorCount: 1,
        orphanCount: 1,
        services: [
          { name: 'agent', spanCount: 1, errorCount: 0 },
          { name: 'gateway', spanCount: 1, errorCount: 0 },
          { name: 'llm', spanCount: 2, errorCount: 1 },
        ],
        inputTokens: 30,
        outputTokens: 7,
        cost: 0.25,
        unpricedCalls: 1,
        models: ['m-0', 'm-1'],
      },
    ]);
    expect(await store.operations(0, 'agent')).toEqual([{ name: 'handle', kind: 0 }]);
    expect(await store.operations(0, 'agent', 3)).toEqual([]);
  });
});

describe('a trace as columns', () => {
  it('links parents, tells roots from orphans, and survives cycles and shared ids', async () => {
    const parent = (n: number) => ({ parent_span_id: hexBytes(n.toString(16).padStart(16, '0')) });
    await write('spans', [
      span(120, 1, { service: 'a', start_time: noon }),
      span(120, 2, {
        ...parent(1),
        service: 'b',
        start_time: noon + 1n,
        agent: 'planner',
        response_model: 'm',
      }),
      span(120, 2, {
        ...parent(1),
        service: 'b',
        start_time: noon + 2n,
        request_model: 'm',
        tool: 'planner',
      }),
      span(120, 3, { ...parent(2), start_time: noon + 3n, input_tokens: 5, first_chunk_nanos: 12 }),
      span(120, 4, { ...parent(5), start_time: noon + 4n }),
      span(120, 5, { ...parent(4), start_time: noon + 5n }),
      span(120, 6, { ...parent(0xdead), start_time: noon + 6n, events: [[noon, 'e', [], 0]] }),
      span(120, 7, { ...parent(7), start_time: noon + 7n, duration: 100_000_000n }),
    ]);
    await write('logs', [
      {
        trace_id: hexBytes(id(120)),
        span_id: hexBytes('0000000000000006'),
        time: noon,
        body_type: 1,
        body: 'x',
      },
    ]);
    const columns = (await store.traceColumns(0, id(120)))!;
    expect([...columns.parentRow]).toEqual([-1, 0, 0, 1, 5, 4, -2, 7]);
    expect([...columns.startNanos]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(columns.durationNanos).toBe(100_000_007);
    expect([...columns.eventCount]).toEqual([0, 0, 0, 0, 0, 0, 2, 0]);
    expect(columns.services).toEqual(['a', 'b', 'gateway']);
    expect([...columns.serviceIndex.slice(0, 4)]).toEqual([0, 1, 1, 2]);
    expect(columns.labels[columns.agentIndex[1]!]).toBe('planner');
    expect(columns.toolIndex[2]).toBe(columns.agentIndex[1]);
    expect(columns.modelIndex[2]).toBe(columns.modelIndex[1]);
    expect([...columns.operationIndex]).toEqual(Array(8).fill(-1));
    expect([columns.inputTokens[3], columns.outputTokens[3], columns.firstChunkNanos[3]]).toEqual([
      5, -1, 12,
    ]);
  });

  it('reads 10,000 spans', async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) =>
      span(130, n + 1, {
        start_time: noon + BigInt(n),
        name: `step ${n % 700}`,
        parent_span_id: hexBytes(
          Math.floor((n + 1) / 2)
            .toString(16)
            .padStart(16, '0'),
        ),
      }),
    );
    await write('spans', rows);
    const columns = (await store.traceColumns(0, id(130)))!;
    expect(columns.spanCount).toBe(10_000);
    expect(columns.names).toHaveLength(700);
    expect(columns.parentRow[0]).toBe(-1);
    expect(
      columns.parentRow.every((parent, row) => row === 0 || parent === Math.floor((row + 1) / 2) - 1),
    ).toBe(true);
    expect(columns.spanIds[9_999]).toBe((10_000).toString(16).padStart(16, '0'));
  });
});

describe('log records', () => {
  it('come back by trace, in time order, with the type of their body', async () => {
    const log = (n: number, more: Row): Row => ({
      trace_id: hexBytes(id(140)),
      span_id: hexBytes('0000000000000001'),
      time: noon - BigInt(n),
      observed_time: noon,
      severity_number: 9,
      severity_text: 'INFO',
      service: 'gateway',
      ...more,
    });
    await write('logs', [
      log(1, { body_type: 1, body: 'second' }),
      log(2, { body_type: 7, body: '{"map":[["k",{"int":"1"}]]}', attributes_int: [['n', 4n]] }),
      log(3, { trace_id: new Uint8Array(16), span_id: new Uint8Array(8) }),
    ]);
    const records = await store.logsOfTrace(0, id(140), 10);
    expect(records.map(({ body }) => body)).toEqual([new Map([['k', 1n]]), 'second']);
    expect(records[0]).toMatchObject({
      traceId: id(140),
      spanId: spanId('0000000000000001'),
      severityNumber: 9,
      attributes: new Map([['n', 4n]]),
    });
    expect(await store.logsOfTrace(0, id(140), 1)).toHaveLength(1);
    expect(await store.logCounts(0, id(140))).toEqual({
      total: records.length,
      errors: records.filter(({ severityNumber }) => severityNumber >= 17).length,
    });
  });

  it('are found by what they say, and paged without a gap or a repeat', async () => {
    const service = 'paged';
    // Four times three records of one moment: ties across pages and segments.
    for (const part of [0, 1, 2]) {
      await write(
        'logs',
        [0, 1, 2, 3].map((n) => ({
          service,
          time: noon + BigInt(n) * 1_000_000n,
          body_type: 1,
          body: `Part ${part} number ${n}`,
          severity_number: n === 3 ? 17 : 9,
          ...(n === 0 ? { trace_id: hexBytes(id(141)), span_id: hexBytes('00000000000000aa') } : {}),
        })),
      );
    }
    const find = async (query: Partial<LogQuery>) =>
      (await store.findLogs(0, { service, order: 'newest', limit: 100, ...query })).map(
        ({ record }) => record.body,
      );
    expect(await find({ text: 'PART 1' })).toHaveLength(4);
    expect(await find({ text: '100 %_' })).toEqual([]);
    expect(await find({ severityMin: 17 })).toHaveLength(3);
    expect(await find({ traceId: id(141) })).toHaveLength(3);
    expect(await find({ spanId: spanId('00000000000000aa'), text: 'part 2' })).toEqual(['Part 2 number 0']);
    expect(await find({ timeMin: unixNano(noon + 1n), timeMax: unixNano(noon + 2_000_000n) })).toHaveLength(
      6,
    );
    expect(await find({ service: 'nobody' })).toEqual([]);
    for (const order of ['newest', 'oldest'] as const) {
      const paged: unknown[] = [];
      let after: LogPlace | undefined;
      do {
        const page = await store.findLogs(0, {
          service,
          order,
          limit: 5,
          ...(after === undefined ? {} : { after }),
        });
        paged.push(...page.map(({ record }) => record.body));
        after = page.length === 5 ? page.at(-1)!.place : undefined;
      } while (after !== undefined);
      expect(paged).toEqual(await find({ order }));
      expect(new Set(paged).size).toBe(12);
    }
  });

  it('change the version of their trace, as spans do', async () => {
    const versions = [await store.traceVersion(0, id(150))];
    await write('spans', [span(150, 1)]);
    versions.push(await store.traceVersion(0, id(150)));
    await write('logs', [{ trace_id: hexBytes(id(150)), time: noon }]);
    versions.push(await store.traceVersion(0, id(150)));
    expect(versions[0]).toBeUndefined();
    expect(new Set(versions).size).toBe(3);
    expect(await store.traceVersion(0, id(150))).toBe(versions[2]);
  });
});

it('knows the last number it stored', async () => {
  const segment = await write('logs', [{ time: noon }]);
  expect(await store.lastIngestSeq()).toBe(segment.ingestSeq);
});

// Last: it empties the tables.
describe('retention', () => {
  const millis = Number(noon / 1_000_000n);
  const spansLeft = async () =>
    readRows(await engine.query(`SELECT DISTINCT toUInt32(toDate(start_time)) FROM ${database}.spans`))
      .length;

  it('drops whole days by age, for each signal by itself', async () => {
    const dropped = await store.applyRetention(
      { tracesMillis: 5 * 86_400_000, logsMillis: 3_600_000 },
      millis,
    );
    expect(dropped.filter((name) => name.startsWith('spans/'))).toHaveLength(150 - 6);
    expect(dropped.some((name) => name.startsWith('logs/'))).toBe(false);
    expect(await spansLeft()).toBe(6);
    expect(await store.trace(0, id(1))).toBeDefined();
    // Hundreds of partitions, beside everything else that runs.
  }, 60_000);

  it('drops the oldest days by size, but for the sake of the disk never the newest', async () => {
    const forever = { tracesMillis: 1e15, logsMillis: 1e15 };
    await store.applyRetention({ ...forever, diskShare: 0 }, millis);
    expect(await spansLeft()).toBe(2);
    expect(await store.applyRetention({ ...forever, diskShare: 1 }, millis)).toEqual([]);
    await store.applyRetention({ ...forever, sizeBytes: 0 }, millis);
    expect(await spansLeft()).toBe(0);
    expect(await store.services(0)).toEqual([]);
  });
});
