import { type AttributeType, attributeTypes } from '@spanwise/model';
import type { AttributeLevel } from '../rows/catalogue-entry.ts';
import type { Signal } from '../schema/columns.ts';

/** Type codes of the maps in which a row keeps its own attributes. */
const typeOfMap: Readonly<Record<string, AttributeType>> = {
  attributes_string: attributeTypes.string,
  attributes_int: attributeTypes.int,
  attributes_double: attributeTypes.double,
  attributes_bool: attributeTypes.bool,
};

const maps = (level: AttributeLevel) =>
  Object.entries(typeOfMap).map(
    ([column, type]) =>
      [level, `arrayMap(k -> (toString(k), toUInt8(${type})), mapKeys(${column}))`] as const,
  );

const list = (level: AttributeLevel, attributes: string) =>
  [level, `arrayMap(a -> (toString(a.1), a.2), ${attributes})`] as const;

const placesOf: Readonly<Record<Signal, readonly (readonly [AttributeLevel, keys: string])[]>> = {
  spans: [
    ...maps('span'),
    list('span', 'attributes_other'),
    list('resource', 'resource_attributes'),
    list('scope', 'scope_attributes'),
    list('event', 'arrayFlatten(events.3)'),
    list('link', 'arrayFlatten(links.5)'),
  ],
  logs: [
    ...maps('log'),
    list('log', 'attributes_other'),
    list('resource', 'resource_attributes'),
    list('scope', 'scope_attributes'),
  ],
};

/**
 * A statement that gives tenant, level, key and type of every attribute that rows of `from` (a table with a WHERE
 * clause) have, once each. Rows have few sets of keys: those are told apart first, and only then taken apart.
 */
export function storedKeys(signal: Signal, from: string): string {
  const sets = placesOf[signal].map(
    ([level, keys]) => `SELECT DISTINCT tenant, '${level}' AS level, ${keys} AS keys FROM ${from}`,
  );
  return `SELECT DISTINCT tenant, level, arrayJoin(keys).1 AS key, arrayJoin(keys).2 AS type
    FROM (${sets.join(' UNION ALL ')})`;
}
