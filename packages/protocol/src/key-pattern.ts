import type { KeyPattern } from "./bulk.ts";
import { limitDefaults } from "./limit-defaults.ts";

/** How many patterns a request may have, and how many parts each of them. */
export const keyPatternsMax: number = limitDefaults.keyPatternsMax;

/** Whether one of the patterns matches a key; true if there are no patterns to ask. */
export function matchesKey(patterns: readonly KeyPattern[] | undefined, key: Uint8Array): boolean {
  return patterns === undefined || patterns.some((parts) => parts.every((part) => hasPart(key, part)));
}

function hasPart(key: Uint8Array, { offset, bytes }: KeyPattern[number]): boolean {
  if (offset + bytes.length > key.length) return false;
  for (let at = 0; at < bytes.length; at++) {
    if (key[offset + at] !== bytes[at]) return false;
  }
  return true;
}
