import type { Attributes, AttributeType, AttributeValue, LogRecord, Span } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { RowBinaryCursor } from '../row-binary/cursor.ts';
import { readHeader } from '../row-binary/reader.ts';
import { parseAttributeText } from '../rows/attributes.ts';
import { type PayloadPlace, payloadPlaces } from '../rows/payload.ts';
import { type Parameters, queryTenant, rowsOf, timeFrom } from './tenant-query.ts';

/** What `readRowPlace` reads, in its order: where a row's payload is found, and how many values it has. */
export const rowPlace = 'ingest_seq, row, payload_count';

/** A span or log record as its row tells it. */
export interface Stored<T> {
  readonly item: T;
  readonly ingestSeq: bigint;
  readonly row: number;
  /** Values of it that are kept apart. */
  readonly payloadCount: number;
}

export function readRowPlace<T>(cursor: RowBinaryCursor, item: T): Stored<T> {
  return { item, ingestSeq: cursor.uint64(), row: cursor.uint32(), payloadCount: cursor.uint32() };
}

/** The same spans, with what was kept apart back in its place. `condition` narrows the tenant's rows. */
export async function wholeSpans(
  engine: Engine,
  tenant: number,
  stored: readonly Stored<Span>[],
  condition: string,
  parameters: Parameters,
  table: 'span_payload' | 'archived_payload' = 'span_payload',
): Promise<readonly Span[]> {
  return whole(stored, withValues, () => readPayload(engine, tenant, table, condition, parameters));
}

export async function wholeLogRecords(
  engine: Engine,
  tenant: number,
  stored: readonly Stored<LogRecord>[],
  condition: string,
  parameters: Parameters,
): Promise<readonly LogRecord[]> {
  return whole(stored, withLogValues, () =>
    readPayload(engine, tenant, 'log_payload', condition, parameters),
  );
}

/** The same for records from anywhere: one page of a list. */
export async function wholeListedRecords(
  engine: Engine,
  tenant: number,
  stored: readonly Stored<LogRecord>[],
): Promise<readonly LogRecord[]> {
  const having = stored.filter(({ payloadCount }) => payloadCount > 0);
  // By time, one way or the other.
  const first = having[0]?.item.timeUnixNano ?? 0n;
  const last = having.at(-1)?.item.timeUnixNano ?? 0n;
  return wholeLogRecords(
    engine,
    tenant,
    stored,
    // The times leave out whole days.
    `time >= ${timeFrom('timeFirst')} AND time <= ${timeFrom('timeLast')}
      AND (ingest_seq, row) IN (SELECT arrayJoin(arrayZip({seqs:Array(UInt64)}, {rows:Array(UInt32)})))`,
    {
      ...(first < last ? { timeFirst: first, timeLast: last } : { timeFirst: last, timeLast: first }),
      seqs: having.map(({ ingestSeq }) => ingestSeq),
      rows: having.map(({ row }) => row),
    },
  );
}

interface PayloadValue {
  readonly place: PayloadPlace;
  readonly position: number;
  readonly key: string;
  readonly value: AttributeValue;
}

async function whole<T extends { readonly warnings: readonly string[] }>(
  stored: readonly Stored<T>[],
  add: (item: T, values: readonly PayloadValue[]) => T,
  read: () => Promise<ReadonlyMap<string, readonly PayloadValue[]>>,
): Promise<readonly T[]> {
  if (stored.every(({ payloadCount }) => payloadCount === 0)) return stored.map(({ item }) => item);
  const payload = await read();
  return stored.map(({ item, ingestSeq, row, payloadCount }) => {
    if (payloadCount === 0) return item;
    const values = payload.get(keyOf(ingestSeq, row));
    if (values !== undefined) return add(item, values);
    return { ...item, warnings: [...item.warnings, goneWarning(payloadCount)] };
  });
}

function goneWarning(count: number): string {
  return `${count} large or protected values are gone: their retention is over`;
}

async function readPayload(
  engine: Engine,
  tenant: number,
  table: 'span_payload' | 'log_payload' | 'archived_payload',
  condition: string,
  parameters: Parameters,
): Promise<ReadonlyMap<string, readonly PayloadValue[]>> {
  const cursor = new RowBinaryCursor(
    await queryTenant(
      engine,
      tenant,
      `SELECT ingest_seq, row, payload FROM ${rowsOf(table)} AND ${condition}`,
      parameters,
    ),
  );
  readHeader(cursor);
  const payload = new Map<string, readonly PayloadValue[]>();
  while (!cursor.atEnd) {
    const key = keyOf(cursor.uint64(), cursor.uint32());
    const values: PayloadValue[] = [];
    for (let left = cursor.varint(); left > 0; left -= 1) {
      values.push({
        place: cursor.uint8() as PayloadPlace,
        position: cursor.uint32(),
        key: cursor.string(),
        value: parseAttributeText(cursor.uint8() as AttributeType, cursor.string()),
      });
    }
    payload.set(key, values);
  }
  return payload;
}

function keyOf(ingestSeq: bigint, row: number): string {
  return `${ingestSeq}-${row}`;
}

function withValues(span: Span, values: readonly PayloadValue[]): Span {
  const at = (place: PayloadPlace, position = 0) =>
    values.filter((value) => value.place === place && value.position === position);
  const status = at(payloadPlaces.statusMessage)[0];
  return {
    ...span,
    ...producerWith(span, at),
    attributes: attributesWith(span.attributes, at(payloadPlaces.attribute)),
    statusMessage: typeof status?.value === 'string' ? status.value : span.statusMessage,
    events: span.events.map((event, index) => {
      const own = at(payloadPlaces.eventAttribute, index);
      return own.length === 0 ? event : { ...event, attributes: attributesWith(event.attributes, own) };
    }),
    links: span.links.map((link, index) => {
      const own = at(payloadPlaces.linkAttribute, index);
      return own.length === 0 ? link : { ...link, attributes: attributesWith(link.attributes, own) };
    }),
  };
}

function withLogValues(record: LogRecord, values: readonly PayloadValue[]): LogRecord {
  const at = (place: PayloadPlace) => values.filter((value) => value.place === place);
  const body = at(payloadPlaces.body)[0];
  return {
    ...record,
    ...producerWith(record, at),
    attributes: attributesWith(record.attributes, at(payloadPlaces.attribute)),
    body: body === undefined ? record.body : body.value,
  };
}

function producerWith(
  { resource, scope }: Pick<Span, 'resource' | 'scope'>,
  at: (place: PayloadPlace) => readonly PayloadValue[],
): Pick<Span, 'resource' | 'scope'> {
  const ofResource = at(payloadPlaces.resourceAttribute);
  const ofScope = at(payloadPlaces.scopeAttribute);
  return {
    resource:
      ofResource.length === 0
        ? resource
        : { ...resource, attributes: attributesWith(resource.attributes, ofResource) },
    scope: ofScope.length === 0 ? scope : { ...scope, attributes: attributesWith(scope.attributes, ofScope) },
  };
}

function attributesWith(attributes: Attributes, values: readonly PayloadValue[]): Attributes {
  if (values.length === 0) return attributes;
  const merged = new Map(attributes);
  for (const { key, value } of values) merged.set(key, value);
  return merged;
}
