import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, spanId, unixNano } from '@spanwise/model';
import { columnsOf, type Signal, structureOf } from '@spanwise/store/rows';
import { query } from 'chdb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attributes, decodeLogs, decodeSpans, logRecord, span } from './testing/decode.ts';

/** What ClickHouse itself makes of the bytes: the proof that types and order are right. */
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spanwise-rows-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function select(signal: Signal, rows: Uint8Array): Promise<readonly Record<string, unknown>[]> {
  const path = join(folder, `${signal}.bin`);
  await writeFile(path, rows);
  const columns = columnsOf[signal].map(([name, type]) => {
    if (type.startsWith('FixedString')) return `lower(hex(${name})) AS ${name}`;
    return type.startsWith('DateTime64') ? `toUnixTimestamp64Nano(${name}) AS ${name}` : name;
  });
  const structure = structureOf(signal).replaceAll("'", "\\'");
  const text = query(
    `SELECT ${columns.join(', ')} FROM file('${path}', RowBinary, '${structure}')
     SETTINGS output_format_json_quote_denormals = 1, output_format_json_quote_64bit_integers = 1`,
    'JSONEachRow',
  );
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const everyType = attributes({
  text: 'täxt',
  int: -(2n ** 62n),
  double: 0.1,
  infinite: Number.NEGATIVE_INFINITY,
  bool: true,
  bytes: Uint8Array.of(0, 255),
  list: ['a', 1n],
  map: new Map<string, AttributeValue>([['k', 'v']]),
  empty: undefined,
});

describe('rows in ClickHouse', () => {
  it('spans', async () => {
    const sent = span({
      parentSpanId: spanId('00f067aa0ba902b7'),
      traceState: 'ot=th:8',
      flags: 0xffff_ffff,
      kind: 5,
      durationNanos: 2 ** 40,
      statusCode: 2,
      statusMessage: 'no',
      attributes: new Map<string, AttributeValue>([
        ...everyType,
        ['gen_ai.usage.input_tokens', 12n],
        ['gen_ai.agent.name', 'helper'],
      ]),
      events: [
        { timeUnixNano: unixNano(1n), name: 'e1', attributes: everyType, droppedAttributesCount: 1 },
        { timeUnixNano: unixNano(2n), name: 'e2', attributes: new Map(), droppedAttributesCount: 0 },
      ],
      links: [
        {
          traceId: span().traceId,
          spanId: span().spanId,
          traceState: 's',
          flags: 1,
          attributes: everyType,
          droppedAttributesCount: 2,
        },
      ],
    });
    const rows = await select('spans', decodeSpans([span(), sent, span({ durationNanos: 0 })]).rows);
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({
      ingest_seq: '0',
      row: 0,
      tenant: 7,
      trace_id: sent.traceId,
      span_id: sent.spanId,
      parent_span_id: '00f067aa0ba902b7',
      flags: 0xffff_ffff,
      kind: 5,
      start_time: String(sent.startTimeUnixNano),
      duration: String(2 ** 40),
      status_code: 2,
      service: 'shop',
      attributes_string: { text: 'täxt', 'gen_ai.agent.name': 'helper' },
      attributes_int: { int: String(-(2n ** 62n)), 'gen_ai.usage.input_tokens': '12' },
      attributes_double: { double: 0.1, infinite: '-inf' },
      attributes_bool: { bool: true },
      attributes_other: [
        ['bytes', 5, 'AP8='],
        ['list', 6, '["a",{"int":"1"}]'],
        ['map', 7, '{"map":[["k","v"]]}'],
        ['empty', 0, ''],
      ],
      dialect: 'otel',
      agent: 'helper',
      input_tokens: '12',
      output_tokens: '-1',
      cost: 'nan',
      cost_state: 0,
      adjusted_count: 2,
      warnings: [],
    });
    const [first, second] = rows[1]!.events as unknown[][];
    expect(first?.slice(1, 2)).toEqual(['e1']);
    expect(first?.[2]).toContainEqual(['infinite', 4, '-Infinity']);
    expect(second?.slice(1)).toEqual(['e2', [], 0]);
    expect((rows[1]!.links as unknown[][])[0]?.slice(2, 4)).toEqual(['s', 1]);
    expect(rows[2]).toMatchObject({ duration: '1', warnings: [expect.stringContaining('duration')] });
  });

  it('log records', async () => {
    const rows = await select(
      'logs',
      decodeLogs([
        logRecord(),
        logRecord({
          traceId: span().traceId,
          spanId: span().spanId,
          body: everyType,
          attributes: everyType,
          eventName: 'n',
        }),
      ]).rows,
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      body_type: 1,
      body: 'hello',
      trace_id: '0'.repeat(32),
      severity_number: 9,
    });
    expect(rows[1]).toMatchObject({
      trace_id: span().traceId,
      span_id: span().spanId,
      event_name: 'n',
      body_type: 7,
      attributes_bool: { bool: true },
      adjusted_count: 1,
    });
  });
});
