/** For tests: a protobuf message taken apart and put together, to send its fields in another order. */
export function splitFields(
  message: Uint8Array,
): readonly { readonly number: number; readonly raw: Uint8Array; readonly body: Uint8Array }[] {
  const fields = [];
  let position = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[position]!;
      position += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.length) {
    const start = position;
    const tag = varint();
    let bodyStart = position;
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 1) position += 8;
    else if (wireType === 5) position += 4;
    else {
      const length = varint();
      bodyStart = position;
      position += length;
    }
    fields.push({
      number: tag >>> 3,
      raw: message.subarray(start, position),
      body: message.subarray(bodyStart, position),
    });
  }
  return fields;
}

/** A length-delimited field; its number is below 16. */
export function messageField(number: number, body: Uint8Array): Uint8Array {
  const length = [];
  for (let rest = body.length; ; rest >>>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) break;
  }
  return Uint8Array.of((number << 3) | 2, ...length, ...body);
}
