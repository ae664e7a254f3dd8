import type { DecidedKey } from "./decided-key.ts";

/**
 * What was decided last about keys, as far as it is not durable yet.
 *
 * By the hash of the key, which its table needs as well, and not by the key as a string: that would have to be made
 * for every operation, and hashed by the engine once more. Keys of the same hash are a chain.
 */
export class PendingKeys {
  readonly #byHash = new Map<number, DecidedKey>();

  /** @param hash - `hashKey` of the key */
  find(hash: number, key: Uint8Array): DecidedKey | undefined {
    let decided = this.#byHash.get(hash | 0);
    while (decided !== undefined && !decided.isKey(key, 0, key.length)) decided = decided.sameHash;
    return decided;
  }

  /** Takes the place of what was decided about the key before. */
  set(decided: DecidedKey): void {
    // As a signed number: others are objects to the engine when they are large.
    const hash = decided.hash | 0;
    const first = this.#byHash.get(hash);
    if (first !== undefined) decided.sameHash = withoutKeyOf(first, decided);
    this.#byHash.set(hash, decided);
  }

  /** Removes a decision, unless a later one has taken its place. */
  delete(decided: DecidedKey): void {
    const hash = decided.hash | 0;
    const first = this.#byHash.get(hash);
    if (first === decided && decided.sameHash === undefined) {
      this.#byHash.delete(hash);
      return;
    }
    if (first === decided) this.#byHash.set(hash, decided.sameHash!);
    for (let each = first; each !== undefined; each = each.sameHash) {
      if (each.sameHash === decided) each.sameHash = decided.sameHash;
    }
  }

  /** Removes and answers all. */
  takeAll(): DecidedKey[] {
    const all: DecidedKey[] = [];
    for (const first of this.#byHash.values()) {
      for (let each: DecidedKey | undefined = first; each !== undefined; each = each.sameHash) all.push(each);
    }
    this.#byHash.clear();
    return all;
  }
}

/** A chain without what it says of a key, which is there once at most. */
function withoutKeyOf(first: DecidedKey, { bytes, keyStart, keyLength }: DecidedKey): DecidedKey | undefined {
  if (first.isKey(bytes, keyStart, keyLength)) return first.sameHash;
  for (let each = first; each.sameHash !== undefined; each = each.sameHash) {
    if (!each.sameHash.isKey(bytes, keyStart, keyLength)) continue;
    each.sameHash = each.sameHash.sameHash;
    break;
  }
  return first;
}
