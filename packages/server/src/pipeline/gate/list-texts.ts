import { type AttributeList, attributeTypes } from '@spanwise/model';
import { longText } from '@spanwise/semconv';
import { databaseSystemFlag } from '../key-flags.ts';

/** Bytes, not strings: most texts are looked at and left alone. */

export function isShort(list: AttributeList, index: number): boolean {
  const bytes = list.bytes;
  const end = list.ends[index]!;
  let position = list.starts[index]!;
  if (end - position > longText.bytes) return false;
  let words = 1;
  for (; position < end; position += 1) {
    const byte = bytes[position]!;
    // Space, line feed, tab, carriage return.
    if (byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d) words += 1;
  }
  return words <= longText.words;
}

/** True when the URL has a query, a fragment or user information; most have none. */
export function hasUrlSecrets(list: AttributeList, index: number): boolean {
  const bytes = list.bytes;
  const end = list.ends[index]!;
  for (let position = list.starts[index]!; position < end; position += 1) {
    const byte = bytes[position]!;
    if (byte === 0x3f || byte === 0x23 || byte === 0x40) return true;
  }
  return false;
}

/** Value of `db.system.name`, or empty. */
export function databaseSystem(list: AttributeList): string {
  const index = databaseSystemIndex(list);
  return index < 0 ? '' : (list.value(index) as string);
}

/** -1: none. */
export function databaseSystemIndex(list: AttributeList): number {
  for (let index = 0; index < list.count; index += 1) {
    if ((list.keys.flags[list.keyIds[index]!]! & databaseSystemFlag) === 0) continue;
    if (list.types[index] === attributeTypes.string) return index;
  }
  return -1;
}
