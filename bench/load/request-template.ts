import { orderPlaceholder } from './varied-workload.ts';

/** Where ids and times stand in a request, so that each copy sent is new at the cost of writing over them. */
export interface RequestTemplate {
  readonly body: Buffer;
  readonly spanCount: number;
  /** Offsets of 16 and 8 bytes. */
  readonly traceIds: readonly number[];
  readonly spanIds: readonly number[];
  /** Offsets of fixed64 nanoseconds: starts, ends, events. */
  readonly times: readonly number[];
  readonly ends: readonly number[];
  /** Offset of the digits of an order's number; -1 where there is none. */
  readonly order: number;
}

/** Of an ExportTraceServiceRequest of ours. (opentelemetry-proto, trace.proto.) */
export function createTemplate(body: Buffer): RequestTemplate {
  const found = {
    traceIds: [] as number[],
    spanIds: [] as number[],
    times: [] as number[],
    ends: [] as number[],
  };
  let spanCount = 0;
  const inSpan = (from: number, to: number) => {
    spanCount += 1;
    walk(body, from, to, (field, at, end) => {
      if (field === 1) found.traceIds.push(at);
      else if (field === 2 || field === 4) found.spanIds.push(at);
      else if (field === 7 || field === 8) found.times.push(at);
      if (field === 8) found.ends.push(at);
      else if (field === 11)
        walk(body, at, end, (inner, time) => void (inner === 1 && found.times.push(time)));
    });
  };
  walk(body, 0, body.length, (field, at, end) => {
    if (field !== 1) return;
    walk(body, at, end, (scopeField, scopeAt, scopeEnd) => {
      if (scopeField !== 2) return;
      walk(body, scopeAt, scopeEnd, (spanField, spanAt, spanEnd) => {
        if (spanField === 2) inSpan(spanAt, spanEnd);
      });
    });
  });
  const order = body.indexOf(orderPlaceholder);
  return { body, spanCount, ...found, order: order === -1 ? -1 : order + orderPlaceholder.indexOf('0') };
}

/**
 * A copy with new ids and times. Ids are combined with random bits: parents stay parents, and ids compress as
 * badly as real ones. Ends are moved by up to a millisecond, so that durations differ.
 */
export function freshRequest(
  template: RequestTemplate,
  startNanos: bigint,
  random: Buffer,
  order = 0,
): Buffer {
  const body = Buffer.from(template.body);
  const high = random.readBigUInt64LE(0);
  const low = random.readBigUInt64LE(8);
  const span = random.readBigUInt64LE(16);
  const xor = (at: number, bits: bigint) => body.writeBigUInt64LE(body.readBigUInt64LE(at) ^ bits, at);
  for (const at of template.traceIds) {
    xor(at, high);
    xor(at + 8, low);
  }
  for (const at of template.spanIds) xor(at, span);
  const move = startNanos - template.body.readBigUInt64LE(template.times[0]!);
  for (const at of template.times) body.writeBigUInt64LE(body.readBigUInt64LE(at) + move, at);
  const jitter = BigInt(random.readUInt32LE(0) % 1_000_000);
  for (const at of template.ends) body.writeBigUInt64LE(body.readBigUInt64LE(at) + jitter, at);
  if (template.order !== -1) body.write(String(order).padStart(6, '0'), template.order, 'latin1');
  return body;
}

function walk(
  bytes: Buffer,
  from: number,
  to: number,
  visit: (field: number, at: number, end: number) => void,
): void {
  let position = from;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[position++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < to) {
    const tag = varint();
    const wireType = tag & 7;
    const length = wireType === 2 ? varint() : wireType === 1 ? 8 : wireType === 5 ? 4 : 0;
    if (wireType === 0) varint();
    else visit(tag >>> 3, position, position + length);
    position += length;
  }
}
