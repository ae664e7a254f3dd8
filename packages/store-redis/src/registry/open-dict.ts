import type { ExpiryPolicy } from "@everdict/protocol";
import { NodeKeys } from "../answers/node-keys.ts";
import { newNonce } from "../context/nonce.ts";
import { setUpIn, setUpStamp } from "../formats/shard-meta.ts";
import type { StoredDict } from "../formats/stored-dict.ts";
import type { Keyspace, ShardPlace } from "../keys/keyspace.ts";
import { ShardGate } from "./shard-gate.ts";

/**
 * A dictionary as a node knows it. Nothing of this changes, except what the node learns.
 *
 * The set-up may be changed by any node. Each shard's meta field says what holds there, and the scripts that depend on it do
 * nothing for a node that is behind.
 */
export class OpenDict {
  readonly id: string;
  readonly environmentId: string;
  readonly name: string;
  expiry: ExpiryPolicy;
  readonly shards: readonly ShardPlace[];
  /** Whether the answer to a write of its entries waits for replicas, if the profile does. */
  waits: boolean;
  /** Stands for its set-up; empty: as it was created. */
  #stamp = "";
  /** Whether it is known to have had large values: then scripts are given the index of them. */
  hasLarge = false;
  /** When this node has it looked at next for entries with their own times to live, when it last did, how far apart. */
  readonly ownLooks = { nextMs: Number.NEGATIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY, pauseMs: 0 };
  /** How large its shards were when they were last looked at, and how many entries were written since. */
  shardSize: "good" | "large" | "huge" = "good";
  writtenSinceLook = 0;
  /** How large its entries were on average when many were read; 0: not known. Large values count as what refers to them. */
  entryBytes = 0;
  /** New for each object, since the numbers of its keys start anew with it. */
  readonly #nonce = newNonce();
  readonly #nodeKeys: (NodeKeys | undefined)[] = [];
  readonly #gates: (ShardGate | undefined)[] = [];

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

  /** Learns the set-up in a meta field where it was changed. */
  learn(meta: Buffer): void {
    const stamp = setUpStamp(meta);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    const { expiry, waits } = setUpIn(meta);
    this.expiry = expiry;
    this.waits = waits;
  }

  /** A time as the scripts take it that depend on the set-up. */
  stamped(nowMs: number): number | string {
    return this.#stamp === "" ? nowMs : `${nowMs}${this.#stamp}`;
  }

  /** The idempotency keys that this node makes for calls on one shard. */
  nodeKeys(shard: number): NodeKeys {
    let keys = this.#nodeKeys[shard];
    if (keys === undefined) {
      keys = new NodeKeys(this.#nonce);
      this.#nodeKeys[shard] = keys;
    }
    return keys;
  }

  /** What calls that depend on the set-up go through on one shard. */
  gate(shard: number): ShardGate {
    let gate = this.#gates[shard];
    if (gate === undefined) {
      gate = new ShardGate(() => this.#stamp);
      this.#gates[shard] = gate;
    }
    return gate;
  }
}
