import { SerializationError } from "../wire/errors.ts";
import type { EncodeOptions } from "./encode-options.ts";
import { Encoder } from "./encoder.ts";

const noOptions: EncodeOptions = {};
let idle: Encoder | undefined;

/**
 * Encodes a value as a protocol-4 pickle that Python's `pickle.loads` reads.
 *
 * Plain data gets the bytes CPython writes for the same data, except that repeated short texts are written once.
 * Shared and circular references are preserved. Properties that are `undefined` are left out; in an array
 * `undefined` becomes `None`. Only own enumerable properties with text names are written. The value is not changed
 * and not retained. See the package's README for the table of types.
 *
 * @throws {SerializationError} if part of the value has no Python counterpart; `path` says which.
 * @example await store.put("job", encode({ id: 7, tags: new Set(["new"]), at: new Date() }));
 */
export function encode(value: unknown, options: EncodeOptions = noOptions): Uint8Array<ArrayBuffer> {
  // A callback may encode in turn; it then gets an encoder of its own.
  const encoder = idle ?? new Encoder();
  idle = undefined;
  try {
    return encoder.encode(value, options);
  } catch (caught) {
    throw toSerializationError(caught, encoder.path());
  } finally {
    encoder.release();
    idle = encoder;
  }
}

function toSerializationError(caught: unknown, path: string): SerializationError {
  if (caught instanceof SerializationError) {
    if (caught.path !== undefined) return caught;
    return new SerializationError(`cannot encode ${path}: ${caught.message}`, { path, cause: caught.cause });
  }
  const reason = caught instanceof Error ? caught.message : String(caught);
  return new SerializationError(`cannot encode ${path}: ${reason}`, { path, cause: caught });
}
