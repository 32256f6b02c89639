import type { RowValue } from './reader.ts';
import type { ColumnType } from './types.ts';

/** Writes what `readValue` reads: the other side of its tests, and rows for the tests of the store. */
export function encodeValue(type: ColumnType, value: RowValue): Uint8Array {
  switch (type.kind) {
    case 'string': {
      const bytes = value instanceof Uint8Array ? value : new TextEncoder().encode(value as string);
      return Buffer.concat([varint(bytes.length), bytes]);
    }
    case 'fixedString':
      return value as Uint8Array;
    case 'bool':
      return Uint8Array.of(value === true ? 1 : 0);
    case 'integer':
      return integer(type.bits / 8, BigInt(value as number | bigint));
    case 'float': {
      const view = new DataView(new ArrayBuffer(type.bits / 8));
      if (type.bits === 32) view.setFloat32(0, value as number, true);
      else view.setFloat64(0, value as number, true);
      return new Uint8Array(view.buffer);
    }
    case 'date':
      return integer(2, value as bigint);
    case 'dateTime':
      return integer(4, value as bigint);
    case 'dateTime64':
      return integer(8, value as bigint);
    case 'enum': {
      const [code] = [...type.names].find(([, name]) => name === value)!;
      return integer(type.bits / 8, BigInt(code));
    }
    case 'nullable':
      return value === undefined
        ? Uint8Array.of(1)
        : Buffer.concat([Uint8Array.of(0), encodeValue(type.of, value)]);
    case 'tuple':
      return Buffer.concat(
        (value as readonly RowValue[]).map((part, index) => encodeValue(type.of[index]!, part)),
      );
    case 'array': {
      const items = value as readonly RowValue[];
      return Buffer.concat([varint(items.length), ...items.map((item) => encodeValue(type.of, item))]);
    }
    case 'map': {
      const pairs = value as readonly (readonly RowValue[])[];
      const parts = pairs.flatMap(([key, item]) => [
        encodeValue(type.key, key),
        encodeValue(type.value, item),
      ]);
      return Buffer.concat([varint(pairs.length), ...parts]);
    }
  }
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function integer(length: number, value: bigint): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, value);
  for (let index = 0; index < length; index += 1) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}
