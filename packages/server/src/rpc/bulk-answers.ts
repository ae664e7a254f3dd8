/** Answers of `everdict.v1` that may hold large values, which are not copied into them. */

import { create, toBinary } from "@bufbuild/protobuf";
import { type FoundEntry, type Page, versionBytes } from "@everdict/protocol";
import { FoundEntrySchema, GetManyResponseSchema, GetPageResponseSchema } from "@everdict/protocol/dicts-api";
import type { GrpcMessage } from "../grpc/grpc-method.ts";
import { plain } from "./commit-messages.ts";
import { entryFields } from "./entry-frames.ts";
import { nestedHead, uncopiedMinBytes } from "./field-head.ts";

const entryField = 1;
const valuesField = 1;
const valueField = 1;

/** `GetEntry`. */
export function entryAnswer(found: FoundEntry | undefined): GrpcMessage {
  if (found === undefined) return nothing;
  const { value, version, expiresAtMs } = found;
  const known = {
    version: plain(versionBytes(version)),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
  const before = toBinary(FoundEntrySchema, create(FoundEntrySchema, known));
  const head = nestedHead(entryField, before, valueField, value.length);
  return value.length < uncopiedMinBytes ? Buffer.concat([head, value]) : [head, value];
}

/** `GetMany`. A message may be written in parts, of which the repeated fields add up. */
export function valuesAnswer(values: readonly (Uint8Array | undefined)[]): GrpcMessage {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < values.length; ) {
    const found = values.findIndex((value, at) => at >= from && isLarge(value));
    const to = found < 0 ? values.length : found;
    if (to > from) pieces.push(smallValues(values.slice(from, to)));
    const large = values[to];
    if (large !== undefined) pieces.push(nestedHead(valuesField, nothing, valueField, large.length), large);
    from = to + 1;
  }
  return pieces;
}

/** `GetPage`. */
export function pageAnswer({ entries, next }: Page): GrpcMessage {
  const end = next === undefined ? {} : { next: plain(next) };
  return [...entryFields(entries), toBinary(GetPageResponseSchema, create(GetPageResponseSchema, end))];
}

const nothing = new Uint8Array(0);

function isLarge(value: Uint8Array | undefined): boolean {
  return value !== undefined && value.length >= uncopiedMinBytes;
}

function smallValues(values: readonly (Uint8Array | undefined)[]): Uint8Array {
  const messages = values.map((value) => (value === undefined ? {} : { value: plain(value) }));
  return toBinary(GetManyResponseSchema, create(GetManyResponseSchema, { values: messages }));
}
