import {
  type ContentsParts,
  type Entry,
  type ExpiryPolicy,
  keysInOneTurn,
  matchesKey,
  type TimedEntry,
  type TimeToLiveMs,
} from "@everdict/protocol";
import { Deadlines } from "./deadlines.ts";
import { keyText } from "./key-text.ts";
import { KeptWalks, MemoryWalk } from "./memory-walk.ts";

/** An entry as it is in memory. */
export interface MemoryEntry extends Entry {
  /** Counts the entries that ever were: a stream ends before those that are younger than itself. */
  readonly ordinal: number;
  readonly text: string;
  value: Uint8Array;
  /** Of all writes to its store, which one wrote it. */
  write: number;
  /** Its own time to live. Undefined: as the policy says. */
  ttlMs: TimeToLiveMs | undefined;
  expiresAtMs: number;
}

const nothing = new Uint8Array(0);
const batchMaxEntries = 256;
// Looked at without a turn for others.
const keysPerTurnMax = 2048;

/** The entries of one dictionary in memory. The caller passes the time. */
export class MemoryDict {
  /** Of the last pages. */
  readonly walks = new KeptWalks<MemoryEntry>();
  readonly #nextWrite: () => number;
  readonly #entries = new Map<string, MemoryEntry>();
  #expiry: ExpiryPolicy;
  #deadlines = new Deadlines<MemoryEntry>();
  #entriesEver = 0;
  #bytes = 0;

  /** @param nextWrite counts the writes of the store. */
  constructor(expiry: ExpiryPolicy, nextWrite: () => number) {
    this.#expiry = expiry;
    this.#nextWrite = nextWrite;
  }

  /** The number of entries, due ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The bytes of their keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many entries there ever were. */
  get entriesEver(): number {
    return this.#entriesEver;
  }

  /** When the next entry is due, or `Infinity`. */
  get earliestMs(): number {
    return this.#deadlines.earliestMs;
  }

  /** For what is written or used from now on. */
  setExpiry(expiry: ExpiryPolicy): void {
    this.#expiry = expiry;
  }

  /** The live entry of a key. Does not count as use. */
  find(key: Uint8Array, nowMs: number): MemoryEntry | undefined {
    const entry = this.#entries.get(keyText(key));
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry : undefined;
  }

  /** The live entry of a key. Counts as use, which never brings its end forward. */
  use(key: Uint8Array, nowMs: number): MemoryEntry | undefined {
    const entry = this.find(key, nowMs);
    if (entry === undefined || this.#expiry.policy !== "afterUse") return entry;
    const endMs = this.#endMs(entry.ttlMs, nowMs);
    if (entry.expiresAtMs < endMs) this.#moveEnd(entry, endMs);
    return entry;
  }

  /** Copies both parts. */
  write({ key, value, ttlMs }: TimedEntry, nowMs: number): MemoryEntry {
    const entry = this.find(key, nowMs) ?? this.#add(key);
    this.replaceValue(entry, value);
    this.setTtl(entry, ttlMs, nowMs);
    return entry;
  }

  /** Copies the value. The end of the entry stays. */
  replaceValue(entry: MemoryEntry, value: Uint8Array): void {
    this.#bytes += value.length - entry.value.length;
    // Not `slice`, which for a Buffer shares the memory.
    entry.value = new Uint8Array(value);
    entry.write = this.#nextWrite();
  }

  /** Moves the end of an entry to so long from now, or to what the policy says. */
  setTtl(entry: MemoryEntry, ttlMs: TimeToLiveMs | undefined, nowMs: number): void {
    entry.ttlMs = ttlMs;
    this.#moveEnd(entry, this.#endMs(ttlMs, nowMs));
  }

  /** Removes an entry that is there. */
  remove(entry: MemoryEntry): void {
    this.#entries.delete(entry.text);
    this.#deadlines.delete(entry);
    this.#bytes -= entry.key.length + entry.value.length;
  }

  clear(): void {
    this.#entries.clear();
    this.walks.clear();
    this.#deadlines = new Deadlines();
    this.#bytes = 0;
  }

  /** Removes at most this many due entries and returns how many it removed. */
  sweep(nowMs: number, maxEntries: number): number {
    for (let removed = 0; removed < maxEntries; removed++) {
      const entry = this.#deadlines.due(nowMs);
      if (entry === undefined) return removed;
      this.remove(entry);
    }
    return maxEntries;
  }

  /** A walk over all entries, due ones included, from behind the one of this ordinal on, or from the oldest on. */
  walk(behindOrdinal: number | undefined): MemoryWalk<MemoryEntry> {
    const kept = behindOrdinal === undefined ? undefined : this.walks.take(behindOrdinal);
    if (kept !== undefined) return kept;
    const walk = new MemoryWalk(this.#entries.values(), (entry) => this.#entries.get(entry.text) === entry);
    if (behindOrdinal === undefined) return walk;
    for (let entry = walk.peek(); entry !== undefined && entry.ordinal <= behindOrdinal; entry = walk.peek())
      walk.skip();
    return walk;
  }

  /**
   * Batches of live entries. A `Map` may change while it is walked: entries keep their place, new ones come at
   * the end. So the walk sees each present entry once, and is over at the first that is younger than itself.
   */
  *batches(parts: ContentsParts, clock: () => number): Generator<Entry[]> {
    const entriesBefore = this.#entriesEver;
    const keysPerTurn = keysInOneTurn(parts.match, keysPerTurnMax);
    let batch: Entry[] = [];
    let looksAt = 0;
    for (const entry of this.#entries.values()) {
      if (entry.ordinal >= entriesBefore) break;
      if (++looksAt % keysPerTurn === 0) yield [];
      if (entry.expiresAtMs <= clock() || !matchesKey(parts.match, entry.key)) continue;
      batch.push({ key: parts.keys ? entry.key : nothing, value: parts.values ? entry.value : nothing });
      if (batch.length < batchMaxEntries) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  #add(key: Uint8Array): MemoryEntry {
    const text = keyText(key);
    const expired = this.#entries.get(text);
    if (expired !== undefined) this.remove(expired);
    const entry: MemoryEntry = {
      ordinal: this.#entriesEver++,
      text,
      key: new Uint8Array(key),
      value: nothing,
      write: 0,
      ttlMs: undefined,
      expiresAtMs: 0,
    };
    this.#entries.set(text, entry);
    this.#bytes += key.length;
    return entry;
  }

  #endMs(ttlMs: TimeToLiveMs | undefined, nowMs: number): number {
    if (ttlMs === null) return Number.POSITIVE_INFINITY;
    if (ttlMs !== undefined) return nowMs + ttlMs;
    return this.#expiry.policy === "never" ? Number.POSITIVE_INFINITY : nowMs + this.#expiry.ttlMs;
  }

  #moveEnd(entry: MemoryEntry, endMs: number): void {
    entry.expiresAtMs = endMs;
    this.#deadlines.set(entry, endMs);
  }
}
