// Whether the numbers among the keys of a Map or the elements of a Set can be told apart quickly. V8 finds a number by
// a hash without a secret. So an attacker can choose numbers that all have the same hash, and each look-up then passes
// all the others. Texts are safe from that. This file computes the same hash and refuses numbers that crowd. An engine
// with another hash refuses only what was chosen to harm V8.

import { isLittleEndian } from "../wire/byte-order.ts";
import { DeserializationError } from "../wire/errors.ts";

/** So many keys do no harm, however they are chosen. */
const HARMLESS_KEYS = 512;
const BUCKETS = 1_024;
const floats = new Float64Array(1);
const bigints = new BigUint64Array(floats.buffer);
const halves = new Uint32Array(floats.buffer);
const buckets = new Uint32Array(BUCKETS);

/** How many keys to put into a collection before {@link checkSpread} is to be called again. */
export function keysUntilCheck(size: number): number {
  return size < HARMLESS_KEYS ? HARMLESS_KEYS - size : size;
}

/** @throws {DeserializationError} if far more of the numbers fall together than by chance */
export function checkSpread(keys: Iterable<unknown>): void {
  buckets.fill(0);
  let count = 0;
  let fullest = 0;
  for (const key of keys) {
    if (typeof key !== "number" && typeof key !== "bigint") continue;
    const isInteger = typeof key === "number" && key === (key | 0);
    const bucket = (isInteger ? hashOfInteger(key) : hashOfLong(key)) % BUCKETS;
    const together = (buckets[bucket] as number) + 1;
    buckets[bucket] = together;
    if (together > fullest) fullest = together;
    count++;
  }
  if (fullest > 64 + (2 * count) / BUCKETS)
    throw new DeserializationError(
      "the numbers among the keys of a dict or set are chosen to be slow to find",
    );
}

/** Adds some of the values to a set, and calls {@link checkSpread} in time. */
export function addChecked(set: Set<unknown>, values: readonly unknown[], from: number, to: number): void {
  let untilCheck = keysUntilCheck(set.size);
  for (let index = from; index < to; index++) {
    set.add(values[index]);
    if (--untilCheck > 0) continue;
    checkSpread(set);
    untilCheck = keysUntilCheck(set.size);
  }
}

// The hashes of V8, "ComputeUnseededHash" and "ComputeLongHash": their lowest bits.

function hashOfInteger(key: number): number {
  let hash = (~key + (key << 15)) | 0;
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2_057);
  return (hash ^ (hash >>> 16)) & 0x3fffffff;
}

function hashOfLong(key: number | bigint): number {
  if (typeof key === "number") floats[0] = key;
  else bigints[0] = key < 0n ? -key : key;
  const [first, second] = [halves[0] as number, halves[1] as number];
  // 64 bits as two halves, `high` and `low`; each line is one of V8's.
  let [high, low] = isLittleEndian ? [second, first] : [first, second];
  let sum = (~low >>> 0) + ((low << 18) >>> 0);
  [high, low] = [(~high + ((high << 18) | (low >>> 14)) + (sum > 0xffff_ffff ? 1 : 0)) >>> 0, sum >>> 0];
  [high, low] = [(high ^ (high >>> 31)) >>> 0, (low ^ ((high << 1) | (low >>> 31))) >>> 0];
  sum = low * 21;
  [high, low] = [(Math.imul(high, 21) + Math.floor(sum / 2 ** 32)) >>> 0, sum >>> 0];
  [high, low] = [(high ^ (high >>> 11)) >>> 0, (low ^ ((high << 21) | (low >>> 11))) >>> 0];
  sum = low + ((low << 6) >>> 0);
  [high, low] = [(high + ((high << 6) | (low >>> 26)) + (sum > 0xffff_ffff ? 1 : 0)) >>> 0, sum >>> 0];
  return ((low ^ ((high << 10) | (low >>> 22))) & 0x3fffffff) >>> 0;
}
