import { create, toBinary } from "@bufbuild/protobuf";
import { DictGetResponseSchema } from "@everdict/protocol/api";
import type { GrpcMessage } from "../grpc/grpc-method.ts";
import { fieldHead, uncopiedMinBytes } from "./field-head.ts";

/**
 * The answer of `DictGet` and `DictPop`, which have the same fields: whether an entry was found, and its value.
 *
 * A large value is not copied into the message: that would hold the event loop, and hold it twice in memory.
 */

/** Field 1, a varint: true. Then field 2, bytes: the value. */
const foundTrue = [0x08, 1];
const valueField = 2;

/** The message. With `found` the value is set even if it is empty: clients decode it (protocol section 2.4). */
export function lookupAnswer(value: Uint8Array | undefined): GrpcMessage {
  if (value !== undefined && value.length >= uncopiedMinBytes) {
    return [Uint8Array.from([...foundTrue, ...fieldHead(valueField, value.length)]), value];
  }
  const response = value === undefined ? { found: false } : { found: true, value };
  return toBinary(DictGetResponseSchema, create(DictGetResponseSchema, response));
}
