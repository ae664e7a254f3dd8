// The keys and values that all peers are given: 20 bytes in an order like that of a hash, and 100 bytes that differ
// from write to write, since engines may be quicker with what is equal.
import { randomBytes } from "node:crypto";

export const keyBytes = 20;
export const valueBytes = 100;

/** The key of a number; keys of the same number are the same. */
export function keyOf(number) {
  const key = Buffer.allocUnsafe(keyBytes);
  // Odd multipliers permute 32-bit numbers, so no two keys share their first half.
  key.writeUInt32BE(Math.imul(number, 0x9e3779b1) >>> 0, 0);
  key.writeUInt32BE(number, 4);
  key.writeUInt32BE(Math.imul(number, 0x85ebca6b) >>> 0, 8);
  key.writeUInt32BE(Math.imul(number, 0xc2b2ae35) >>> 0, 12);
  key.writeUInt32BE(~number >>> 0, 16);
  return key;
}

const pool = randomBytes(64 * 1024);
let valuesMade = 0;

/** A value that was not there before. */
export function nextValue() {
  const value = Buffer.allocUnsafe(valueBytes);
  const start = (valuesMade * 7919) % (pool.length - valueBytes);
  pool.copy(value, 0, start, start + valueBytes);
  value.writeUInt32LE(valuesMade++ >>> 0, 0);
  return value;
}
