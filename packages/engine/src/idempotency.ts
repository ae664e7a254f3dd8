import { type CallOptions, createError } from "@everdict/protocol";
import type { BytesOption, TokenOption } from "@everdict/store";

/**
 * Idempotency keys: a repeat of a call under the same key answers what the first attempt answered (protocol
 * section 1.5; official clients send one key with every attempt of a call).
 *
 * The key a client sends is only unique to that client, and only within one kind of call. The token handed on
 * to the store says whose key it is and for what, so that nobody can be answered with somebody else's result.
 */

/** The longest idempotency key, in characters. Official clients send UUIDs of 36. */
export const idempotencyKeyMaxLength = 256;

/** What a store is told of a call besides its request. */
type StoreOptions = TokenOption & BytesOption;

const nothing: StoreOptions = {};

/** The calls that are not naturally repeatable. */
export type IdempotentMethod = "pop" | "put" | "createDict" | "createEnvironment";

/** Turns one caller's idempotency keys into tokens. */
export class IdempotencyTokens {
  readonly #callerId: string;
  readonly #suffix: string;

  /** @param callerId who the keys belong to. */
  constructor(callerId: string) {
    this.#callerId = callerId;
    this.#suffix = ` ${callerId}`;
  }

  /** What a store is told of a call. @throws as `token` */
  option(method: IdempotentMethod, options: CallOptions | undefined): StoreOptions {
    if (options === undefined) return nothing;
    const token = this.token(method, options);
    return {
      token,
      caller: token === undefined ? undefined : this.#callerId,
      bytesAreGiven: options.bytesAreGiven,
    };
  }

  /**
   * The token for a call, or undefined for a call without a key (an empty one is none).
   *
   * @throws `invalid_argument` for a key that is too long
   */
  token(method: IdempotentMethod, options: CallOptions | undefined): string | undefined {
    const key = options?.idempotencyKey;
    if (key === undefined || key === "") return undefined;
    if (key.length > idempotencyKeyMaxLength) {
      const message = `idempotency key is ${key.length} characters, limit is ${idempotencyKeyMaxLength}`;
      throw createError("invalid_argument", message);
    }
    return this.tokenOf(method, key);
  }

  /** The token for a key of acceptable length. */
  tokenOf(method: IdempotentMethod, key: string): string {
    // The length makes the parts unambiguous: no key can be written so that its end passes for a caller's id.
    return `${method} ${key.length} ${key}${this.#suffix}`;
  }
}
