/**
 * The part of an answer record that identifies the call, in 32 bits each: who called, and with which arguments. A
 * repeat has the same digests. A call with other digests under the same idempotency key is a mistake of its caller.
 *
 * This guards callers against their own mistakes, not against each other: the names of records contain the caller. So
 * the digest may be quick, and reads only a part of a long value.
 */

import { createError, type EverdictError } from "@everdict/protocol";
import type { CreateDict } from "./store.ts";

// A value up to this size is read completely. Of a longer value, the same amount is read, in blocks spread evenly over
// it.
const looksAtBytes = 64 * 1024;
const blockBytes = 64;
const encoder = new TextEncoder();

/** Stands for a caller; never 0, which stands for nobody. */
export function callerTag(caller: string): number {
  return caller === "" ? 0 : finish(mix(1, encoder.encode(caller))) || 1;
}

/** The digest of a `pop` or `remove`, or of a `putIfAbsent` with its value. */
export function callDigest(key: Uint8Array, value?: Uint8Array): number {
  const ofKey = mix(0, key);
  return finish(value === undefined ? ofKey : mix(ofKey, value));
}

/** The digest of a `createDict`: everything that a repeat has in common with the first attempt. */
export function creationDigest({ name, expiry, durability, data }: CreateDict): number {
  const ttlMs = expiry.policy === "never" ? "" : expiry.ttlMs;
  let digest = mix(0, encoder.encode(`${expiry.policy} ${ttlMs} ${durability ?? ""} ${data.length} ${name}`));
  // Of many entries less each, so that a creation costs no more than a value.
  const each = Math.max(blockBytes, looksAtBytes / Math.max(1, data.length));
  for (const { key, value } of data) digest = mix(mix(digest, key, each), value, each);
  return finish(digest);
}

/** The error for a call under the idempotency key of another one. */
export function otherArguments(): EverdictError {
  return createError("conflict", "the idempotency key was used for a call with other arguments");
}

/** Goes on with a digest over bytes and their number. */
function mix(digest: number, bytes: Uint8Array, looksAt = looksAtBytes): number {
  const { length } = bytes;
  let mixed = Math.imul(digest ^ length, 0x9e3779b1);
  if (length <= looksAt) return mixBlock(mixed, bytes, 0, length);
  const blocks = Math.max(2, Math.floor(looksAt / blockBytes));
  const step = (length - blockBytes) / (blocks - 1);
  for (let block = 0; block < blocks; block++) {
    const start = Math.floor(block * step);
    mixed = mixBlock(mixed, bytes, start, start + blockBytes);
  }
  return mixed;
}

// FNV-1a with a rotation, so that high bits reach low ones too.
function mixBlock(digest: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = digest;
  for (let at = start; at < end; at++) {
    mixed = Math.imul(mixed ^ bytes[at]!, 0x01000193);
    mixed ^= mixed >>> 15;
  }
  return mixed;
}

function finish(digest: number): number {
  let mixed = Math.imul(digest ^ (digest >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
