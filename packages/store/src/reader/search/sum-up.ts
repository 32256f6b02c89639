import { type AttributeField, attributeLevels, type Field } from '@spanwise/filter';
import { attributeTypes, bucketsPerOctave, spanKinds, statusCodes, type UnixNano } from '@spanwise/model';
import type { Engine } from '../../engine.ts';
import { readRows } from '../../row-binary/reader.ts';
import { queryTenant, rowsOf } from '../tenant-query.ts';
import { columnOf } from './field-conditions.ts';
import type { HeatCell, Search, SearchBounds, SpanGroup, ValueCount } from './search.ts';
import { SearchStatements } from './search-statement.ts';
import { StatementParameters } from './statement-parameters.ts';

/** Each span once, though it may have been sent twice. */
const once = 'LIMIT 1 BY trace_id, span_id, start_time';
const isError = `status_code = ${statusCodes.error}`;

/** Out of the times of traces: a twelfth of the rows that spans have. */
export async function searchBounds(engine: Engine, tenant: number): Promise<SearchBounds | undefined> {
  const [row] = readRows(
    await queryTenant(
      engine,
      tenant,
      `SELECT count(), toUnixTimestamp64Nano(min(first)), toUnixTimestamp64Nano(max(last)), toUInt64(max(last_seq))
        FROM ${rowsOf('trace_times')}`,
    ),
  );
  const [count, from, to, ingestSeq] = row as readonly bigint[];
  if (count === 0n) return undefined;
  return { from: from as UnixNano, to: to as UnixNano, ingestSeq: ingestSeq! };
}

/** The index of `ingest_seq` leads to the few granules that have them. */
export async function arrivals(
  engine: Engine,
  tenant: number,
  afterSeq: bigint,
  upToSeq: bigint,
): Promise<Pick<SearchBounds, 'from' | 'to'> | undefined> {
  const [row] = readRows(
    await queryTenant(
      engine,
      tenant,
      `SELECT count(), toUnixTimestamp64Nano(min(start_time)), toUnixTimestamp64Nano(max(start_time))
        FROM ${rowsOf('span_search')} AND ingest_seq > {afterSeq:UInt64} AND ingest_seq <= {upToSeq:UInt64}`,
      { afterSeq, upToSeq },
    ),
  );
  const [count, from, to] = row as readonly bigint[];
  return count === 0n ? undefined : { from: from as UnixNano, to: to as UnixNano };
}

export async function countMatches(
  engine: Engine,
  tenant: number,
  search: Search,
  of: 'spans' | 'traces',
  limit: number,
): Promise<number> {
  const statements = new SearchStatements(engine, tenant, search);
  const key = of === 'traces' ? 'trace_id' : 'trace_id, span_id, start_time';
  const [row] = await statements.rows(
    `SELECT count() FROM (SELECT ${key} FROM ${statements.matches} GROUP BY ${key} LIMIT {limit:UInt32})`,
    search,
    { limit: limit + 1 },
  );
  return Number(row![0]);
}

export async function spanHeat(
  engine: Engine,
  tenant: number,
  search: Search,
  stepNanos: bigint,
): Promise<readonly HeatCell[]> {
  const statements = new SearchStatements(engine, tenant, search);
  const rows = await statements.rows(
    `SELECT toUInt32(intDiv(toUnixTimestamp64Nano(start_time) - {from:Int64}, {stepNanos:Int64})) AS step,
        toUInt16(floor(log2(greatest(duration, 1)) * ${bucketsPerOctave})) AS bucket, count(), countIf(${isError})
      FROM (SELECT start_time, duration, status_code FROM ${statements.matches} ${once})
      GROUP BY step, bucket ORDER BY step, bucket`,
    search,
    { stepNanos },
  );
  return rows.map(([step, bucket, count, errors]) => ({
    step: step as number,
    bucket: bucket as number,
    count: Number(count),
    errors: Number(errors),
  }));
}

export async function groupSpans(
  engine: Engine,
  tenant: number,
  search: Search,
  by: readonly Field[],
  limit: number,
): Promise<readonly SpanGroup[]> {
  const statements = new SearchStatements(engine, tenant, search);
  const parameters = new StatementParameters('group');
  const keys = by.map((field, index) => `${valuesSql(field, parameters)}[1] AS key${index}`);
  const hasKey = by.map((field, index) => `notEmpty(${valuesSql(field, parameters)}) AS has${index}`);
  const names = by.flatMap((_, index) => [`key${index}`, `has${index}`]);
  const sumOf = (of: 'tokens' | 'cost') =>
    `if(countIf(has_${of}) = 0, -1., toFloat64(sumIf(sum_${of}, has_${of})))`;
  const columns = (['tokens', 'cost'] as const).flatMap((of) => {
    const { known, value } = columnOf(of, 'spans');
    return [`${known} AS has_${of}`, `${value} AS sum_${of}`];
  });
  const rows = await statements.rows(
    `SELECT ${names.map((name) => `${name}, `).join('')}count() AS spans, countIf(${isError}),
        quantilesExact(0.5, 0.95, 0.99)(duration), ${sumOf('tokens')}, ${sumOf('cost')}
      FROM (SELECT duration, status_code, ${[...keys, ...hasKey, ...columns].join(', ')}
        FROM ${statements.matchingSpans} ${once})
      ${names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`}
      ORDER BY ${['spans DESC', ...names].join(', ')} LIMIT {limit:UInt32}`,
    search,
    { ...parameters.values, limit },
  );
  return rows.map((row): SpanGroup => {
    const [count, errors, quantiles, tokens, cost] = row.slice(names.length);
    const [p50Nanos, p95Nanos, p99Nanos] = (quantiles as readonly bigint[]).map(Number);
    return {
      keys: by.map((_, index) => (row[index * 2 + 1] ? (row[index * 2] as string) : undefined)),
      count: Number(count),
      errors: Number(errors),
      p50Nanos: p50Nanos!,
      p95Nanos: p95Nanos!,
      p99Nanos: p99Nanos!,
      tokens: tokens as number,
      cost: cost as number,
    };
  });
}

export async function topValues(
  engine: Engine,
  tenant: number,
  search: Search,
  field: Field,
  limit: number,
): Promise<readonly ValueCount[]> {
  const statements = new SearchStatements(engine, tenant, search);
  const parameters = new StatementParameters('group');
  const rows = await statements.rows(
    `SELECT arrayJoin(found) AS value, count() AS spans
      FROM (SELECT arrayDistinct(${valuesSql(field, parameters)}) AS found FROM ${statements.matchingSpans} ${once})
      GROUP BY value ORDER BY spans DESC, value LIMIT {limit:UInt32}`,
    search,
    { ...parameters.values, limit },
  );
  return rows.map(([value, count]) => ({ value: value as string, count: Number(count) }));
}

/** All values of a field of a row of `spans`, as texts. Lists, maps and bytes are left out, as in filters. */
function valuesSql(field: Field, parameters: StatementParameters): string {
  if (field.type === 'attribute') return attributeValuesSql(field, parameters);
  const { name } = field;
  if (name === 'event_name') return "arrayFilter(name -> name != '', arrayMap(e -> toString(e.2), events))";
  if (name === 'kind' || name === 'status') {
    const codes = Object.entries(name === 'kind' ? spanKinds : statusCodes);
    const column = columnOf(name, 'spans').value;
    const texts = codes.map(([word]) => `'${word}'`).join(', ');
    return `[transform(${column}, [${codes.map(([, code]) => code).join(', ')}], [${texts}], '')]`;
  }
  const { known, value } = columnOf(name, 'spans');
  return known === undefined ? `[toString(${value})]` : `if(${known}, [toString(${value})], [])`;
}

function attributeValuesSql({ level, key }: AttributeField, parameters: StatementParameters): string {
  const name = parameters.add(key, 'String');
  const { string, bool, int, double } = attributeTypes;
  const ofMap = (map: string) => `if(mapContains(${map}, ${name}), [toString(${map}[${name}])], [])`;
  const ofList = (list: string) =>
    `arrayMap(a -> a.3, arrayFilter(a -> a.1 = ${name} AND a.2 IN (${[string, bool, int, double].join(', ')}), ${list}))`;
  const byLevel: Readonly<Record<(typeof attributeLevels)[number], string>> = {
    span: `arrayConcat(${['attributes_string', 'attributes_int', 'attributes_double', 'attributes_bool'].map(ofMap).join(', ')})`,
    resource: ofList('resource_attributes'),
    scope: ofList('scope_attributes'),
    event: `arrayFlatten(arrayMap(e -> ${ofList('e.3')}, events))`,
    link: `arrayFlatten(arrayMap(l -> ${ofList('l.5')}, links))`,
  };
  return level === undefined
    ? `arrayConcat(${attributeLevels.map((one) => byLevel[one]).join(', ')})`
    : byLevel[level];
}
