/**
 * Names of keys and where they are.
 *
 * The slot of every key is chosen, not hashed: the shards of a dictionary are spaced evenly over all slots, so that
 * they spread over the servers as evenly as they can. Everything that one script touches is in one slot.
 *
 * | key | type | content |
 * | --- | --- | --- |
 * | `d:{T}:ID:N` | hash | a shard: `m` its meta field, `k`KEY its entries |
 * | `x:{T}:ID:N` | hash | index of the shard's large values |
 * | `b:{T}:VALUE:N` | string | a chunk of a large value |
 * | `t:{T}:SCOPE:METHOD:KEY` | string | the answer recorded under a caller's idempotency key; SCOPE is a dictionary or environment; a call in parts has `.` and the part behind KEY |
 * | `u:{T}:ID:SERIES` | string | the latest answer of a series of idempotency keys that a node made |
 * | `M:{T}:ID` | string | a dictionary's record |
 * | `r:`, `c:`, `a:{T}:ENV` | hash, sorted sets | an environment's registry, see `registry-scripts.ts` |
 * | `E:{T}` | hash | the list of environments |
 * | `I:{T}` | string | says in some slots that there is a list of environments |
 */

import { slotCount } from "./key-slot.ts";
import { slotTag } from "./slot-tags.ts";

/** A shard's place and keys. */
export interface ShardPlace {
  readonly slot: number;
  readonly key: string;
  readonly indexKey: string;
}

/** The keys of an environment, all in one slot. */
export interface RegistryPlace {
  readonly slot: number;
  readonly registry: string;
  readonly creations: string;
  readonly schedule: string;
}

/** A single key and its slot. */
export interface KeyPlace {
  readonly slot: number;
  readonly key: string;
}

const markers = 8;

/** Makes the names of keys below one prefix. */
export class Keyspace {
  readonly #prefix: string;

  /** @param prefix before every key; without braces. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The list of environments. */
  environments(): KeyPlace {
    return this.#key("E", textSlot("environments"), "");
  }

  /** The keys that say, spread over all slots, that there is a list of environments. */
  markers(): readonly KeyPlace[] {
    const spacing = slotCount / markers;
    return Array.from({ length: markers }, (_, index) =>
      this.#key("I", Math.floor((index + 0.5) * spacing), ""),
    );
  }

  /** The registry of an environment. */
  registry(environmentId: string): RegistryPlace {
    const slot = textSlot(environmentId);
    const key = (kind: string): string => this.#key(kind, slot, `:${environmentId}`).key;
    return { slot, registry: key("r"), creations: key("c"), schedule: key("a") };
  }

  /** A dictionary's record. */
  record(dictId: string): KeyPlace {
    return this.#key("M", textSlot(dictId), `:${dictId}`);
  }

  /** A shard. */
  shard(dictId: string, shard: number, shards: number): ShardPlace {
    const slot = (textSlot(dictId) + Math.floor((shard * slotCount) / shards)) % slotCount;
    const rest = `:${dictId}:${shard}`;
    return { slot, key: this.#key("d", slot, rest).key, indexKey: this.#key("x", slot, rest).key };
  }

  /** The answer recorded under a caller's idempotency key. `scope` is a dictionary, or the environment to create it in. */
  callerAnswer(
    { slot }: Pick<KeyPlace, "slot">,
    scope: string,
    method: string,
    idempotencyKey: string,
  ): string {
    return this.#key("t", slot, `:${scope}:${method}:${idempotencyKey}`).key;
  }

  /** The latest answer of a series of keys that a node made. */
  nodeAnswer({ slot }: Pick<KeyPlace, "slot">, dictId: string, series: string): string {
    return this.#key("u", slot, `:${dictId}:${series}`).key;
  }

  /** A chunk of a large value. */
  chunk({ slot }: ShardPlace, valueId: Buffer, index: number): string {
    return this.#key("b", slot, `:${valueId.toString("base64url")}:${index}`).key;
  }

  #key(kind: string, slot: number, rest: string): KeyPlace {
    return { slot, key: `${this.#prefix}${kind}:{${slotTag(slot)}}${rest}` };
  }
}

/** A slot for a text. Part of the data format: FNV-1a over UTF-8, mixed. */
function textSlot(text: string): number {
  return hashBytes(Buffer.from(text)) % slotCount;
}

/** The shard of a key, whose bytes begin at `start`. Part of the data format, as above. */
export function shardOf(key: Uint8Array, shards: number, start = 0): number {
  return shards === 1 ? 0 : hashBytes(key, start) % shards;
}

/** The place of a field in the order of its shard, from 0 to 2^32 - 1. Part of the format of cursors, as above. */
export function orderOf(field: Uint8Array): number {
  return hashBytes(field);
}

function hashBytes(bytes: Uint8Array, start = 0): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < bytes.length; index++) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  // The low bits of FNV-1a alone spread short, similar keys unevenly.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
