// Reads the entries of an iteration. An entry may be unreadable because another program wrote it wrongly, or because it
// is over a limit of the codec. The program decides whether that ends the iteration.

import { createError, type Entry, EverdictError } from "@everdict/protocol";
import type { DictCodec } from "./dict-codec.ts";
import type { IterationOptions, OnUndecodable } from "./iteration-options.ts";

/** Stands for an entry that was left out. */
export const leftOut: unique symbol = Symbol("leftOut");

/** Reads keys and values for one iteration. */
export class EntryReader {
  readonly #codec: DictCodec;
  readonly #onUndecodable: OnUndecodable;

  constructor(codec: DictCodec, options: IterationOptions | undefined) {
    this.#codec = codec;
    this.#onUndecodable = options?.onUndecodable ?? "throw";
  }

  /** Whether a function wants the keys, even if only values are asked for. */
  get tellsKeys(): boolean {
    return typeof this.#onUndecodable === "function";
  }

  /** The key of an entry, or {@link leftOut}. */
  key({ key }: Entry): unknown {
    try {
      return this.#codec.decodeKey(key);
    } catch (error) {
      return this.#leaveOut(undefined, error, key);
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
    try {
      return this.#codec.decodeValue(entry.value);
    } catch (error) {
      return this.#leaveOut(this.tellsKeys ? this.#keyIfReadable(entry.key) : undefined, error, entry.value);
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
