import type { Durability, ExpiryPolicy } from "@everdict/protocol";
import type { DictEntries } from "./dict-entries.ts";
import type { DictLocation } from "./dict-objects.ts";
import type { RequestOptions } from "./request-options.ts";

/** What `Dict.ephemeral` takes besides the bounds of the call. */
export interface NewDictOptions<K, V> extends DictLocation {
  /** Initial content, applied only if the dictionary is created. At most 10,000 entries. */
  readonly data?: DictEntries<K, V> | undefined;
  /** When entries expire, applied only if the dictionary is created. Default: the server's policy. */
  readonly expiry?: ExpiryPolicy | undefined;
  /**
   * How durable a write is when its promise resolves, applied only if the dictionary is created. Default: the
   * server's. Ignored by Modal's cloud.
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

/** Who made a dictionary and when. */
export interface DictDescription {
  /** Empty for an ephemeral dictionary. */
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** Given to `pop` as default: there is none. Needed only to say so before its options. */
export const noDefault: unique symbol = Symbol("noDefault");
