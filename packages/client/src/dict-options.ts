import type { Durability, ExpiryPolicy } from "@everdict/protocol";
import type { DictEntries } from "./dict-entries.ts";
import type { DictLocation } from "./dict-objects.ts";
import type { RequestOptions } from "./request-options.ts";

/** What `Dict.ephemeral` takes besides the bounds of the call. */
export interface NewDictOptions<K, V> extends DictLocation {
  /** Initial content, applied only if the dictionary is created. At most 10,000 entries. */
  readonly data?: DictEntries<K, V> | undefined;
  /**
   * When entries expire, decided when the dictionary is created: one that exists with another expiry is refused
   * (`conflict`). Default: the server's policy, or whatever the dictionary has. Ignored by Modal's cloud.
   */
  readonly expiry?: ExpiryPolicy | undefined;
  /**
   * How durable a write is when its promise resolves, decided and refused like `expiry`. Default: the server's, or
   * whatever the dictionary has. Ignored by Modal's cloud.
   */
  readonly durability?: Durability | undefined;
}

/** What `Dict.fromName` takes. */
export interface FromNameOptions<K, V> extends NewDictOptions<K, V> {
  /** Whether the first use creates the dictionary if it is not there. Default: false. */
  readonly createIfMissing?: boolean | undefined;
}

/** What `put` takes. */
export interface PutOptions extends RequestOptions {
  /** Whether to leave the entry alone if the key is there. Default: false. */
  readonly skipIfExists?: boolean | undefined;
}

/** What never changes about a dictionary: who made it, when, and what it promises about its entries. */
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

/** Given to `pop` as default: there is none. Needed only to say so before its options. */
export const noDefault: unique symbol = Symbol("noDefault");
