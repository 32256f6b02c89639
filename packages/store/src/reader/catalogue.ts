import type { AttributeType } from '@spanwise/model';
import type { Engine } from '../engine.ts';
import { readRows } from '../row-binary/reader.ts';
import type { AttributeLevel } from '../rows/catalogue-entry.ts';
import type { AttributeKey, KeyQuery, ValueQuery } from '../store.ts';
import { queryTenant, rowsOf } from './tenant-query.ts';

export async function readKeys(
  engine: Engine,
  tenant: number,
  { prefix = '', limit }: KeyQuery,
): Promise<readonly AttributeKey[]> {
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT key, level, arraySort(groupUniqArray(type)), max(kind = 'tooMany'), max(kind = 'value')
      FROM ${rowsOf('attribute_catalogue')} AND startsWith(key, {prefix:String})
      GROUP BY key, level ORDER BY key, level LIMIT {limit:UInt32}`,
    { prefix, limit },
  );
  return readRows(bytes).map(([key, level, types, tooMany, some]) => ({
    key: key as string,
    level: level as AttributeLevel,
    types: types as readonly AttributeType[],
    values: tooMany === 1 ? 'tooMany' : some === 1 ? 'listed' : 'none',
  }));
}

export async function readValues(
  engine: Engine,
  tenant: number,
  key: string,
  { level, prefix = '', limit }: ValueQuery,
): Promise<readonly string[]> {
  const ofKey = `${rowsOf('attribute_catalogue')} AND key = {key:String}${level === undefined ? '' : ' AND level = {level:String}'}`;
  const bytes = await queryTenant(
    engine,
    tenant,
    `SELECT value FROM ${ofKey} AND kind = 'value' AND startsWith(value, {prefix:String})
        AND (level, type) NOT IN (SELECT level, type FROM ${ofKey} AND kind = 'tooMany')
      GROUP BY value ORDER BY value LIMIT {limit:UInt32}`,
    { key, prefix, limit, ...(level === undefined ? {} : { level }) },
  );
  return readRows(bytes).map(([value]) => value as string);
}
