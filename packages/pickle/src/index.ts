// @everdict/pickle: Python pickles as plain data. See the README for the table of types.

export { decode, decodeKey } from "./decode.ts";
export type { DecodeOptions } from "./decoder.ts";
export { encode } from "./encode.ts";
export { type EncodeKeyOptions, encodeKey } from "./encode-key.ts";
export type { EncodeOptions } from "./encoder.ts";
export {
  DeserializationError,
  type DeserializationErrorDetails,
  SerializationError,
  type SerializationErrorDetails,
} from "./errors.ts";
export type { DecodeLimits } from "./limits.ts";
export { PyFloat } from "./py-float.ts";
export { type PyConstruction, PyGlobal, PyObject, type PyObjectInit, PyPersistentId } from "./py-object.ts";
