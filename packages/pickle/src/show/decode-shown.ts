import { decode } from "../decode/decode.ts";
import { decodeKey } from "../keys/decode-key.ts";
import { DeserializationError } from "../wire/errors.ts";
import { Undecodable } from "./undecodable.ts";

/** The key that bytes stand for, or an {@link Undecodable} in its place. */
export function decodeShownKey(bytes: Uint8Array): unknown {
  return decodeOr(bytes, decodeKey);
}

/** The value that bytes stand for, or an {@link Undecodable} in its place. Floats stay floats. */
export function decodeShownValue(bytes: Uint8Array): unknown {
  return decodeOr(bytes, (pickle) => decode(pickle, { floats: "exact" }));
}

function decodeOr(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): unknown {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof DeserializationError) return new Undecodable(bytes, error.message);
    throw error;
  }
}
