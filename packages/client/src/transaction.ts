import { type Change, type Condition, createError, type Refused, type Version } from "@everdict/protocol";
import { checkArgument, checkOptions, notMadeWithNew } from "./arguments/check-options.ts";
import { conditionKind } from "./arguments/option-kinds.ts";
import { DictAccess } from "./dict-access.ts";
import { additionOf, sumOf } from "./dict-changes.ts";
import type { DictKey } from "./dict-key.ts";
import type { IncrementOptions, TimeToLiveOptions } from "./dict-options.ts";
import { type RequestOptions, shareTime } from "./request-options.ts";

/** What became of one change of a transaction. */
export interface TransactionChange<K> {
  readonly key: K;
  /**
   * Of a put or an addition the new version, of a removal the version that was removed, of a touch that of the entry.
   * Undefined: there was no live entry to remove or to touch.
   */
  readonly version: Version | undefined;
  /** Of an addition: the sum. */
  readonly sum?: number | bigint | undefined;
}

/** Everything was done. */
export interface TransactionCommitted<K> {
  readonly committed: true;
  /** In the order of the changes. */
  readonly changes: readonly TransactionChange<K>[];
}

/** Nothing was done. */
export interface TransactionRefused<K> {
  readonly committed: false;
  /** What failed: the first condition that did not hold, else the first addition that is not possible. */
  readonly reason: Refused["reason"];
  /** The key of that condition or addition. */
  readonly key: K;
  /** The version that its entry has. Undefined: there is none. */
  readonly found: Version | undefined;
}

/** What {@link Transaction.commit} resolves to. */
export type TransactionResult<K> = TransactionCommitted<K> | TransactionRefused<K>;

/**
 * Conditions and changes of several entries that are made at one instant: all of them, or none. Obtained with
 * `dict.transaction()`. Nothing is sent before {@link Transaction.commit}, which can be called once.
 *
 * Of one key there is at most one condition and at most one change, of all keys at most 10,000. A tuple whose texts
 * repeat is taken as `put` writes it; the `key` that {@link Dict.entry} gives is the entry's own.
 *
 * @example
 * const from = await accounts.entry("ann");
 * const to = await accounts.entry("bob");
 * const result = await accounts
 *   .transaction()
 *   .check("ann", from?.version ?? "absent")
 *   .check("bob", to?.version ?? "absent")
 *   .put("ann", from.value - 5)
 *   .put("bob", to.value + 5)
 *   .commit();
 * if (!result.committed) console.log("changed meanwhile:", result.key);
 */
export class Transaction<K extends DictKey = DictKey, V = unknown> {
  readonly #access: DictAccess;
  readonly #checkedKeys: K[] = [];
  readonly #conditions: Condition[] = [];
  readonly #changedKeys: K[] = [];
  readonly #changes: (Change | Promise<Change>)[] = [];
  #isSent = false;

  /** @internal */
  constructor(access: DictAccess) {
    if (!(access instanceof DictAccess)) throw notMadeWithNew("A Transaction", "dict.transaction()");
    this.#access = access;
  }

  /**
   * Commits only if this holds: there is no live entry, there is one, or it has this version.
   *
   * @throws {InvalidError} `invalid_key`, `invalid_argument`
   */
  check(key: K, expected: "absent" | "present" | Version): this {
    checkArgument("transaction.check", "expected", conditionKind, expected);
    this.#conditions.push({ key: this.#access.codec.encodeKey(key), expected });
    this.#checkedKeys.push(key);
    return this;
  }

  /**
   * Writes an entry. The value is taken as it is now.
   *
   * @throws {InvalidError} `invalid_key`, `invalid_argument`
   * @throws {SerializationError} `serialization_failed`
   */
  put(key: K, value: V, options: TimeToLiveOptions = {}): this {
    checkOptions("transaction.put", options);
    const { codec, handle } = this.#access;
    const keyBytes = codec.encodeKey(key);
    const asChange = (bytes: Uint8Array): Change => ({
      kind: "put",
      key: keyBytes,
      value: bytes,
      ttlMs: options.ttlMs,
    });
    const encoded = codec.encodeValue(value, shareTime(undefined, handle.client.timeoutMs));
    return this.#add(key, encoded instanceof Uint8Array ? asChange(encoded) : encoded.then(asChange));
  }

  /** Removes an entry, if a live one is there. @throws {InvalidError} `invalid_key` */
  remove(key: K): this {
    return this.#add(key, { kind: "remove", key: this.#access.codec.encodeKey(key) });
  }

  /** Adds to a number, as {@link Dict.increment} does. @throws {InvalidError} `invalid_key`, `invalid_argument` */
  increment(key: K, by: number | bigint = 1, options: IncrementOptions = {}): this {
    checkOptions("transaction.increment", options);
    return this.#add(key, additionOf("transaction.increment", this.#access, key, by, options));
  }

  /** Moves the end of a live entry, as {@link Dict.touch} does. @throws {InvalidError} `invalid_key`, `invalid_argument` */
  touch(key: K, options: TimeToLiveOptions = {}): this {
    checkOptions("transaction.touch", options);
    return this.#add(key, { kind: "touch", key: this.#access.codec.encodeKey(key), ttlMs: options.ttlMs });
  }

  /**
   * Checks all conditions and makes all changes, or none. If an answer is lost and the client repeats the call, the
   * repeat gets the first answer. After `deadline_exceeded` or `cancelled` everything may have been done.
   *
   * @returns whether it was done; if not, what failed first
   * @throws {InvalidError} `invalid_argument` for a key with two conditions or two changes, or a second commit;
   *   `unsupported` from Modal's cloud, and for keys that a cluster has in several places: a dictionary that is created
   *   with `shards: 1` has all in one
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`, `too_many_entries`, `request_too_large`
   */
  async commit(options?: RequestOptions): Promise<TransactionResult<K>> {
    const access = this.#access;
    const call = access.share("transaction.commit", options);
    if (this.#isSent)
      throw createError("invalid_argument", "this transaction was committed before: make a new one");
    this.#isSent = true;
    const outcome = await access.beyondModal("transaction", call, async ({ service, dictId }) => {
      const changes = await Promise.all(this.#changes);
      return service.commit(dictId, { conditions: this.#conditions, changes }, call());
    });
    if (!outcome.committed) {
      const { reason, index, found } = outcome;
      const keys = reason === "condition" ? this.#checkedKeys : this.#changedKeys;
      return { committed: false, reason, key: keys[index]!, found };
    }
    const changes = outcome.results.map(({ version, value }, at) => ({
      key: this.#changedKeys[at]!,
      version,
      ...(value && { sum: sumOf(access, value) }),
    }));
    return { committed: true, changes };
  }

  #add(key: K, change: Change | Promise<Change>): this {
    // Its failure shows when the transaction is committed, if it ever is.
    if (change instanceof Promise) change.catch(() => {});
    this.#changedKeys.push(key);
    this.#changes.push(change);
    return this;
  }
}
