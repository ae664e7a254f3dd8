import type { Durability, ExpiryPolicy } from "@everdict/protocol";
import type { DictEntries } from "./dict-entries.ts";
import type { DictLocation } from "./dict-objects.ts";
import type { RequestOptions } from "./request-options.ts";

/** What `Dict.ephemeral` takes besides the bounds of the call. */
export interface NewDictOptions<K, V> extends DictLocation {
  /** Initial content, applied only if the dictionary is created. At most 10,000 entries. */
  readonly data?: DictEntries<K, V> | undefined;
  /**
   * When entries expire. It is chosen when the dictionary is created; a dictionary that exists with another expiry is
   * refused (`conflict`). Default: the server's policy, or the one that the dictionary has. Ignored by Modal's cloud.
   */
  readonly expiry?: ExpiryPolicy | undefined;
  /**
   * How durable a write is when its promise resolves. It is chosen and refused like `expiry`. Default: the server's, or
   * the one that the dictionary has. Ignored by Modal's cloud.
   */
  readonly durability?: Durability | undefined;
}

/** What `Dict.fromName` takes. */
export interface FromNameOptions<K, V> extends NewDictOptions<K, V> {
  /** Whether the first use creates the dictionary if it does not exist. Default: false. */
  readonly createIfMissing?: boolean | undefined;
}

/** What `put` takes. */
export interface PutOptions extends RequestOptions {
  /** Whether to write only if the key has no live entry. Default: false. */
  readonly skipIfExists?: boolean | undefined;
}

/** Facts about a dictionary that never change: who made it and when, its expiry and its durability. */
export interface DictDescription {
  /** Empty for an ephemeral dictionary. */
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** When its entries expire. Absent where the server does not tell: Modal's cloud, older servers. */
  readonly expiry?: ExpiryPolicy | undefined;
  /** How durable its writes are when their promises resolve. Absent as above. */
  readonly durability?: Durability | undefined;
}

/** Passed to `pop` as the default, it means: there is no default. Needed only to pass options after it. */
export const noDefault: unique symbol = Symbol("noDefault");
