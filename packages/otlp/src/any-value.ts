import { type AttributeList, type AttributeType, type AttributeValue, attributeTypes } from '@spanwise/model';
import { ProtoReader } from './proto-reader.ts';

/*
 * common.proto
 *   AnyValue      string_value 1 string, bool_value 2 bool, int_value 3 int64, double_value 4 double,
 *                 array_value 5 ArrayValue, kvlist_value 6 KeyValueList, bytes_value 7 bytes
 *   ArrayValue    values 1 repeated AnyValue
 *   KeyValueList  values 1 repeated KeyValue
 *   KeyValue      key 1 string, value 2 AnyValue
 */

/** Reads the KeyValue that `reader` stands on (up to `reader.end`) into `list`. */
export function readKeyValue(reader: ProtoReader, list: AttributeList): void {
  const messageEnd = reader.end;
  let keyStart = 0;
  let keyEnd = 0;
  let valueStart = 0;
  let valueEnd = 0;
  while (reader.position < messageEnd) {
    const tag = reader.tag();
    if (tag === 0x0a) {
      const length = reader.length();
      keyStart = reader.position;
      keyEnd = keyStart + length;
      reader.position = keyEnd;
    } else if (tag === 0x12) {
      const length = reader.length();
      // Repeated, the messages merge; in a oneof the last member that was set stays.
      if (length > 0) {
        valueStart = reader.position;
        valueEnd = valueStart + length;
      }
      reader.position += length;
    } else reader.skip(tag);
  }
  const index = list.place(list.keys.intern(reader.bytes, keyStart, keyEnd));
  if (index < 0) return;
  reader.position = valueStart;
  reader.end = valueEnd;
  readAnyValue(reader, list, index);
  reader.position = messageEnd;
  reader.end = messageEnd;
}

/** Reads the AnyValue that `reader` stands on (up to `reader.end`) into `list` at `index`. */
export function readAnyValue(reader: ProtoReader, list: AttributeList, index: number): void {
  while (reader.position < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        readRange(reader, list, index, attributeTypes.string);
        break;
      case 0x10: {
        const low = reader.varint();
        list.setBits(index, attributeTypes.bool, (low | reader.high) === 0 ? 0 : 1, 0);
        break;
      }
      case 0x18: {
        const low = reader.varint();
        list.setBits(index, attributeTypes.int, low, reader.high);
        break;
      }
      case 0x21:
        reader.fixed64();
        list.setBits(index, attributeTypes.double, reader.low, reader.high);
        break;
      case 0x2a:
        readRange(reader, list, index, attributeTypes.array);
        break;
      case 0x32:
        readRange(reader, list, index, attributeTypes.map);
        break;
      case 0x3a:
        readRange(reader, list, index, attributeTypes.bytes);
        break;
      default:
        reader.skip(tag);
    }
  }
}

function readRange(reader: ProtoReader, list: AttributeList, index: number, type: AttributeType): void {
  const length = reader.length();
  list.setRange(index, type, reader.position, reader.position + length);
  reader.position += length;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Makes values of arrays and maps: the slow path, for the few attributes that hold some. */
export class NestedDecoder {
  /** Strings that were not UTF-8 and were repaired, so far. */
  repairs = 0;
  /** Values that were nested too deep and became empty, so far. */
  tooDeep = 0;
  readonly #maxDepth: number;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** The array (ArrayValue) or map (KeyValueList) in `bytes[start, end)`. */
  decode(bytes: Uint8Array, start: number, end: number, type: AttributeType): AttributeValue {
    const reader = new ProtoReader(bytes, start, end);
    return type === attributeTypes.array ? this.#array(reader, 1) : this.#map(reader, 1);
  }

  #array(reader: ProtoReader, depth: number): AttributeValue {
    if (depth > this.#maxDepth) return this.#refuse(reader);
    const values: AttributeValue[] = [];
    while (reader.position < reader.end) {
      const tag = reader.tag();
      if (tag === 0x0a) values.push(this.#nested(reader, () => this.#value(reader, depth)));
      else reader.skip(tag);
    }
    return values;
  }

  #map(reader: ProtoReader, depth: number): AttributeValue {
    if (depth > this.#maxDepth) return this.#refuse(reader);
    const entries = new Map<string, AttributeValue>();
    while (reader.position < reader.end) {
      const tag = reader.tag();
      if (tag === 0x0a) this.#nested(reader, () => this.#entry(reader, depth, entries));
      else reader.skip(tag);
    }
    return entries;
  }

  #entry(reader: ProtoReader, depth: number, entries: Map<string, AttributeValue>): void {
    let key = '';
    let value: AttributeValue;
    while (reader.position < reader.end) {
      const tag = reader.tag();
      if (tag === 0x0a) key = this.#text(reader);
      else if (tag === 0x12) {
        const read = this.#nested(reader, () => this.#value(reader, depth));
        if (read !== undefined) value = read;
      } else reader.skip(tag);
    }
    entries.set(key, value);
  }

  #value(reader: ProtoReader, depth: number): AttributeValue {
    let value: AttributeValue;
    while (reader.position < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x0a:
          value = this.#text(reader);
          break;
        case 0x10: {
          const low = reader.varint();
          value = (low | reader.high) !== 0;
          break;
        }
        case 0x18: {
          const low = reader.varint();
          value = BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(low));
          break;
        }
        case 0x21:
          reader.fixed64();
          value = new Float64Array(new Int32Array([reader.low, reader.high]).buffer)[0]!;
          break;
        case 0x2a:
          value = this.#nested(reader, () => this.#array(reader, depth + 1));
          break;
        case 0x32:
          value = this.#nested(reader, () => this.#map(reader, depth + 1));
          break;
        case 0x3a: {
          const length = reader.length();
          value = new Uint8Array(reader.bytes.subarray(reader.position, reader.position + length));
          reader.position += length;
          break;
        }
        default:
          reader.skip(tag);
      }
    }
    return value;
  }

  /** Runs `read` on the message that comes next, and puts the reader behind it. */
  #nested<T>(reader: ProtoReader, read: () => T): T {
    const outerEnd = reader.end;
    const length = reader.length();
    const end = reader.position + length;
    reader.end = end;
    const result = read();
    reader.position = end;
    reader.end = outerEnd;
    return result;
  }

  #text(reader: ProtoReader): string {
    const length = reader.length();
    const range = reader.bytes.subarray(reader.position, reader.position + length);
    reader.position += length;
    try {
      return strictDecoder.decode(range);
    } catch {
      this.repairs += 1;
      return lossyDecoder.decode(range);
    }
  }

  #refuse(reader: ProtoReader): undefined {
    this.tooDeep += 1;
    reader.position = reader.end;
    return undefined;
  }
}
