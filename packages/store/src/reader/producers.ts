import {
  type Attributes,
  type AttributeType,
  type AttributeValue,
  type InstrumentationScope,
  noAttributes,
  type Resource,
} from '@spanwise/model';
import type { RowBinaryCursor } from '../row-binary/cursor.ts';
import { parseAttributeText } from '../rows/attributes.ts';

/** Columns that `ProducerReader` reads, in its order. */
export const producerColumns =
  'service, resource_attributes, resource_schema_url, resource_dropped_attributes, scope_name, scope_version, ' +
  'scope_attributes, scope_schema_url, scope_dropped_attributes';

/** Columns that `readAttributes` reads, in its order. */
export const attributeColumns =
  'attributes_string, attributes_int, attributes_double, attributes_bool, attributes_other, dropped_attributes';

/**
 * Resources and scopes of one result. They repeat in every row and are few, so each is built once and shared by
 * the rows whose bytes are the same.
 */
export class ProducerReader {
  readonly #resources = new Map<string, Resource>();
  readonly #scopes = new Map<string, InstrumentationScope>();

  resource(cursor: RowBinaryCursor): Resource {
    return shared(cursor, this.#resources, skipResource, readResource);
  }

  scope(cursor: RowBinaryCursor): InstrumentationScope {
    return shared(cursor, this.#scopes, skipScope, readScope);
  }
}

function shared<T>(
  cursor: RowBinaryCursor,
  known: Map<string, T>,
  skip: (cursor: RowBinaryCursor) => void,
  read: (cursor: RowBinaryCursor) => T,
): T {
  const start = cursor.offset;
  skip(cursor);
  const key = cursor.latin1(start, cursor.offset);
  const found = known.get(key);
  if (found !== undefined) return found;
  cursor.offset = start;
  const made = read(cursor);
  known.set(key, made);
  return made;
}

function skipResource(cursor: RowBinaryCursor): void {
  cursor.skipString();
  skipAttributeList(cursor);
  cursor.skipString();
  cursor.offset += 4;
}

function skipScope(cursor: RowBinaryCursor): void {
  cursor.skipString();
  cursor.skipString();
  skipAttributeList(cursor);
  cursor.skipString();
  cursor.offset += 4;
}

function skipAttributeList(cursor: RowBinaryCursor): void {
  for (let left = cursor.varint(); left > 0; left -= 1) {
    cursor.skipString();
    cursor.offset += 1;
    cursor.skipString();
  }
}

function readResource(cursor: RowBinaryCursor): Resource {
  return {
    serviceName: cursor.string(),
    attributes: readAttributeList(cursor),
    schemaUrl: cursor.string(),
    droppedAttributesCount: cursor.uint32(),
  };
}

function readScope(cursor: RowBinaryCursor): InstrumentationScope {
  return {
    name: cursor.string(),
    version: cursor.string(),
    attributes: readAttributeList(cursor),
    schemaUrl: cursor.string(),
    droppedAttributesCount: cursor.uint32(),
  };
}

/** Array of (key, type code, text). */
export function readAttributeList(cursor: RowBinaryCursor): Attributes {
  const count = cursor.varint();
  if (count === 0) return noAttributes;
  const attributes = new Map<string, AttributeValue>();
  readListInto(cursor, count, attributes);
  return attributes;
}

/** The typed maps and the list of all other types, as one. */
export function readAttributes(cursor: RowBinaryCursor): Attributes {
  const attributes = new Map<string, AttributeValue>();
  for (let left = cursor.varint(); left > 0; left -= 1) attributes.set(cursor.string(), cursor.string());
  for (let left = cursor.varint(); left > 0; left -= 1) attributes.set(cursor.string(), cursor.int64());
  for (let left = cursor.varint(); left > 0; left -= 1) attributes.set(cursor.string(), cursor.float64());
  for (let left = cursor.varint(); left > 0; left -= 1) attributes.set(cursor.string(), cursor.uint8() !== 0);
  readListInto(cursor, cursor.varint(), attributes);
  return attributes;
}

function readListInto(cursor: RowBinaryCursor, count: number, attributes: Map<string, AttributeValue>): void {
  for (let left = count; left > 0; left -= 1) {
    const key = cursor.string();
    const type = cursor.uint8() as AttributeType;
    attributes.set(key, parseAttributeText(type, cursor.string()));
  }
}
