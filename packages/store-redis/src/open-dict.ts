import type { ExpiryPolicy } from "@everdict/protocol";
import type { StoredDict } from "./dict-json.ts";
import type { Keyspace, ShardPlace } from "./keyspace.ts";
import { newNonce } from "./nonce.ts";
import { SessionTokens } from "./session-tokens.ts";

/** A dictionary as a node knows it: nothing of this ever changes, but for what the node has learnt. */
export class OpenDict {
  readonly id: string;
  readonly environmentId: string;
  readonly name: string;
  readonly expiry: ExpiryPolicy;
  readonly shards: readonly ShardPlace[];
  /** Whether the answer to a write of its entries waits for replicas, if the profile does. */
  readonly waits: boolean;
  /** Whose session tokens these are. New for each object, since the numbers start anew with it. */
  readonly session = newNonce();
  /** Whether it is known to have had large values: then scripts are given the index of them. */
  hasLarge = false;
  /** How large its shards were when they were last looked at, and how many entries were written since. */
  shardSize: "good" | "large" | "huge" = "good";
  writtenSinceLook = 0;
  readonly #sessionTokens: (SessionTokens | undefined)[] = [];

  constructor({ id, environmentId, name, expiry, shards, durability }: StoredDict, keys: Keyspace) {
    this.id = id;
    this.environmentId = environmentId;
    this.name = name;
    this.expiry = expiry;
    this.waits = durability !== "memory";
    this.shards = Array.from({ length: shards }, (_, shard) => keys.shard(id, shard, shards));
  }

  /** Whether it ends by itself. */
  get isEphemeral(): boolean {
    return this.name === "";
  }

  /** This session's tokens for one shard. */
  sessionTokens(shard: number): SessionTokens {
    let tokens = this.#sessionTokens[shard];
    if (tokens === undefined) {
      tokens = new SessionTokens();
      this.#sessionTokens[shard] = tokens;
    }
    return tokens;
  }
}
