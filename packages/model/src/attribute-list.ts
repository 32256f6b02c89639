import { type AttributeType, type AttributeValue, attributeTypes } from './attributes.ts';
import type { KeyTable } from './key-table.ts';

/** In `AttributeList.types`: the value was taken out; whoever writes the list skips it. */
export const attributeRemoved = 255;

export interface AttributeListOptions {
  readonly keys: KeyTable;
  readonly maxCount: number;
  /** Longer strings, bytes, arrays and maps are left out. */
  readonly maxValueBytes: number;
  /** Longer ones are counted in `largeCount`. Absent: none is. */
  readonly largeValueBytes?: number;
  /** Makes a value of the array or map whose encoding is `bytes[start, end)`. */
  readonly decodeNested: (
    bytes: Uint8Array,
    start: number,
    end: number,
    type: AttributeType,
  ) => AttributeValue;
}

const textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The attributes of one element (span, event, resource, …) while it passes: a struct of arrays that the next
 * element overwrites. Nothing here is an object per attribute. Values are ranges of `bytes` until somebody asks.
 *
 * A key stands once, in its first place, with its last value.
 */
export class AttributeList {
  readonly keys: KeyTable;
  /** What `starts` and `ends` refer to. */
  bytes: Uint8Array = new Uint8Array(0);
  count = 0;
  /** Ids in `keys`. */
  keyIds = new Int32Array(64);
  /** AttributeType codes, or `attributeRemoved`. */
  types = new Uint8Array(64);
  /** Of string and bytes: the value. Of array and map: its encoded message. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** Of int (two's complement) and double (IEEE 754): the 64 bits; of bool: 0 or 1 in `lows`. */
  lows = new Int32Array(64);
  highs = new Int32Array(64);
  /** 1 where `replace` put another value in place of the sender's. */
  replaced = new Uint8Array(64);
  /** Strings, bytes, arrays and maps of the sender's that are longer than `largeValueBytes`. */
  largeCount = 0;
  /** Attributes left out because of a limit. */
  leftOut = 0;
  /** All key flags of what `maxCount` left out; every bit where a key could not be looked at. */
  leftOutFlags = 0;

  readonly #options: AttributeListOptions;
  readonly #largeValueBytes: number;
  readonly #replacements: AttributeValue[] = [];
  #stamp = 0;

  constructor(options: AttributeListOptions) {
    this.keys = options.keys;
    this.#largeValueBytes = options.largeValueBytes ?? Number.POSITIVE_INFINITY;
    this.#options = options;
  }

  /** Forgets all and starts anew over `bytes`. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.count = 0;
    this.largeCount = 0;
    this.leftOut = 0;
    this.leftOutFlags = 0;
    this.#stamp = this.keys.nextStamp();
  }

  /** The index to write the value of key `keyId` to, as an empty value at first; -1: left out. */
  place(keyId: number): number {
    if (keyId < 0) {
      this.leftOut += 1;
      this.leftOutFlags = -1;
      return -1;
    }
    const count = this.count;
    const index = this.keys.placeOf(keyId, this.#stamp, count);
    if (index === count) {
      if (count === this.#options.maxCount) {
        this.keys.placeOf(keyId, -1, 0);
        this.leftOut += 1;
        this.leftOutFlags |= this.keys.flags[keyId]!;
        return -1;
      }
      if (count === this.types.length) this.#grow();
      this.keyIds[index] = keyId;
      this.count = count + 1;
    }
    this.types[index] = attributeTypes.empty;
    this.replaced[index] = 0;
    return index;
  }

  /** Writes a string, bytes, array or map that is `bytes[start, end)`. */
  setRange(index: number, type: AttributeType, start: number, end: number): void {
    if (end - start > this.#options.maxValueBytes) {
      this.types[index] = attributeRemoved;
      this.leftOut += 1;
      return;
    }
    if (end - start > this.#largeValueBytes) this.largeCount += 1;
    this.types[index] = type;
    this.starts[index] = start;
    this.ends[index] = end;
  }

  /** Writes an int, a double or a bool. */
  setBits(index: number, type: AttributeType, low: number, high: number): void {
    this.types[index] = type;
    this.lows[index] = low;
    this.highs[index] = high;
  }

  remove(index: number): void {
    this.types[index] = attributeRemoved;
  }

  /** Puts `value` in place of the sender's. */
  replace(index: number, value: AttributeValue): void {
    this.types[index] = attributeTypeOf(value);
    this.replaced[index] = 1;
    this.#replacements[index] = value;
  }

  /** Materialises one value: the slow path. */
  value(index: number): AttributeValue {
    if (this.replaced[index] === 1) return this.#replacements[index];
    const start = this.starts[index]!;
    const end = this.ends[index]!;
    const type = this.types[index]!;
    switch (type) {
      case attributeTypes.string:
        return textDecoder.decode(this.bytes.subarray(start, end));
      case attributeTypes.bool:
        return this.lows[index] !== 0;
      case attributeTypes.int:
        return (BigInt(this.highs[index]!) << 32n) | BigInt(this.lows[index]! >>> 0);
      case attributeTypes.double:
        return doubleOf(this.lows[index]!, this.highs[index]!);
      case attributeTypes.bytes:
        return new Uint8Array(this.bytes.subarray(start, end));
      case attributeTypes.array:
      case attributeTypes.map:
        return this.#options.decodeNested(this.bytes, start, end, type);
      default:
        return undefined;
    }
  }

  key(index: number): string {
    return this.keys.name(this.keyIds[index]!);
  }

  /** The index of `key`, or -1: for single look-ups, it walks. */
  indexOf(keyId: number): number {
    for (let index = 0; index < this.count; index += 1) {
      if (this.keyIds[index] === keyId && this.types[index] !== attributeRemoved) return index;
    }
    return -1;
  }

  #grow(): void {
    const size = this.types.length * 2;
    this.keyIds = grown(this.keyIds, new Int32Array(size));
    this.types = grown(this.types, new Uint8Array(size));
    this.starts = grown(this.starts, new Int32Array(size));
    this.ends = grown(this.ends, new Int32Array(size));
    this.lows = grown(this.lows, new Int32Array(size));
    this.highs = grown(this.highs, new Int32Array(size));
    this.replaced = grown(this.replaced, new Uint8Array(size));
  }
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The double whose IEEE 754 bits these are. */
function doubleOf(low: number, high: number): number {
  scratch.setInt32(0, low, true);
  scratch.setInt32(4, high, true);
  return scratch.getFloat64(0, true);
}

/** The type code of a value that is in memory. */
export function attributeTypeOf(value: AttributeValue): AttributeType {
  switch (typeof value) {
    case 'string':
      return attributeTypes.string;
    case 'boolean':
      return attributeTypes.bool;
    case 'bigint':
      return attributeTypes.int;
    case 'number':
      return attributeTypes.double;
    case 'undefined':
      return attributeTypes.empty;
    default:
      if (value instanceof Uint8Array) return attributeTypes.bytes;
      return value instanceof Map ? attributeTypes.map : attributeTypes.array;
  }
}
