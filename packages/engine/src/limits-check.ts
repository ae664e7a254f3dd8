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
  const sizes = new RequestSizes(limits);
  for (const { key, value } of entries) sizes.add(key, value);
  sizes.check();
}

/** The sizes of what is in one request. */
export class RequestSizes {
  readonly #limits: Limits;
  #bytes = 0;
  #keyBytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes into account a key, and the value that comes with it. @throws `key_too_large`, `value_too_large` */
  add(key: Uint8Array, value?: Uint8Array): void {
    checkKey(this.#limits, key);
    this.#bytes += key.byteLength;
    this.#keyBytes += key.byteLength;
    if (value === undefined) return;
    const { valueMaxBytes } = this.#limits;
    if (value.byteLength > valueMaxBytes) {
      throw createError("value_too_large", tooLarge("value", value.byteLength, valueMaxBytes));
    }
    this.#bytes += value.byteLength;
  }

  /** Checks all of it. @throws `request_too_large` */
  check(): void {
    const { requestMaxBytes, keyMaxBytes } = this.#limits;
    const keysMaxBytes = Math.max(requestKeysMaxBytes, keyMaxBytes);
    if (this.#keyBytes > keysMaxBytes) {
      throw createError(
        "request_too_large",
        `the keys of the request are ${this.#keyBytes} bytes, limit is ${keysMaxBytes} bytes`,
      );
    }
    if (this.#bytes <= requestMaxBytes) return;
    throw createError("request_too_large", tooLarge("request", this.#bytes, requestMaxBytes));
  }
}

function tooLarge(what: string, bytes: number, maxBytes: number): string {
  return `${what} is ${bytes} bytes, limit is ${maxBytes} bytes`;
}
