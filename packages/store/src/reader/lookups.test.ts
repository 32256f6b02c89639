import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SpanId, type TraceId, traceId } from '@spanwise/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestEngine } from '../engine.fixture.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../open-store.ts';
import { hexBytes, type Row, segmentOf } from '../rows.fixture.ts';
import { hasToken } from '../schema/attribute-tokens.ts';
import { database } from '../schema/tables.ts';
import type { Store } from '../store.ts';

const day = 86_400_000_000_000n;
const start = 20_000n * day;

let folder: string;
let engine: Engine;
let store: Store;
let nextSeq = 1n;
let nextTrace = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-lookups-'));
  engine = await createTestEngine(folder);
  store = await openStore({ engine });
}, 60_000);

afterAll(async () => {
  await store.close(5_000);
  await rm(folder, { recursive: true, force: true });
});

function newTrace(): TraceId {
  nextTrace += 1;
  return traceId(nextTrace.toString(16).padStart(32, 'c'));
}

const spanIdOf = (n: number) => n.toString(16).padStart(16, '0') as SpanId;

const row = (trace: TraceId, span: number, more: Row = {}): Row => ({
  trace_id: hexBytes(trace),
  span_id: hexBytes(spanIdOf(span)),
  start_time: start + BigInt(span),
  duration: 10n,
  service: 'shop',
  name: 'buy',
  adjusted_count: 1,
  ...more,
});

const write = async (rows: readonly Row[], signal: 'spans' | 'logs' = 'spans') => {
  const segment = await segmentOf(signal, nextSeq++, rows);
  await store.writeSegment(segment);
  return segment;
};

describe('groups of traces', () => {
  it('read what each trace alone reads, of near days together', async () => {
    const [one, two, later, gone] = [newTrace(), newTrace(), newTrace(), newTrace()];
    await write([
      row(one, 1),
      row(two, 1, { payload: [[1, 0, 'long', 0, 'text']] }),
      row(two, 2),
      row(later, 1, { start_time: start + 2n * day }),
    ]);
    // Again, in other company: it collapses.
    await write([row(one, 1), row(later, 2, { start_time: start + 2n * day + 1n })]);
    const groups = await store.traceGroups(0, [one, gone, two, later]);
    expect(groups.map(({ ids }) => ids)).toEqual([[one, two], [gone], [later]]);
    const read = new Map(
      (await Promise.all(groups.map((group) => group.read()))).flatMap((map) => [...map!]),
    );
    for (const id of [one, two, gone, later]) {
      expect(read.get(id)).toEqual(await store.trace(0, id));
    }
    expect(read.get(one)?.spans).toHaveLength(1);
    expect(read.get(two)?.spans).toHaveLength(2);
  });
});

describe('rows that came twice', () => {
  it('collapse when ids and content are equal, and are all kept when they differ', async () => {
    const id = newTrace();
    await write([
      row(id, 1, { attributes_int: [['n', 1n]] }),
      row(id, 2, { parent_span_id: hexBytes(spanIdOf(1)), status_code: 2 }),
      row(id, 3, { parent_span_id: hexBytes(spanIdOf(9)) }),
    ]);
    // Sent again, with a span under an id that is taken.
    await write([
      row(id, 2, { parent_span_id: hexBytes(spanIdOf(1)), status_code: 2 }),
      row(id, 3, { parent_span_id: hexBytes(spanIdOf(9)) }),
      row(id, 1, { attributes_int: [['n', 2n]] }),
    ]);
    const ids = [1, 1, 2, 3].map(spanIdOf);
    const trace = await store.trace(0, id);
    expect(trace?.spans.map(({ spanId }) => spanId)).toEqual(ids);
    expect((await store.spans(0, id, [spanIdOf(2)])).length).toBe(1);
    expect((await store.traceColumns(0, id))?.spanIds).toEqual(ids);
    const [summary] = await store.summaries(0, [id]);
    expect(summary).toMatchObject({ spanCount: 4, errorCount: 1, orphanCount: 1 });
  });
});

describe('the times of a trace', () => {
  it('cover spans of several months, and logs apart from spans', async () => {
    const id = newTrace();
    await write([row(id, 1), row(id, 2, { start_time: start + 40n * day })]);
    await write([row(id, 3, { start_time: start - 40n * day })]);
    await write([{ trace_id: hexBytes(id), time: start + 100n * day, severity_number: 9 }], 'logs');
    expect((await store.trace(0, id))?.spans.map(({ spanId }) => spanId)).toEqual([3, 1, 2].map(spanIdOf));
    expect((await store.logsOfTrace(0, id, 10)).length).toBe(1);
  });

  it('are filled in again when an insert may have been cut short', async () => {
    const id = newTrace();
    const segment = await write([row(id, 1)]);
    await engine.execute(`TRUNCATE TABLE ${database}.trace_times`);
    await store.writeSegment({ ...segment, isReplay: true });
    expect((await store.trace(0, id))?.spans.length).toBe(1);
  });

  it('are of one tenant', async () => {
    const id = newTrace();
    await write([row(id, 1, { tenant: 7 })]);
    expect(await store.trace(0, id)).toBeUndefined();
    expect((await store.trace(7, id))?.spans.length).toBe(1);
  });
});

describe('the index of attributes', () => {
  const found = (key: string, value: string, level?: 'span' | 'resource') =>
    store.findTraceIds(0, {
      attributes: [{ key, value, ...(level === undefined ? {} : { level }) }],
      limit: 10,
    });

  it('does not take one key for another because of an equals sign', async () => {
    const id = newTrace();
    await write([row(id, 1, { attributes_string: [['a=b', 'c=d']] })]);
    expect(await found('a=b', 'c=d')).toEqual([id]);
    expect(await found('a', 'b=c=d')).toEqual([]);
    expect(await found('a=b=c', 'd')).toEqual([]);
  });

  it('compares the whole of values that it holds the beginning of', async () => {
    const [one, other] = [newTrace(), newTrace()];
    const value = (end: string) => `${'ä'.repeat(100)}${end}`;
    await write([
      row(one, 1, { attributes_string: [['long', value('one')]] }),
      row(other, 1, { attributes_string: [['long', value('other')]] }),
    ]);
    expect(await found('long', value('one'))).toEqual([one]);
    expect(await found('long', value(''))).toEqual([]);
  });

  it('finds doubles as we write them, whatever the engine makes of them', async () => {
    const id = newTrace();
    const doubles = [1e21, 1e-7, Number.NaN, -0, Number.POSITIVE_INFINITY, 0.1, 123_456.789];
    await write([row(id, 1, { attributes_double: doubles.map((value, n) => [`d${n}`, value] as const) })]);
    const texts = ['1e+21', '1e-7', 'NaN', '-0', 'Infinity', '0.1', '123456.789'];
    for (const [n, text] of texts.entries()) expect([text, await found(`d${n}`, text)]).toEqual([text, [id]]);
    expect(await found('d0', '1e21')).toEqual([]);
  });

  it('tells levels apart where a query does', async () => {
    const id = newTrace();
    await write([row(id, 1, { resource_attributes: [['where', 1, 'here']] })]);
    expect(await found('where', 'here')).toEqual([id]);
    expect(await found('where', 'here', 'resource')).toEqual([id]);
    expect(await found('where', 'here', 'span')).toEqual([]);
  });

  it('is what the search reads', async () => {
    const bytes = await engine.query(
      `EXPLAIN indexes = 1 SELECT trace_id FROM ${database}.spans WHERE tenant = 0 AND ${hasToken("'no=where'")}`,
    );
    expect(Buffer.from(bytes).toString()).toMatch(
      /string_text[\s\S]*other_text|other_text[\s\S]*string_text/,
    );
  });
});
