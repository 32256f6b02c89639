/**
 * The delay in milliseconds that a `google.rpc.Status` asks for in a `google.rpc.RetryInfo` among its details;
 * absent if it has none or is malformed. Fields: Status.details 3; Any.type_url 1, Any.value 2;
 * RetryInfo.retry_delay 1; Duration.seconds 1, Duration.nanos 2 (googleapis `google/rpc/error_details.proto`).
 */
export function retryDelayOf(status: Uint8Array): number | undefined {
  try {
    for (const detail of fieldsOf(status)) {
      if (detail.number !== 3 || typeof detail.value === 'number') continue;
      const any = [...fieldsOf(detail.value)];
      const typeUrl = any.find(({ number }) => number === 1)?.value;
      const value = any.find(({ number }) => number === 2)?.value;
      if (!(typeUrl instanceof Uint8Array) || !(value instanceof Uint8Array)) continue;
      if (!Buffer.from(typeUrl).toString().endsWith('/google.rpc.RetryInfo')) continue;
      const delay = [...fieldsOf(value)].find(({ number }) => number === 1)?.value;
      return delay instanceof Uint8Array ? durationMillis(delay) : 0;
    }
  } catch {
    // A status we cannot read asks for nothing.
  }
  return undefined;
}

function durationMillis(duration: Uint8Array): number {
  let millis = 0;
  for (const { number, value } of fieldsOf(duration)) {
    if (typeof value !== 'number') continue;
    if (number === 1) millis += value * 1000;
    if (number === 2) millis += value / 1_000_000;
  }
  return millis;
}

interface Field {
  readonly number: number;
  /** A varint, or the bytes of a length-delimited field. */
  readonly value: number | Uint8Array;
}

function* fieldsOf(message: Uint8Array): Generator<Field> {
  let offset = 0;
  const readVarint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[offset];
      if (byte === undefined) throw new RangeError('message ends inside a varint');
      offset += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (offset < message.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) {
      yield { number, value: readVarint() };
    } else if (wireType === 2) {
      const length = readVarint();
      if (offset + length > message.length) throw new RangeError('field ends outside of its message');
      yield { number, value: message.subarray(offset, offset + length) };
      offset += length;
    } else if (wireType === 1 || wireType === 5) {
      offset += wireType === 1 ? 8 : 4;
    } else {
      throw new RangeError(`wire type ${wireType}`);
    }
  }
}
