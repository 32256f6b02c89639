import { isUtf8 } from 'node:buffer';

/** Below this length a loop is quicker than a call into the engine. */
const shortLength = 40;

/** More memory than this is given back when a buffer is cleared: one large request must not stay for ever. */
const keptBytes = 8 * 1024 * 1024;

const lossyDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Appends RowBinary to a buffer that grows. Reused: `clear` keeps the memory, within reason. Strings go in as UTF-8; what is
 * not UTF-8 is repaired (U+FFFD) and counted.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  /** Two more views of the same memory. */
  #buffer: Buffer<ArrayBuffer>;
  #view: DataView;
  length = 0;
  /** Strings that were not UTF-8, so far. */
  repairs = 0;

  constructor(initialSize: number) {
    this.#bytes = new Uint8Array(initialSize);
    this.#buffer = Buffer.from(this.#bytes.buffer);
    this.#view = new DataView(this.#bytes.buffer);
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > keptBytes) this.#take(new Uint8Array(keptBytes));
  }

  /** A copy of its own, fit to be transferred. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length] = value;
    this.length += 1;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.length, value, true);
    this.length += 4;
  }

  /** 64 bits in two halves. */
  word64(low: number, high: number): void {
    this.#reserve(8);
    this.#view.setInt32(this.length, low, true);
    this.#view.setInt32(this.length + 4, high, true);
    this.length += 8;
  }

  /** An integer up to 2^53 as Int64; negative ones too. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.word64(value - high * 0x1_0000_0000, high);
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Unsigned LEB128: counts and lengths. */
  varint(value: number): void {
    this.#reserve(5);
    const buffer = this.#bytes;
    let position = this.length;
    let rest = value;
    while (rest >= 0x80) {
      buffer[position] = (rest & 0x7f) | 0x80;
      position += 1;
      rest >>>= 7;
    }
    buffer[position] = rest;
    this.length = position + 1;
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#bytes.fill(0, this.length, this.length + count);
    this.length += count;
  }

  /** Bytes as they are, without a length. */
  raw(source: Uint8Array, start = 0, end = source.length): void {
    const length = end - start;
    this.#reserve(length);
    const buffer = this.#bytes;
    if (length <= shortLength) {
      let target = this.length;
      for (let position = start; position < end; position += 1) {
        buffer[target] = source[position]!;
        target += 1;
      }
    } else buffer.set(source.subarray(start, end), this.length);
    this.length += length;
  }

  append(other: ByteWriter): void {
    this.raw(other.#bytes, 0, other.length);
  }

  /** A String from UTF-8 that nobody has checked yet. */
  text(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > shortLength) {
      this.#longText(source, start, end);
      return;
    }
    // Room for a one-byte length, and for the text repaired: a bad byte becomes three.
    this.#reserve(length + 1);
    const buffer = this.#bytes;
    let target = this.length;
    buffer[target] = length;
    target += 1;
    let seen = 0;
    for (let position = start; position < end; position += 1) {
      const byte = source[position]!;
      seen |= byte;
      buffer[target] = byte;
      target += 1;
    }
    if (seen >= 0x80 && !isUtf8(buffer.subarray(this.length + 1, target))) this.#repaired(source, start, end);
    else this.length = target;
  }

  /** A String from UTF-8 that is known to be good. */
  utf8(source: Uint8Array, start: number, end: number): void {
    this.varint(end - start);
    this.raw(source, start, end);
  }

  /** A String from ours. */
  string(value: string): void {
    const units = value.length;
    if (units <= shortLength) {
      this.#reserve(units + 1);
      const buffer = this.#bytes;
      let target = this.length + 1;
      let seen = 0;
      for (let index = 0; index < units; index += 1) {
        const unit = value.charCodeAt(index);
        seen |= unit;
        buffer[target] = unit;
        target += 1;
      }
      if (seen < 0x80) {
        buffer[this.length] = units;
        this.length = target;
        return;
      }
    }
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.#reserve(length);
    this.length += this.#buffer.write(value, this.length, 'utf8');
  }

  #longText(source: Uint8Array, start: number, end: number): void {
    const range = source.subarray(start, end);
    if (!isUtf8(range)) {
      this.#repaired(source, start, end);
      return;
    }
    this.varint(range.length);
    this.#reserve(range.length);
    this.#bytes.set(range, this.length);
    this.length += range.length;
  }

  #repaired(source: Uint8Array, start: number, end: number): void {
    this.repairs += 1;
    this.string(lossyDecoder.decode(source.subarray(start, end)));
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#take(grown);
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
  }
}
