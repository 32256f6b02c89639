import { OtlpError } from './otlp-error.ts';

/** Wire types of protobuf. (protobuf.dev, Encoding, "Message structure".) */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Unknown groups may nest this deep before the message is refused; protobuf's own libraries use 100. */
const maxGroupDepth = 100;

/**
 * Reads protobuf from bytes that nobody trusts. Every read is checked against `end`; a broken rule throws
 * `OtlpError`. Nothing is copied, and nothing is allocated: 64-bit values come as `low` and `high`.
 */
export class ProtoReader {
  bytes: Uint8Array;
  position: number;
  /** End of the message that is being read; move it inwards for a nested message and back afterwards. */
  end: number;
  /** The upper half of the last `varint`, or both halves of the last `fixed64`. */
  high = 0;
  low = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** A tag: field number × 8 + wire type. Refuses field number 0, unknown wire types, and more than 32 bits. */
  tag(): number {
    const first = this.position < this.end ? this.bytes[this.position]! : 0x80;
    if (first < 0x80) {
      this.position += 1;
      if (first < 8) throw new OtlpError('field number 0');
      if ((first & 7) > 5) throw new OtlpError('unknown wire type');
      return first;
    }
    const tag = this.varint();
    if (this.high !== 0) throw new OtlpError('field number too large');
    if (tag >>> 3 === 0) throw new OtlpError('field number 0');
    if ((tag & 7) > 5) throw new OtlpError('unknown wire type');
    return tag;
  }

  /** Any varint of up to 10 bytes: gives the low 32 bits unsigned, leaves the upper ones in `high`. */
  varint(): number {
    const bytes = this.bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= this.end) throw new OtlpError('truncated varint');
      const byte = bytes[this.position]!;
      this.position += 1;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    throw new OtlpError('varint of more than 10 bytes');
  }

  /** The length of what follows, checked: `position + length` is at most `end`. */
  length(): number {
    const first = this.position < this.end ? this.bytes[this.position]! : 0x80;
    let length = first;
    if (first < 0x80) {
      this.position += 1;
    } else {
      length = this.varint();
      if (this.high !== 0) throw new OtlpError('length beyond the end');
    }
    if (length > this.end - this.position) throw new OtlpError('length beyond the end');
    return length;
  }

  fixed64(): void {
    this.#need(8);
    this.low = this.#word(this.position);
    this.high = this.#word(this.position + 4);
    this.position += 8;
  }

  fixed32(): number {
    this.#need(4);
    const word = this.#word(this.position);
    this.position += 4;
    return word >>> 0;
  }

  /** Passes over the value of a field that nobody wants. */
  skip(tag: number, depth = 0): void {
    switch (tag & 7) {
      case wireTypes.varint:
        this.varint();
        return;
      case wireTypes.fixed64:
        this.#need(8);
        this.position += 8;
        return;
      case wireTypes.bytes: {
        const length = this.length();
        this.position += length;
        return;
      }
      case wireTypes.fixed32:
        this.#need(4);
        this.position += 4;
        return;
      case wireTypes.startGroup:
        this.#skipGroup(tag, depth);
        return;
      default:
        throw new OtlpError('end of a group that did not start');
    }
  }

  #skipGroup(startTag: number, depth: number): void {
    if (depth >= maxGroupDepth) throw new OtlpError('groups nested too deep');
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) === wireTypes.endGroup) {
        if (tag >>> 3 !== startTag >>> 3) throw new OtlpError('end of another group');
        return;
      }
      this.skip(tag, depth + 1);
    }
  }

  #need(size: number): void {
    if (size > this.end - this.position) throw new OtlpError('truncated fixed-size value');
  }

  #word(position: number): number {
    const bytes = this.bytes;
    return (
      bytes[position]! |
      (bytes[position + 1]! << 8) |
      (bytes[position + 2]! << 16) |
      (bytes[position + 3]! << 24)
    );
  }
}
