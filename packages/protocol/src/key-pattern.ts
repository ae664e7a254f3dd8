import type { KeyPattern } from "./bulk.ts";
import { limitDefaults } from "./limit-defaults.ts";
import { sliceBytes } from "./next-slice.ts";

/** How many patterns a request may have, and how many parts each of them. */
export const keyPatternsMax: number = limitDefaults.keyPatternsMax;
/** How many bytes all parts of all patterns of a request may have together. */
export const keyPatternsMaxBytes: number = limitDefaults.keyPatternsMaxBytes;
/** How many bytes of keys are compared in one turn: a few milliseconds. */
const comparedAtOnceBytes = 4 * sliceBytes;

/** Whether one of the patterns matches a key; true if there are no patterns to ask. */
export function matchesKey(patterns: readonly KeyPattern[] | undefined, key: Uint8Array): boolean {
  return patterns === undefined || patterns.some((parts) => parts.every((part) => hasPart(key, part)));
}

/** The bytes of all parts together. */
export function bytesOfPatterns(patterns: readonly KeyPattern[]): number {
  return patterns.reduce((sum, parts) => parts.reduce((bytes, part) => bytes + part.bytes.length, sum), 0);
}

/** How many bytes of a key, from its first, decide whether a pattern matches it. */
export function reachOfPatterns(patterns: readonly KeyPattern[]): number {
  let reach = 0;
  for (const parts of patterns) {
    for (const { offset, bytes } of parts) reach = Math.max(reach, offset + bytes.length);
  }
  return reach;
}

/** How many keys may be compared in one turn of the event loop: `most`, or fewer if the patterns are large. At least 1. */
export function keysInOneTurn(patterns: readonly KeyPattern[] | undefined, most: number): number {
  if (patterns === undefined) return most;
  const bytes = bytesOfPatterns(patterns) + reachOfPatterns(patterns);
  return Math.max(1, Math.min(most, Math.floor(comparedAtOnceBytes / Math.max(1, bytes))));
}

function hasPart(key: Uint8Array, { offset, bytes }: KeyPattern[number]): boolean {
  const last = bytes.length - 1;
  if (offset + last >= key.length) return false;
  // Keys that begin alike often end differently.
  if (last >= 0 && key[offset + last] !== bytes[last]) return false;
  for (let at = 0; at < last; at++) {
    if (key[offset + at] !== bytes[at]) return false;
  }
  return true;
}
