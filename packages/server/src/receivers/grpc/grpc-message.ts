/**
 * Length-prefixed messages. (gRPC, PROTOCOL-HTTP2.md.)
 *
 * | field           | bytes                      |
 * | --------------- | -------------------------- |
 * | compressed flag | 1: 0 or 1                  |
 * | message length  | 4, big-endian              |
 * | message         | as many as the length says |
 */
const prefixBytes = 5;

export type MessageStart =
  | {
      readonly kind: 'message';
      readonly isCompressed: boolean;
      readonly length: number;
      /** Exactly `length` bytes; throws when the stream ends before, or goes on after. */
      readonly content: AsyncGenerator<Uint8Array>;
    }
  | { readonly kind: 'malformed'; readonly message: string };

/** Reads no further than the prefix, so that the caller can refuse the message before it comes. */
export async function readMessageStart(stream: AsyncIterable<Uint8Array>): Promise<MessageStart> {
  const chunks = stream[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < prefixBytes) {
    const next = await chunks.next();
    if (next.done) {
      return { kind: 'malformed', message: head.length === 0 ? 'no message' : 'the message is cut off' };
    }
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const flag = head[0]!;
  if (flag > 1) return { kind: 'malformed', message: 'the compressed flag is neither 0 nor 1' };
  const length = new DataView(head.buffer, head.byteOffset).getUint32(1);
  return {
    kind: 'message',
    isCompressed: flag === 1,
    length,
    content: contentOf(head.subarray(prefixBytes), chunks, length),
  };
}

async function* contentOf(
  rest: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length - rest.length;
  if (left < 0) throw new Error('more than one message');
  if (rest.length > 0) yield rest;
  for (;;) {
    const next = await chunks.next();
    if (next.done) break;
    left -= next.value.length;
    if (left < 0) throw new Error('more than one message');
    yield next.value;
  }
  if (left > 0) throw new Error('the message is cut off');
}

/**
 * Every message of a stream, as it comes.
 * Throws: when one is compressed or longer than `limitBytes`, or the stream ends within one.
 */
export async function* readMessages(
  stream: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes: Uint8Array = new Uint8Array(0);
  for await (const chunk of stream) {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    while (bytes.length >= prefixBytes) {
      if (bytes[0] !== 0) throw new Error('the message is compressed');
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
      if (length > limitBytes) throw new Error('the message is too long');
      const end = prefixBytes + length;
      if (bytes.length < end) break;
      yield bytes.subarray(prefixBytes, end);
      bytes = bytes.subarray(end);
    }
  }
  if (bytes.length > 0) throw new Error('the message is cut off');
}

export function frameMessage(content: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + content.length);
  frame[0] = 0;
  frame.writeUInt32BE(content.length, 1);
  frame.set(content, prefixBytes);
  return frame;
}

/** Percent-encoding of `grpc-message`: printable ASCII but `%` stays. (PROTOCOL-HTTP2.md, Status-Message.) */
export function encodeGrpcMessage(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
