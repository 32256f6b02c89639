import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spanId, traceId } from '@spanwise/model';
import { createEmbeddedEngine } from '@spanwise/store';
import { afterAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../packages/server/src/spool/crc32c.ts';
import { encodeHeader, encodeRecord } from '../../packages/server/src/spool/side-file.ts';
import { encodeRow, hexBytes, type Row } from '../../packages/store/src/rows.fixture.ts';
import { migrate, migrations } from '../../packages/store/src/schema/migrate.ts';
import { database } from '../../packages/store/src/schema/tables.ts';
import { createApiClient } from '../support/api-client.ts';
import { sendUntilAcknowledged, spansRequest } from '../support/otlp.ts';
import { startSystem, temporaryFolder } from '../support/start-system.ts';
import { waitFor } from '../support/wait-for.ts';
import { logColumns, spanColumns } from './fixtures/schema-1.ts';

const dataDir = temporaryFolder('previous');
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const rowsPerSegment = 100;
const spooledSegments = 6;
const now = BigInt(Date.now()) * 1_000_000n;
/** Each segment is one trace, whose id is its number. */
const traceOf = (segment: number) => traceId(segment.toString(16).padStart(32, '0'));
const spanOf = (row: number) => spanId((row + 1).toString(16).padStart(16, '0'));

/** A value in each kind of column, so that a row read with another structure shows. */
function spanRow(segment: number, row: number): Row {
  return {
    ingest_seq: BigInt(segment),
    row,
    trace_id: hexBytes(traceOf(segment)),
    span_id: hexBytes(spanOf(row)),
    parent_span_id: hexBytes(row === 0 ? '0'.repeat(16) : spanOf(0)),
    trace_state: 'ot=th:8',
    name: `step ${row}`,
    kind: 2,
    start_time: now - 60_000_000_000n + BigInt(row),
    duration: BigInt(1_000 + row),
    status_code: 2,
    status_message: 'timed out',
    service: 'gateway',
    resource_attributes: [['service.name', 1, 'gateway']],
    scope_name: 'scope',
    attributes_string: [['http.route', '/chat']],
    attributes_int: [['attempt', BigInt(row)]],
    attributes_double: [['share', 0.5]],
    attributes_bool: [['cached', true]],
    attributes_other: [['list', 6, '["a"]']],
    events: [[now, 'retry', [['n', 3, '1']], 0]],
    operation: 'chat',
    request_model: 'gpt-4o',
    conversation: 'c-1',
    input_tokens: 7n,
    cost: Number.NaN,
    adjusted_count: 1,
    warnings: ['clock_skew'],
  };
}

function logRow(segment: number, row: number): Row {
  return {
    ingest_seq: BigInt(segment),
    row,
    time: now - 60_000_000_000n + BigInt(row),
    trace_id: hexBytes(traceOf(1)),
    span_id: hexBytes(spanOf(0)),
    severity_number: 17,
    severity_text: 'ERROR',
    body_type: 1,
    body: `line ${row}`,
    service: 'gateway',
    adjusted_count: 1,
  };
}

const structure = (columns: typeof spanColumns) =>
  columns.map(([name, type]) => `${name} ${type}`).join(', ');
const encoded = (signal: 'spans' | 'logs', segment: number) =>
  Buffer.concat(
    Array.from({ length: rowsPerSegment }, (_, row) =>
      signal === 'spans'
        ? encodeRow('spans', spanRow(segment, row), spanColumns)
        : encodeRow('logs', logRow(segment, row), logColumns),
    ),
  );

/** Tables of the first schema step with one segment in them. */
async function writeTables(): Promise<void> {
  const engine = await createEmbeddedEngine({ dataDir });
  await migrate(engine, migrations.slice(0, 1));
  const path = join(dataDir, 'first.rows');
  writeFileSync(path, encoded('spans', 1));
  await engine.execute(
    `INSERT INTO ${database}.spans_in SELECT * FROM ${engine.fileSource(path, structure(spanColumns))}`,
  );
  await engine.close(5_000);
}

function writeSpooledSegment(signal: 'spans' | 'logs', segment: number): void {
  const spool = join(dataDir, 'spool');
  mkdirSync(spool, { recursive: true });
  const name = `${String(segment).padStart(20, '0')}-${signal}`;
  const data = encoded(signal, segment);
  const columns = signal === 'spans' ? spanColumns : logColumns;
  const header = {
    format: 2,
    signal,
    ingestSeq: String(segment),
    schemaVersion: 1,
    structure: structure(columns),
  };
  writeFileSync(join(spool, `${name}.rows`), data);
  writeFileSync(
    join(spool, `${name}.side`),
    Buffer.concat([
      encodeHeader({ ...header, format: 2 }),
      encodeRecord({
        dataBytes: data.length,
        rowCount: rowsPerSegment,
        dataChecksum: crc32c(data),
        atMillis: Date.now(),
        requestHash: Buffer.from(`request ${segment}`.padEnd(32)),
      }),
    ]),
  );
}

describe('a data folder and a full spool of schema version 1', () => {
  it('are opened by this version: everything is there, once, and new spans are taken', async () => {
    await writeTables();
    for (let segment = 2; segment <= 1 + spooledSegments; segment += 1) writeSpooledSegment('spans', segment);
    writeSpooledSegment('logs', 2 + spooledSegments);

    await using system = await startSystem({ demo: false, dataDir });
    const api = createApiClient(system.ui);
    for (let segment = 1; segment <= 1 + spooledSegments; segment += 1) {
      await waitFor(`segment ${segment}`, async () => (await api.skeleton(traceOf(segment))) !== undefined);
      expect((await api.skeleton(traceOf(segment)))?.spanCount).toBe(rowsPerSegment);
    }
    // Of the tables, and of the spool.
    for (const segment of [1, 2]) {
      const spans = await api.spans(traceOf(segment));
      expect(spans.find(({ spanId: id }) => id === spanOf(5))).toMatchObject({
        parentSpanId: spanOf(0),
        name: 'step 5',
        kind: 'server',
        startTimeUnixNano: String(now - 60_000_000_000n + 5n),
        durationNanos: 1_005,
        status: 'error',
        statusMessage: 'timed out',
        traceState: 'ot=th:8',
        service: 'gateway',
        warnings: ['clock_skew'],
        attributes: expect.arrayContaining([
          { key: 'http.route', value: { type: 'string', value: '/chat' } },
          { key: 'attempt', value: { type: 'int', value: '5' } },
        ]),
      });
    }
    await waitFor('the log records', async () => (await api.logs(traceOf(1))).length === rowsPerSegment);
    expect((await api.skeleton(traceOf(1)))?.spanCount).toBe(rowsPerSegment);

    const request = spansRequest('new', (tracer) => tracer.startSpan('work').end());
    await sendUntilAcknowledged(system.otlpHttp, request, AbortSignal.timeout(30_000));
    const [id = ''] = request.ids[0]!.split('/');
    await waitFor('the new trace', async () => (await api.skeleton(id))?.spanCount === 1);
  });
});
