/**
 * The message that travels with a handle inside a value (protocol section 4.4): `DictMetadata`, written out by
 * hand because the core of the client has no other use for protobuf.
 *
 * DictMetadata  { 1: name (string), 2: creation info (message) }
 * CreationInfo  { 1: created at, Unix seconds (double), 2: created by (string) }
 *
 * As in proto3, a field with its default value is left out when writing, and unknown fields are skipped when reading.
 */

/** What the message says. */
export interface DictMetadata {
  readonly name: string;
  readonly createdAtSeconds: number;
  readonly createdBy: string;
}

const wireVarint = 0;
const wireFixed64 = 1;
const wireBytes = 2;
const wireFixed32 = 5;

/** Writes the message. The creation info is always there, even if empty, as it is known. */
export function encodeDictMetadata({ name, createdAtSeconds, createdBy }: DictMetadata): Uint8Array {
  const created: number[] = [];
  // Minus zero is not the default: protobuf compares the bits.
  if (createdAtSeconds !== 0 || Object.is(createdAtSeconds, -0)) {
    created.push((1 << 3) | wireFixed64, ...doubleBytes(createdAtSeconds));
  }
  if (createdBy !== "") pushBytes(created, 2, new TextEncoder().encode(createdBy));
  const message: number[] = [];
  if (name !== "") pushBytes(message, 1, new TextEncoder().encode(name));
  pushBytes(message, 2, created);
  return Uint8Array.from(message);
}

/** Reads the message. @throws {RangeError} if it is cut off or malformed */
export function decodeDictMetadata(bytes: Uint8Array): DictMetadata {
  let name = "";
  let createdAtSeconds = 0;
  let createdBy = "";
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.bytes) name = new TextDecoder().decode(field.bytes);
    if (field.number !== 2 || !field.bytes) continue;
    for (const inner of fieldsOf(field.bytes)) {
      if (inner.number === 1 && inner.double !== undefined) createdAtSeconds = inner.double;
      if (inner.number === 2 && inner.bytes) createdBy = new TextDecoder().decode(inner.bytes);
    }
  }
  return { name, createdAtSeconds, createdBy };
}

interface Field {
  readonly number: number;
  readonly bytes?: Uint8Array;
  readonly double?: number;
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = view.getUint8(at++);
      // Multiplying instead of shifting: lengths and tags fit a double, not always 32 bits.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("a varint of more than ten bytes");
  };
  while (at < bytes.byteLength) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case wireVarint:
        varint();
        yield { number };
        break;
      case wireFixed64:
        yield { number, double: view.getFloat64(at, true) };
        at += 8;
        break;
      case wireBytes: {
        const length = varint();
        if (at + length > bytes.byteLength) throw new RangeError("a field that ends after the message");
        yield { number, bytes: bytes.subarray(at, at + length) };
        at += length;
        break;
      }
      case wireFixed32:
        at += 4;
        yield { number };
        break;
      default:
        throw new RangeError(`wire type ${tag % 8}`);
    }
  }
}

function pushBytes(target: number[], field: number, bytes: ArrayLike<number>): void {
  target.push((field << 3) | wireBytes);
  let length = bytes.length;
  for (; length >= 0x80; length = Math.floor(length / 128)) target.push((length % 128) | 0x80);
  target.push(length);
  for (let index = 0; index < bytes.length; index += 1) target.push(bytes[index]!);
}

function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}
