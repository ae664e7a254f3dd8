/**
 * The part of an answer record that identifies the call, in 32 bits each: who called, and with which arguments. A
 * repeat has the same digests. A call with other digests under the same idempotency key is a mistake of its caller.
 *
 * This guards callers against their own mistakes, not against each other: the names of records contain the caller. So
 * the digest may be quick, and reads only a part of a long value.
 */

import { type Change, type CommitRequest, createError, type EverdictError } from "@everdict/protocol";
import type { CreateDict } from "./store.ts";

// A value up to this size is read completely. Of a longer value, the same amount is read, in blocks spread evenly over
// it.
const looksAtBytes = 64 * 1024;
const blockBytes = 64;
const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

/** Stands for a caller; never 0, which stands for nobody. */
export function callerTag(caller: string): number {
  return caller === "" ? 0 : finish(mix(1, encoder.encode(caller))) || 1;
}

/** The digest of a `pop` or `remove`, or of a `putIfAbsent` with its value. */
export function callDigest(key: Uint8Array, value?: Uint8Array): number {
  const ofKey = mix(0, key);
  return finish(value === undefined ? ofKey : mix(ofKey, value));
}

/** The digest of a `removeMany`. */
export function keysDigest(keys: readonly Uint8Array[]): number {
  let digest = mix(keys.length, nothing);
  for (const key of keys) digest = mix(digest, key, lookAtOf(keys.length));
  return finish(digest);
}

/** The digest of a `commit`. */
export function commitDigest({ conditions, changes }: CommitRequest): number {
  const each = lookAtOf(conditions.length + changes.length);
  let digest = mix(conditions.length, nothing);
  for (const { key, expected } of conditions) {
    digest = mixAscii(mix(digest, key, each), expected);
  }
  for (const change of changes) {
    digest = mixNumber(mixNumber(mix(digest, change.key, each), kinds.indexOf(change.kind)), timeOf(change));
    for (const part of partsOf(change)) digest = mix(digest, part ?? nothing, each);
  }
  return finish(digest);
}

const kinds: readonly Change["kind"][] = ["put", "remove", "add", "touch"];

/** The time to live of a change; -1 for ever, 0 as the policy says. */
function timeOf(change: Change): number {
  if (change.kind === "remove") return 0;
  const ttlMs = change.kind === "add" ? change.ttlOnCreateMs : change.ttlMs;
  return ttlMs === null ? -1 : (ttlMs ?? 0);
}

function partsOf(change: Change): readonly (Uint8Array | undefined)[] {
  if (change.kind === "put") return [change.value];
  return change.kind === "add" ? [change.by, change.initial, change.min, change.max] : [];
}

/** The digest of a `createDict`: everything that a repeat has in common with the first attempt. */
export function creationDigest({ name, expiry, durability, data }: CreateDict): number {
  const ttlMs = expiry.policy === "never" ? "" : expiry.ttlMs;
  let digest = mix(0, encoder.encode(`${expiry.policy} ${ttlMs} ${durability ?? ""} ${data.length} ${name}`));
  const each = lookAtOf(data.length);
  for (const { key, value } of data) digest = mix(mix(digest, key, each), value, each);
  return finish(digest);
}

/** How much is read of each of so many: of many less, so that a call with many costs no more than a value. */
function lookAtOf(count: number): number {
  return Math.max(blockBytes, looksAtBytes / Math.max(1, count));
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

/** As `mix` over the bytes of a text of ASCII characters. */
function mixAscii(digest: number, text: string): number {
  const { length } = text;
  let mixed = Math.imul(digest ^ length, 0x9e3779b1);
  for (let at = 0; at < length; at++) mixed = mixByte(mixed, text.charCodeAt(at));
  return mixed;
}

/** Goes on with a digest over a whole number. */
function mixNumber(digest: number, number: number): number {
  const mixed = Math.imul(digest ^ (number | 0), 0x9e3779b1);
  return Math.imul(mixed ^ Math.floor(number / 2 ** 32), 0x01000193);
}

function mixBlock(digest: number, bytes: Uint8Array, start: number, end: number): number {
  let mixed = digest;
  for (let at = start; at < end; at++) mixed = mixByte(mixed, bytes[at]!);
  return mixed;
}

// FNV-1a with a rotation, so that high bits reach low ones too.
function mixByte(digest: number, byte: number): number {
  const mixed = Math.imul(digest ^ byte, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

function finish(digest: number): number {
  let mixed = Math.imul(digest ^ (digest >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
