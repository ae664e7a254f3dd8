import {
  bytesOfPatterns,
  createError,
  type KeyPattern,
  keyPatternsMax,
  keyPatternsMaxBytes,
  type Limits,
  limitDefaults,
  type PageRequest,
  tooManyEntries,
} from "@everdict/protocol";
import { RequestSizes } from "./limits-check.ts";

/** Checks reads and removals of many entries before any work. */

// Cursors of our stores are much shorter.
const { pageCursorMaxBytes } = limitDefaults;

/** @throws `too_many_entries`, `key_too_large`, `request_too_large` */
export function checkKeys(limits: Limits, keys: readonly Uint8Array[]): void {
  if (keys.length > limits.requestMaxEntries) throw tooManyEntries(keys.length, limits.requestMaxEntries);
  const sizes = new RequestSizes(limits);
  for (const key of keys) sizes.add(key);
  sizes.check();
}

/** @throws `invalid_argument` */
export function checkPage(limits: Limits, { match, after, limit }: PageRequest): void {
  checkPatterns(limits, match);
  if (after !== undefined && after.length > pageCursorMaxBytes) {
    throw createError(
      "invalid_argument",
      `the cursor is ${after.length} bytes, limit is ${pageCursorMaxBytes} bytes`,
    );
  }
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= limits.requestMaxEntries) return;
  const message = `limit is ${limit}, it must be a whole number from 1 to ${limits.requestMaxEntries}`;
  throw createError("invalid_argument", message);
}

/** @throws `invalid_argument` */
export function checkPatterns(limits: Limits, patterns: readonly KeyPattern[] | undefined): void {
  if (patterns === undefined) return;
  checkCount("patterns", patterns.length);
  for (const parts of patterns) {
    checkCount("parts of a pattern", parts.length);
    for (const { offset, bytes } of parts) {
      if (Number.isSafeInteger(offset) && offset >= 0 && offset + bytes.length <= limits.keyMaxBytes)
        continue;
      const message = `a pattern asks for ${bytes.length} bytes at ${offset}, a key has at most ${limits.keyMaxBytes}`;
      throw createError("invalid_argument", message);
    }
  }
  const bytes = bytesOfPatterns(patterns);
  if (bytes <= keyPatternsMaxBytes) return;
  throw createError(
    "invalid_argument",
    `the patterns have ${bytes} bytes together, limit is ${keyPatternsMaxBytes} bytes`,
  );
}

function checkCount(what: string, count: number): void {
  if (count <= keyPatternsMax) return;
  throw createError("invalid_argument", `there are ${count} ${what}, limit is ${keyPatternsMax}`);
}
