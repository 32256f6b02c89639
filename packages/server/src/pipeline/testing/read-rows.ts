import { columnsOf, type Signal } from '@spanwise/store/rows';

export type Row = Readonly<Record<string, unknown>>;

/**
 * For tests: RowBinary by its documentation, from the type names of the columns. Knows nothing of the encoder.
 * Integers of 64 bits come as bigint, FixedString as hex, Map as Map, Tuple as array.
 */
export function readRows(signal: Signal, bytes: Uint8Array): readonly Row[] {
  const reader = new RowReader(bytes);
  const rows: Row[] = [];
  while (!reader.atEnd) {
    rows.push(Object.fromEntries(columnsOf[signal].map(([name, type]) => [name, reader.read(type)])));
  }
  return rows;
}

class RowReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  read(type: string): unknown {
    const [, outer = type, inner = ''] = /^(\w+)\((.*)\)$/s.exec(type) ?? [];
    switch (outer) {
      case 'LowCardinality':
        return this.read(inner);
      case 'String':
        return new TextDecoder('utf-8', { fatal: true }).decode(this.#take(this.#varint()));
      case 'FixedString':
        return Buffer.from(this.#take(Number(inner))).toString('hex');
      case 'UInt8':
        return this.#view.getUint8(this.#advance(1));
      case 'Bool':
        return this.#view.getUint8(this.#advance(1)) === 1;
      case 'UInt32':
        return this.#view.getUint32(this.#advance(4), true);
      case 'UInt64':
        return this.#view.getBigUint64(this.#advance(8), true);
      case 'Int64':
      case 'DateTime64':
        return this.#view.getBigInt64(this.#advance(8), true);
      case 'Float64':
        return this.#view.getFloat64(this.#advance(8), true);
      case 'Array':
        return Array.from({ length: this.#varint() }, () => this.read(inner));
      case 'Tuple':
        return split(inner).map((part) => this.read(part));
      case 'Map': {
        const [key = '', value = ''] = split(inner);
        return new Map(Array.from({ length: this.#varint() }, () => [this.read(key), this.read(value)]));
      }
      default:
        throw new Error(`no reader for ${type}`);
    }
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#view.getUint8(this.#advance(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  #take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(length: number): number {
    const start = this.#position;
    this.#position += length;
    if (this.#position > this.#bytes.length) throw new Error('the row ends too early');
    return start;
  }
}

/** The parts of a type list: commas inside parentheses and quotes don't count. */
function split(list: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < list.length; index += 1) {
    if (list[index] === '(') depth += 1;
    else if (list[index] === ')') depth -= 1;
    else if (list[index] === ',' && depth === 0) {
      parts.push(list.slice(start, index).trim());
      start = index + 1;
    }
  }
  parts.push(list.slice(start).trim());
  return parts;
}
