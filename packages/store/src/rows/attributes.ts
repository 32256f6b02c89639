import {
  type AttributeList,
  type AttributeType,
  type AttributeValue,
  attributeRemoved,
  attributeTypes,
} from '@spanwise/model';
import type { ByteWriter } from './byte-writer.ts';
import { formatDouble, formatNestedValue, parseNestedValue } from './nested-value.ts';

/** Every attribute as `Array(Tuple(key, type, text))`. */
export function encodeAttributeList(writer: ByteWriter, list: AttributeList): void {
  const { count, types } = list;
  let kept = 0;
  for (let index = 0; index < count; index += 1) if (types[index] !== attributeRemoved) kept += 1;
  writer.varint(kept);
  for (let index = 0; index < count; index += 1) {
    if (types[index] === attributeRemoved) continue;
    writeKey(writer, list, index);
    writeTyped(writer, list, index);
  }
}

/** The four typed maps, and the list of all others. */
export function encodeTypedAttributes(writer: ByteWriter, list: AttributeList): void {
  const { count, types, lows, highs } = list;
  let strings = 0;
  let ints = 0;
  let doubles = 0;
  let bools = 0;
  let others = 0;
  for (let index = 0; index < count; index += 1) {
    switch (types[index]) {
      case attributeTypes.string:
        strings += 1;
        break;
      case attributeTypes.int:
        ints += 1;
        break;
      case attributeTypes.double:
        doubles += 1;
        break;
      case attributeTypes.bool:
        bools += 1;
        break;
      case attributeRemoved:
        break;
      default:
        others += 1;
    }
  }
  writer.varint(strings);
  if (strings > 0) {
    for (let index = 0; index < count; index += 1) {
      if (types[index] !== attributeTypes.string) continue;
      writeKey(writer, list, index);
      writeString(writer, list, index);
    }
  }
  writer.varint(ints);
  if (ints > 0) {
    for (let index = 0; index < count; index += 1) {
      if (types[index] !== attributeTypes.int) continue;
      writeKey(writer, list, index);
      writer.word64(lows[index]!, highs[index]!);
    }
  }
  writer.varint(doubles);
  if (doubles > 0) {
    for (let index = 0; index < count; index += 1) {
      if (types[index] !== attributeTypes.double) continue;
      writeKey(writer, list, index);
      writer.word64(lows[index]!, highs[index]!);
    }
  }
  writer.varint(bools);
  if (bools > 0) {
    for (let index = 0; index < count; index += 1) {
      if (types[index] !== attributeTypes.bool) continue;
      writeKey(writer, list, index);
      writer.uint8(lows[index] === 0 ? 0 : 1);
    }
  }
  writer.varint(others);
  if (others > 0) {
    for (let index = 0; index < count; index += 1) {
      const type = types[index]!;
      if ((type >= attributeTypes.string && type <= attributeTypes.double) || type === attributeRemoved)
        continue;
      writeKey(writer, list, index);
      writeTyped(writer, list, index);
    }
  }
}

/** Type code and text of one value. */
export function writeTyped(writer: ByteWriter, list: AttributeList, index: number): void {
  const type = list.types[index]!;
  if (type === attributeTypes.string) {
    writer.uint8(type);
    writeString(writer, list, index);
    return;
  }
  const low = list.lows[index]!;
  if (type === attributeTypes.int && list.highs[index]! === low >> 31) {
    writer.uint8(type);
    writer.string(String(low));
    return;
  }
  const value = list.value(index);
  // An array or map that was nested too deep has become empty.
  writer.uint8(value === undefined ? attributeTypes.empty : type);
  writer.string(formatAttributeText(value));
}

/** The text form that rows use for values that have no column of their own type. */
export function formatAttributeText(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (typeof value === 'number') return formatDouble(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return formatNestedValue(value);
}

/**
 * Reads back what `formatAttributeText` wrote under this type code.
 * @throws SyntaxError when the text does not fit the type.
 */
export function parseAttributeText(type: AttributeType, text: string): AttributeValue {
  switch (type) {
    case attributeTypes.string:
      return text;
    case attributeTypes.bool:
      return text === 'true';
    case attributeTypes.int:
      return BigInt(text);
    case attributeTypes.double:
      return Number(text);
    case attributeTypes.bytes:
      return new Uint8Array(Buffer.from(text, 'base64'));
    case attributeTypes.array:
    case attributeTypes.map:
      return parseNestedValue(text);
    default:
      return undefined;
  }
}

function writeKey(writer: ByteWriter, list: AttributeList, index: number): void {
  const keys = list.keys;
  const id = list.keyIds[index]!;
  writer.utf8(keys.arena, keys.startOf(id), keys.endOf(id));
}

function writeString(writer: ByteWriter, list: AttributeList, index: number): void {
  if (list.replaced[index] === 1) writer.string(list.value(index) as string);
  else writer.text(list.bytes, list.starts[index]!, list.ends[index]!);
}

/** The dropped count of a list: what the sender dropped and what our limits left out. Stays at its end. */
export function writeDropped(writer: ByteWriter, sent: number, leftOut: number): void {
  writer.uint32(Math.min(sent + leftOut, 0xffff_ffff));
}
