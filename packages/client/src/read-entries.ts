// Reads the entries of an iteration. An entry may be unreadable because another program wrote it wrongly, or because it
// is over a limit of the codec. The program decides whether that ends the iteration.

import type { KeyPrefix } from "@everdict/pickle";
import { createError, type Entry, EverdictError } from "@everdict/protocol";
import type { DictCodec } from "./dict-codec.ts";
import type { IterationOptions, OnUndecodable } from "./iteration-options.ts";

/** Stands for an entry that was left out. */
export const leftOut: unique symbol = Symbol("leftOut");

/** Reads keys and values for one iteration. */
export class EntryReader {
  readonly #codec: DictCodec;
  readonly #onUndecodable: OnUndecodable;
  readonly #prefix: KeyPrefix | undefined;

  /** @throws {InvalidError} `invalid_argument`, `invalid_key` for a prefix that is none */
  constructor(codec: DictCodec, { onUndecodable, prefix }: IterationOptions) {
    this.#codec = codec;
    this.#onUndecodable = onUndecodable ?? "throw";
    this.#prefix = prefix === undefined ? undefined : codec.encodePrefix(prefix);
  }

  /** Where a key has which bytes if it may have the prefix; undefined: any key may be one of those that are wanted. */
  get match(): KeyPrefix["patterns"] {
    return this.#prefix?.patterns;
  }

  /** Whether keys are needed even if only values are asked for: a function wants them, or they tell what is wanted. */
  get needsKeys(): boolean {
    return this.#prefix !== undefined || this.#tellsKeys;
  }

  get #tellsKeys(): boolean {
    return typeof this.#onUndecodable === "function";
  }

  /** The key of an entry, or {@link leftOut}, also of one that has not the prefix. */
  key({ key: bytes }: Entry): unknown {
    try {
      const key = this.#codec.decodeKey(bytes);
      return this.#prefix?.has(key) === false ? leftOut : key;
    } catch (error) {
      return this.#leaveOut(undefined, error, bytes);
    }
  }

  /** The value of an entry, or {@link leftOut}. `key` is the key as it was read. */
  value({ value }: Entry, key: unknown): unknown {
    try {
      return this.#codec.decodeValue(value, { key });
    } catch (error) {
      return this.#leaveOut(key, error, value);
    }
  }

  /** The value of an entry whose key was not asked for, or {@link leftOut}: the key is read for who wants to be told. */
  valueAlone(entry: Entry): unknown {
    if (this.#prefix !== undefined) {
      const key = this.key(entry);
      return key === leftOut ? leftOut : this.value(entry, key);
    }
    try {
      return this.#codec.decodeValue(entry.value);
    } catch (error) {
      return this.#leaveOut(this.#tellsKeys ? this.#keyIfReadable(entry.key) : undefined, error, entry.value);
    }
  }

  #keyIfReadable(bytes: Uint8Array): unknown {
    try {
      return this.#codec.decodeKey(bytes);
    } catch {
      return undefined;
    }
  }

  #leaveOut(key: unknown, error: unknown, bytes: Uint8Array): typeof leftOut {
    const isUnreadable = error instanceof EverdictError && error.code === "deserialization_failed";
    if (!isUnreadable) throw error;
    if (this.#onUndecodable === "throw") {
      const message = `${error.message}. The option onUndecodable of the iteration makes it go on past such entries`;
      throw createError("deserialization_failed", message, { cause: error.cause });
    }
    if (this.#onUndecodable !== "skip") this.#onUndecodable(key, error, bytes);
    return leftOut;
  }
}
