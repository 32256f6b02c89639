import type { Random } from './random.ts';

/** Longer inputs are cut: what breaks a decoder is seldom long, and short ones are many in a second. */
export const longestInput = 16 * 1_024;

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

/** Varints at the edges of 7, 14, 32, 63 and 64 bits, one that never ends, and one padded with zeros. */
const oddVarints = [
  '00',
  '7f',
  '8001',
  'ff7f',
  'ffffffff07',
  'ffffffff0f',
  '8080808010',
  'ffffffffffffffff7f',
  'ffffffffffffffffff01',
  'ffffffffffffffffffffff',
  '80808000',
].map((hex) => Buffer.from(hex, 'hex'));

const oddBytes = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0b, 0x0c, 0x22, 0x5c, 0x7b, 0x5b];

/** For any encoding. */
const ofBytes: readonly Mutation[] = [
  (bytes, random) => {
    const at = random.below(bytes.length);
    bytes[at] = bytes[at]! ^ (1 << random.below(8));
    return bytes;
  },
  (bytes, random) => {
    bytes[random.below(bytes.length)] = random.of(oddBytes);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  (bytes, random, other) => {
    const [from, to] = range(other, random);
    const at = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
  (bytes, random, other) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length)),
      other.subarray(random.below(other.length)),
    ]),
];

/** For what may be protobuf. */
const ofProtobuf: readonly Mutation[] = [
  // A varint, most likely a tag or a length, becomes an odd one.
  (bytes, random) => {
    const at = random.below(bytes.length);
    let end = at;
    while (end < bytes.length - 1 && bytes[end]! >= 0x80) end += 1;
    return Buffer.concat([bytes.subarray(0, at), random.of(oddVarints), bytes.subarray(end + 1)]);
  },
  // Another wire type for the same field; 3 and 4 are groups, 6 and 7 are none.
  (bytes, random) => {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at]! & 0xf8) | random.below(8);
    return bytes;
  },
  // The whole as a field of a field: depth.
  (bytes, random) => {
    let nested = bytes;
    for (let depth = 1 + random.below(40); depth > 0; depth -= 1) {
      nested = Buffer.concat([
        Buffer.from([random.of([0x0a, 0x12, 0x2a, 0x32])]),
        varint(nested.length),
        nested,
      ]);
      if (nested.length > longestInput) break;
    }
    return nested;
  },
  // A piece as a message of its own, put where it may not belong.
  (bytes, random, other) => {
    const [from, to] = range(other, random);
    const piece = other.subarray(from, to);
    const at = random.below(bytes.length);
    const tag = Buffer.from([(1 + random.below(16)) * 8 + 2]);
    return Buffer.concat([bytes.subarray(0, at), tag, varint(piece.length), piece, bytes.subarray(at)]);
  },
];

const oddTexts = [
  'null',
  'true',
  '-1',
  '1e999',
  '-0.0',
  '9223372036854775808',
  '18446744073709551616',
  '123456789012345678901234567890',
  '""',
  '"\\ud800"',
  '"\\u0000"',
  '"__proto__"',
  '"NaN"',
  '{}',
  '[]',
  '{"__proto__":{"key":1}}',
  '[{"key":"a","value":{"stringValue":"b"}}]',
  '{"arrayValue":{"values":[{"intValue":"1"}]}}',
].map((text) => Buffer.from(text));

/** For what may be JSON. */
const ofJson: readonly Mutation[] = [
  // A value, from behind a colon to the next comma or bracket.
  (bytes, random) => {
    const colon = bytes.indexOf(0x3a, random.below(bytes.length));
    if (colon === -1) return bytes;
    let end = colon + 1;
    while (end < bytes.length && ![0x2c, 0x5d, 0x7d].includes(bytes[end]!)) end += 1;
    return Buffer.concat([bytes.subarray(0, colon + 1), random.of(oddTexts), bytes.subarray(end)]);
  },
  (bytes, random) => {
    const comma = bytes.indexOf(0x2c, random.below(bytes.length));
    if (comma === -1) return bytes;
    const put = Buffer.concat([Buffer.from(','), random.of(oddTexts)]);
    return Buffer.concat([bytes.subarray(0, comma), put, bytes.subarray(comma)]);
  },
  (bytes, random) => {
    const depth = 1 + random.below(2_000);
    const [open, close] = random.of([
      ['[', ']'],
      ['{"arrayValue":{"values":[', ']}}'],
      ['{"kvlistValue":{"values":[{"key":"k","value":', '}]}}'],
    ]);
    const at = bytes.indexOf(0x3a, random.below(bytes.length));
    const nested = Buffer.from(open!.repeat(depth) + close!.repeat(depth));
    return Buffer.concat([bytes.subarray(0, at + 1), nested, bytes.subarray(at + 1)]);
  },
];

/** One to six mutations of `seed`, with pieces of `other`. `seed` is left as it is. */
export function mutateBytes(seed: Buffer, other: Buffer, isJson: boolean, random: Random): Buffer {
  const mutations = [...ofBytes, ...(isJson ? ofJson : ofProtobuf)];
  let bytes = Buffer.from(seed);
  for (let left = 1 + random.below(6); left > 0 && bytes.length > 0; left -= 1) {
    bytes = Buffer.from(random.of(mutations)(bytes, random, other)).subarray(0, longestInput);
  }
  return bytes;
}

function range(bytes: Buffer, random: Random): readonly [from: number, to: number] {
  const from = random.below(bytes.length);
  return [from, from + random.below(Math.min(256, bytes.length - from) + 1)];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
