import type { Entry, ExpiryPolicy } from "@everdict/protocol";
import { Deadlines } from "./deadlines.ts";
import { keyText } from "./key-text.ts";

interface MemoryEntry extends Entry {
  /** Counts the entries that ever were: a stream ends before those that are younger than itself. */
  readonly ordinal: number;
  readonly text: string;
  value: Uint8Array;
  expiresAtMs: number;
}

const nothing = new Uint8Array(0);
const batchMaxEntries = 256;

/** The entries of one dictionary in memory. The caller passes the time. */
export class MemoryDict {
  readonly #expiry: ExpiryPolicy;
  readonly #entries = new Map<string, MemoryEntry>();
  #deadlines = new Deadlines<MemoryEntry>();
  #entriesEver = 0;

  constructor(expiry: ExpiryPolicy) {
    this.#expiry = expiry;
  }

  /** The number of entries, due ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** When the next entry is due, or `Infinity`. */
  get earliestMs(): number {
    return this.#deadlines.earliestMs;
  }

  contains(key: Uint8Array, nowMs: number): boolean {
    return this.#live(key, nowMs) !== undefined;
  }

  /** Counts as use. */
  get(key: Uint8Array, nowMs: number): Uint8Array | undefined {
    const entry = this.#live(key, nowMs);
    if (entry !== undefined && this.#expiry.policy === "afterUse") this.#renew(entry, nowMs);
    return entry?.value;
  }

  /** Copies both parts. */
  write({ key, value }: Entry, nowMs: number): void {
    let entry = this.#live(key, nowMs);
    if (entry === undefined) {
      const text = keyText(key);
      const expired = this.#entries.get(text);
      if (expired !== undefined) this.#remove(expired);
      entry = {
        ordinal: this.#entriesEver++,
        text,
        key: new Uint8Array(key),
        value: nothing,
        expiresAtMs: 0,
      };
      this.#entries.set(text, entry);
    }
    // Not `slice`, which for a Buffer shares the memory.
    entry.value = new Uint8Array(value);
    this.#renew(entry, nowMs);
  }

  pop(key: Uint8Array, nowMs: number): Uint8Array | undefined {
    const entry = this.#live(key, nowMs);
    if (entry !== undefined) this.#remove(entry);
    return entry?.value;
  }

  clear(): void {
    this.#entries.clear();
    this.#deadlines = new Deadlines();
  }

  /** Removes at most this many due entries and returns how many it removed. */
  sweep(nowMs: number, maxEntries: number): number {
    for (let removed = 0; removed < maxEntries; removed++) {
      const entry = this.#deadlines.due(nowMs);
      if (entry === undefined) return removed;
      this.#remove(entry);
    }
    return maxEntries;
  }

  /**
   * Batches of live entries. A `Map` may change while it is walked: entries keep their place, new ones come at
   * the end. So the walk sees each present entry once, and is over at the first that is younger than itself.
   */
  *batches(
    parts: { readonly keys: boolean; readonly values: boolean },
    clock: () => number,
  ): Generator<Entry[]> {
    const entriesBefore = this.#entriesEver;
    let batch: Entry[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.ordinal >= entriesBefore) break;
      if (entry.expiresAtMs <= clock()) continue;
      batch.push({ key: parts.keys ? entry.key : nothing, value: parts.values ? entry.value : nothing });
      if (batch.length < batchMaxEntries) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  #live(key: Uint8Array, nowMs: number): MemoryEntry | undefined {
    const entry = this.#entries.get(keyText(key));
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry : undefined;
  }

  #renew(entry: MemoryEntry, nowMs: number): void {
    entry.expiresAtMs =
      this.#expiry.policy === "never" ? Number.POSITIVE_INFINITY : nowMs + this.#expiry.ttlMs;
    this.#deadlines.set(entry, entry.expiresAtMs);
  }

  #remove(entry: MemoryEntry): void {
    this.#entries.delete(entry.text);
    this.#deadlines.delete(entry);
  }
}
