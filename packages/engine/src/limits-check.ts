import {
  createError,
  defaultLimits,
  type Entry,
  type Limits,
  requestKeysMaxBytes,
  type TimedEntry,
  tooManyEntries,
} from "@everdict/protocol";
import { checkTtl } from "./ttl-check.ts";

/**
 * Checks the limits before any work, so that a request over a limit changes nothing. Messages name the actual size and
 * the limit, never a key or a value.
 */

/** Room for a message around one value of the largest size and its key, in bytes. */
const messageOverheadBytes = 64 * 1024;

/**
 * The limits in force: the defaults, changed by the configuration. A request may always hold one entry of the largest
 * size, so `requestMaxBytes` rises with the others unless it is given.
 *
 * @throws `invalid_argument` for a limit that is not a positive whole number
 */
export function resolveLimits(configured: Partial<Limits> = {}): Limits {
  const given = Object.entries(configured).filter(([, limit]) => limit !== undefined);
  for (const [name, limit] of given) {
    if (Number.isSafeInteger(limit) && limit > 0) continue;
    throw createError("invalid_argument", `${name} is ${limit}, it must be a positive whole number`);
  }
  const limits: Limits = { ...defaultLimits, ...Object.fromEntries(given) };
  const oneEntryBytes = limits.keyMaxBytes + limits.valueMaxBytes + messageOverheadBytes;
  const requestMaxBytes = configured.requestMaxBytes ?? Math.max(limits.requestMaxBytes, oneEntryBytes);
  return Object.freeze({ ...limits, requestMaxBytes });
}

/** @throws `key_too_large` */
export function checkKey(limits: Limits, key: Uint8Array): void {
  if (key.byteLength <= limits.keyMaxBytes) return;
  throw createError("key_too_large", tooLarge("key", key.byteLength, limits.keyMaxBytes));
}

/**
 * @throws `key_too_large`, `value_too_large`, `too_many_entries`, `request_too_large`; `invalid_argument` for a time to
 *   live
 */
export function checkEntries(limits: Limits, entries: readonly TimedEntry[]): void {
  if (entries.length > limits.requestMaxEntries) {
    throw tooManyEntries(entries.length, limits.requestMaxEntries);
  }
  checkSizes(limits, entries);
  for (const { ttlMs } of entries) checkTtl("ttlMs", ttlMs);
}

/** Checks the sizes of any number of entries. @throws `key_too_large`, `value_too_large`, `request_too_large` */
export function checkSizes(limits: Limits, entries: readonly Entry[]): void {
  let bytes = 0;
  let keyBytes = 0;
  for (const { key, value } of entries) {
    checkKey(limits, key);
    if (value.byteLength > limits.valueMaxBytes) {
      throw createError("value_too_large", tooLarge("value", value.byteLength, limits.valueMaxBytes));
    }
    bytes += key.byteLength + value.byteLength;
    keyBytes += key.byteLength;
  }
  const keysMaxBytes = Math.max(requestKeysMaxBytes, limits.keyMaxBytes);
  if (keyBytes > keysMaxBytes) {
    throw createError(
      "request_too_large",
      `the keys of the request are ${keyBytes} bytes, limit is ${keysMaxBytes} bytes`,
    );
  }
  if (bytes <= limits.requestMaxBytes) return;
  throw createError("request_too_large", tooLarge("request", bytes, limits.requestMaxBytes));
}

function tooLarge(what: string, bytes: number, maxBytes: number): string {
  return `${what} is ${bytes} bytes, limit is ${maxBytes} bytes`;
}
