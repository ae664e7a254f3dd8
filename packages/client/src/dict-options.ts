import type { DictInfo, Durability, ExpiryPolicy, TimeToLiveMs, Version } from "@everdict/protocol";
import type { Cursor } from "./cursor-text.ts";
import type { DictEntries } from "./dict-entries.ts";
import type { DictLocation } from "./dict-objects.ts";
import type { IterationOptions } from "./iteration-options.ts";
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
  /**
   * Over how many parts a cluster spreads the dictionary if this creates it, from 1 to 1,024. With 1 every transaction
   * finds its keys in one place. Default: as the server is set. Other places have one part; ignored by Modal's cloud and,
   * over gRPC, by servers that do not know it yet.
   */
  readonly shards?: number | undefined;
}

/** What `Dict.fromName` takes. */
export interface FromNameOptions<K, V> extends NewDictOptions<K, V> {
  /** Whether the first use creates the dictionary if it does not exist. Default: false. */
  readonly createIfMissing?: boolean | undefined;
}

/** When an entry ends that is written. */
export interface TimeToLiveOptions {
  /**
   * How long the entry lives from now on, in whole milliseconds, at least 1; `null`: for ever. It beats the
   * dictionary's policy until the entry is written again. Under the policy `afterUse` a use renews the entry by this
   * time. Default: as the policy says.
   */
  readonly ttlMs?: TimeToLiveMs | undefined;
}

/** What `put` takes. Of the conditions at most one. */
export interface PutOptions extends TimeToLiveOptions, RequestOptions {
  /** Whether to write only if the key has no live entry. Default: false. */
  readonly skipIfExists?: boolean | undefined;
  /** Whether to write only if the key has a live entry. Default: false. */
  readonly onlyIfExists?: boolean | undefined;
  /** Writes only if the entry still has this version, from {@link Dict.entry}. Default: whatever it has. */
  readonly ifVersion?: Version | undefined;
}

/** What `update` takes. */
export interface UpdateOptions extends TimeToLiveOptions, RequestOptions {}

/** What `pop` and `remove` take. */
export interface RemoveOptions extends RequestOptions {
  /** Removes only if the entry still has this version, from {@link Dict.entry}. Default: whatever it has. */
  readonly ifVersion?: Version | undefined;
}

/** What `modify` takes. */
export interface ModifyOptions extends TimeToLiveOptions, RequestOptions {
  /** How often to try at most, at least once. Default: until the time of the call is over. */
  readonly attemptsMax?: number | undefined;
}

/** What an addition takes. */
export interface IncrementOptions {
  /** What an absent entry counts as. Default: 0. */
  readonly initial?: number | bigint | undefined;
  /** The least sum that is allowed. Default: any. */
  readonly min?: number | bigint | undefined;
  /** The greatest sum that is allowed. Default: any. */
  readonly max?: number | bigint | undefined;
  /**
   * How long an entry lives that this creates, in milliseconds; `null`: for ever. The end of an entry that is there does
   * not move, so a counter of a window ends however busy it is. Default: as the dictionary's policy says.
   */
  readonly ttlMsOnCreate?: TimeToLiveMs | undefined;
}

/** What `touch` takes. */
export interface TouchOptions extends TimeToLiveOptions, RequestOptions {}

/** What `removeMany` takes. */
export interface RemoveManyOptions extends RequestOptions {
  /** Whether only to count what would be removed. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** What `page` takes. */
export interface PageOptions extends IterationOptions {
  /** Where to go on: the `next` of the page before. Default: from the beginning. */
  readonly after?: Cursor | undefined;
  /** How many entries at most, from 1 to 10,000. Default: 100. */
  readonly limit?: number | undefined;
  /** Whether values are wanted; if not, they are `undefined`. Default: true. */
  readonly values?: boolean | undefined;
}

/** An entry with what is known of it. */
export interface DictEntry<K, V> {
  /** The key: as it was given, or as Python wrote it if it was found so. */
  readonly key: K;
  readonly value: V;
  /** Every write of the entry gives it another, which it never had before. Compare versions for equality only. */
  readonly version: Version;
  /** When it ends. Undefined: never. */
  readonly expiresAt: Date | undefined;
}

/** Facts about a dictionary: who made it and when, and how it is set up at present. */
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

/** What is known of a dictionary, as programs see it. */
export function descriptionOf(info: DictInfo): DictDescription {
  const { name, createdAtSeconds, createdBy, expiry, durability } = info;
  return { name, createdAt: new Date(createdAtSeconds * 1000), createdBy, expiry, durability };
}

/** Passed to `pop` as the default, it means: there is no default. Needed only to pass options after it. */
export const noDefault: unique symbol = Symbol("noDefault");
