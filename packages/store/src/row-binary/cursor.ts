const decoder = new TextDecoder();

/**
 * Reads RowBinary values one after the other. The caller knows the types.
 * @throws RangeError at the end of the bytes.
 */
export class RowBinaryCursor {
  readonly bytes: Uint8Array;
  offset = 0;
  readonly #view: DataView;
  readonly #buffer: Buffer;

  constructor(bytes: Uint8Array) {
    // Never a Buffer, so that views of it are plain Uint8Arrays too.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.offset >= this.bytes.length;
  }

  /** LEB128. Lengths of ours stay below 2^53. */
  varint(): number {
    let result = 0;
    let scale = 1;
    for (;;) {
      const byte = this.uint8();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 128;
      if (scale > Number.MAX_SAFE_INTEGER) throw new RangeError('RowBinary: length too large');
    }
  }

  uint8(): number {
    const value = this.#view.getUint8(this.offset);
    this.offset += 1;
    return value;
  }

  int8(): number {
    const value = this.#view.getInt8(this.offset);
    this.offset += 1;
    return value;
  }

  uint16(): number {
    const value = this.#view.getUint16(this.offset, true);
    this.offset += 2;
    return value;
  }

  int16(): number {
    const value = this.#view.getInt16(this.offset, true);
    this.offset += 2;
    return value;
  }

  uint32(): number {
    const value = this.#view.getUint32(this.offset, true);
    this.offset += 4;
    return value;
  }

  int32(): number {
    const value = this.#view.getInt32(this.offset, true);
    this.offset += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.#view.getBigUint64(this.offset, true);
    this.offset += 8;
    return value;
  }

  int64(): bigint {
    const value = this.#view.getBigInt64(this.offset, true);
    this.offset += 8;
    return value;
  }

  /** A UInt64 as a double: exact below 2^53. */
  uint64Number(): number {
    const low = this.#view.getUint32(this.offset, true);
    const high = this.#view.getUint32(this.offset + 4, true);
    this.offset += 8;
    return high * 4_294_967_296 + low;
  }

  /** An Int64 as a double: exact between -2^53 and 2^53. */
  int64Number(): number {
    const low = this.#view.getUint32(this.offset, true);
    const high = this.#view.getInt32(this.offset + 4, true);
    this.offset += 8;
    return high * 4_294_967_296 + low;
  }

  float32(): number {
    const value = this.#view.getFloat32(this.offset, true);
    this.offset += 4;
    return value;
  }

  float64(): number {
    const value = this.#view.getFloat64(this.offset, true);
    this.offset += 8;
    return value;
  }

  /** A view, not a copy. */
  fixed(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new RangeError('RowBinary: ends inside a value');
    const value = this.bytes.subarray(this.offset, end);
    this.offset = end;
    return value;
  }

  hex(length: number): string {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new RangeError('RowBinary: ends inside a value');
    const value = this.#buffer.toString('hex', this.offset, end);
    this.offset = end;
    return value;
  }

  /** A view on the bytes of a String. */
  stringBytes(): Uint8Array {
    return this.fixed(this.varint());
  }

  skipString(): void {
    const length = this.varint();
    this.offset += length;
  }

  /** Bytes as one character each: a key for a Map, not text. */
  latin1(start: number, end: number): string {
    return this.#buffer.toString('latin1', start, end);
  }

  /** Bytes that are not UTF-8 become U+FFFD; `stringBytes` loses nothing. */
  string(): string {
    return this.text(this.varint());
  }

  /** UTF-8 text of a known length. */
  text(length: number): string {
    const end = this.offset + length;
    if (end > this.bytes.length) throw new RangeError('RowBinary: ends inside a value');
    // latin1 is many times faster than UTF-8 for short strings, and the same thing while all bytes are ASCII.
    if (length < 64 && this.#isAscii(this.offset, end)) {
      const text = this.#buffer.toString('latin1', this.offset, end);
      this.offset = end;
      return text;
    }
    const text = decoder.decode(this.bytes.subarray(this.offset, end));
    this.offset = end;
    return text;
  }

  #isAscii(start: number, end: number): boolean {
    for (let index = start; index < end; index += 1) if (this.bytes[index]! > 0x7f) return false;
    return true;
  }
}
