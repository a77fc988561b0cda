/** One message of protobuf's wire format: the values of each field by its number. */
export type Message = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

/** Reads the wire format as far as OTLP uses it. @throws RangeError if the bytes end too early */
export function messageIn(bytes: Buffer): Message {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  while (at < bytes.length) {
    const tag = Number(varint());
    const value = fieldOf(tag & 7);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  function fieldOf(type: number): bigint | Buffer {
    if (type === 0) return varint();
    const length = type === 2 ? Number(varint()) : type === 1 ? 8 : 4;
    if (at + length > bytes.length) throw new RangeError('the message ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  }
}

export const messages = (message: Message, field: number): Message[] =>
  (message.get(field) ?? []).flatMap((value) => (Buffer.isBuffer(value) ? [messageIn(value)] : []));

export function bytesOf(message: Message, field: number): Buffer {
  const value = message.get(field)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

export function numberOf(message: Message, field: number): number {
  const value = message.get(field)?.at(-1);
  return typeof value === 'bigint' ? Number(value) : 0;
}
