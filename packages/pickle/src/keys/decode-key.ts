import { decode } from "../decode/decode.ts";
import type { DecodeOptions } from "../decode/decode-options.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal, PyObject, PyPersistentId } from "../values/py-object.ts";
import { type EncodeKeyOptions, writeKey } from "./encode-key.ts";
import { areSameBytes, keyBytesOf, rememberKey } from "./key-bytes.ts";
import { isPlainKey } from "./plain-key.ts";
import { PyKey } from "./py-key.ts";

const keyOptions: DecodeOptions = { floats: "exact" };
const keyEncoding: EncodeKeyOptions = {};

/**
 * Decodes a key: as {@link decode}, but an integral float stays a {@link PyFloat}.
 *
 * The result is the key that was read: {@link encodeKey} gives the very same bytes for it, even those that it could not
 * build. That holds for this object; a copy of it is a key of its own. An instance of a class without a type here is a
 * {@link PyKey}. So is a primitive value in other bytes than `encodeKey` writes.
 *
 * @throws {DeserializationError} if the bytes are not a pickle or go beyond a limit, and nothing else
 * @example decodeKey(encodeKey(["user", 42])) // ["user", 42]
 */
export function decodeKey(bytes: Uint8Array, options?: DecodeOptions): unknown {
  const value = decode(bytes, options === undefined ? keyOptions : { floats: "exact", ...options });
  if (isPlainKey(bytes, value) || isWrittenSo(bytes, value)) return value;
  if (!canRemember(value)) return new PyKey(bytes, value);
  // A registered class may have one object for many keys: it stands for the first.
  const known = keyBytesOf(value);
  if (known !== undefined) return areSameBytes(known, bytes) ? value : new PyKey(bytes, value);
  rememberKey(value, bytes.slice() as Uint8Array<ArrayBuffer>);
  return value;
}

/** Whether the key that a value builds has these bytes, and could have no others. */
function isWrittenSo(bytes: Uint8Array, value: unknown): boolean {
  try {
    return (
      areSameBytes(write(bytes, value, undefined), bytes) && areSameBytes(write(bytes, value, "copy"), bytes)
    );
  } catch {
    return false;
  }
}

// Each part takes a byte at least. There may be far more, as a tuple that is referred to is written out.
function write(bytes: Uint8Array, value: unknown, groupOf: "copy" | undefined): Uint8Array {
  return writeKey(value, keyEncoding, groupOf, bytes.length);
}

/** Whether an object can stand for one key only, as it is made for it and not to be changed. */
function canRemember(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  // The empty tuple is one object.
  if (Array.isArray(value)) return Object.isFrozen(value) && value.length > 0;
  if (value instanceof Set) return Object.isFrozen(value);
  const isOther = value instanceof PyObject || value instanceof PyGlobal || value instanceof PyPersistentId;
  return !isOther && !(value instanceof PyFloat) && !(value instanceof Uint8Array) && !isContainer(value);
}

// What no key of Python's can be, though bytes may say so.
function isContainer(value: object): boolean {
  return value instanceof Map || value.constructor === Object || ArrayBuffer.isView(value);
}
