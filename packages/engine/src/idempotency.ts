import { type CallOptions, createError, type IdempotentMethod } from "@everdict/protocol";
import type { BytesOption, IdempotencyOption } from "@everdict/store";

/**
 * Idempotency keys: a repeat of a call under the same key returns what the first attempt returned (protocol
 * section 1.5; official clients send one key with every attempt of a call).
 *
 * The key that a client sends is only unique to that client, and only within one kind of call. The key that the store
 * is given says who sent it and for what, so that no caller gets another's answer.
 */

/** The longest idempotency key, in characters. Official clients send UUIDs of 36. */
export const idempotencyKeyMaxLength = 256;

/** What a store is told of a call besides its request. */
type StoreOptions = IdempotencyOption & BytesOption;

const nothing: StoreOptions = {};

/** Makes one caller's idempotency keys the store's. */
export class CallerKeys {
  readonly #callerId: string;
  readonly #suffix: string;

  /** @param callerId who sends the keys. */
  constructor(callerId: string) {
    this.#callerId = callerId;
    this.#suffix = ` ${callerId}`;
  }

  /**
   * What a store is told of a call. A call without a key (an empty one is none) has none there either.
   *
   * @throws `invalid_argument` for a key that is too long
   */
  option(method: IdempotentMethod, options: CallOptions | undefined): StoreOptions {
    if (options === undefined) return nothing;
    const idempotencyKey = this.#checked(method, options.idempotencyKey);
    return {
      idempotencyKey,
      caller: idempotencyKey === undefined ? undefined : this.#callerId,
      bytesAreGiven: options.bytesAreGiven,
    };
  }

  /** The store's key for a caller's key of acceptable length. */
  scoped(method: IdempotentMethod, key: string): string {
    // The length makes the parts unambiguous: no key can be written so that its end passes for a caller's id.
    return `${scopes[method] ?? method} ${key.length} ${key}${this.#suffix}`;
  }

  #checked(method: IdempotentMethod, key: string | undefined): string | undefined {
    if (key === undefined || key === "") return undefined;
    if (key.length > idempotencyKeyMaxLength) {
      const message = `idempotency key is ${key.length} characters, limit is ${idempotencyKeyMaxLength}`;
      throw createError("invalid_argument", message);
    }
    return this.scoped(method, key);
  }
}

/** How stores know some methods: part of what they have on disk, so it stays although the method has another name. */
const scopes: { readonly [M in IdempotentMethod]?: string } = {
  putIfAbsent: "put",
  getOrCreateDict: "createDict",
  getOrCreateEnvironment: "createEnvironment",
};
