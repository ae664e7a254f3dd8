import type { DecidedKey } from "./decided-key.ts";

/** There may be many dictionaries of which few are written to. */
const bucketsMin = 8;
/** More are given back when they are empty. */
const bucketsKeptMax = 512;

/**
 * The last decision about each key, as far as it is not durable yet: a hash table of chains.
 *
 * It uses the hash of the key, which the table of keys needs as well. A key as a string would have to be made for every
 * operation, and the JavaScript engine would hash it once more. It is no `Map`, because a `Map` of V8 leaves a chain
 * behind: each outgrown backing store points to the next. Once the oldest one is old in memory, everything that was
 * ever in later ones survives short garbage collections.
 */
export class PendingKeys {
  #buckets = newBuckets(bucketsMin);
  #count = 0;

  /** Whether everything decided is durable. */
  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** @param hash - of the key */
  find(hash: number, key: Uint8Array): DecidedKey | undefined {
    let decided = this.#buckets[hash & (this.#buckets.length - 1)];
    while (decided !== undefined && !(decided.hash === hash && decided.isKey(key, 0, key.length)))
      decided = decided.next;
    return decided;
  }

  /** Takes the place of what was decided about the key before. */
  set(decided: DecidedKey): void {
    const { hash, bytes, keyStart, keyLength } = decided;
    this.#remove(hash, (each) => each.hash === hash && each.isKey(bytes, keyStart, keyLength));
    if (this.#count === this.#buckets.length) this.#resize(this.#count * 2);
    this.#push(decided);
    this.#count++;
  }

  /** Removes a decision, unless a later one has taken its place. */
  delete(decided: DecidedKey): void {
    this.#remove(decided.hash, (each) => each === decided);
    if (this.#count === 0 && this.#buckets.length > bucketsKeptMax) this.#buckets = newBuckets(bucketsMin);
  }

  /** Removes and answers all. */
  takeAll(): DecidedKey[] {
    const all = this.#all();
    this.#buckets = newBuckets(bucketsMin);
    this.#count = 0;
    return all;
  }

  #all(): DecidedKey[] {
    const all: DecidedKey[] = [];
    for (const first of this.#buckets) {
      for (let each = first; each !== undefined; each = each.next) all.push(each);
    }
    return all;
  }

  #push(decided: DecidedKey): void {
    const at = decided.hash & (this.#buckets.length - 1);
    decided.next = this.#buckets[at];
    this.#buckets[at] = decided;
  }

  /** Takes the first that is meant out of its chain. */
  #remove(hash: number, isMeant: (decided: DecidedKey) => boolean): void {
    const at = hash & (this.#buckets.length - 1);
    let before: DecidedKey | undefined;
    for (let each = this.#buckets[at]; each !== undefined; each = each.next) {
      if (!isMeant(each)) {
        before = each;
        continue;
      }
      if (before === undefined) this.#buckets[at] = each.next;
      else before.next = each.next;
      each.next = undefined;
      this.#count--;
      return;
    }
  }

  #resize(buckets: number): void {
    const all = this.#all();
    this.#buckets = newBuckets(buckets);
    for (const each of all) this.#push(each);
  }
}

function newBuckets(length: number): (DecidedKey | undefined)[] {
  return new Array<DecidedKey | undefined>(length).fill(undefined);
}
