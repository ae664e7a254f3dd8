import type { DecidedKey } from "../index/decided-key.ts";
import type { EntryMemory } from "../index/entry-memory.ts";
import type { KeyState } from "../index/key-state.ts";
import type { KeyTable } from "../index/key-table.ts";
import { PendingKeys } from "../index/pending-keys.ts";
import type { SlotState } from "../index/slot-state.ts";
import { firstDictNumber } from "../record/dict-numbers.ts";

/**
 * The entries of one dictionary, in two states. Reads see the entries as they are on disk. Decisions rest on the
 * entries as they will be when everything decided so far is on disk.
 */
export class DictEntries {
  /** Stands for the dictionary in records. */
  readonly number: number;
  /** Whether they are the store's own: the catalog, or the recorded answers. */
  readonly isInternal: boolean;
  /** No entry ends before this moment. */
  nextEndMs = Number.POSITIVE_INFINITY;
  readonly #memory: EntryMemory;
  #table: KeyTable;
  readonly #pending = new PendingKeys();
  #pendingGeneration: number;
  #clearGroup = 0;

  /** @param table - what recovery found; its recovery has ended. Default: an empty one */
  constructor(number: number, memory: EntryMemory, table = memory.emptyTable(number, 0)) {
    this.number = number;
    this.isInternal = number < firstDictNumber;
    this.#memory = memory;
    this.#table = table;
    this.#pendingGeneration = table.generation;
  }

  /** The durable entries. Another object after each clear. */
  get table(): KeyTable {
    return this.#table;
  }

  /** The generation that new records belong to. */
  get generation(): number {
    return this.#pendingGeneration;
  }

  /** The hash of a key. */
  hashOf(key: Uint8Array): number {
    return this.#memory.hasher.hash(key);
  }

  /** The state that will decide a key once everything decided so far is durable. @param hash - of the key */
  decided(key: Uint8Array, hash: number = this.hashOf(key)): KeyState | undefined {
    const pending = this.#pending.find(hash, key);
    if (pending !== undefined) return pending;
    return this.#isBeingCleared ? undefined : this.#table.find(key, hash);
  }

  /** The group that must be durable before an answer may rest on what `decided` gave. */
  evidenceGroup(state: KeyState | undefined): number {
    return state?.group ?? (this.#isBeingCleared ? this.#clearGroup : 0);
  }

  /** Whether what is durable about a key will be overtaken by something decided already, a move of its end included. */
  isOvertaken(key: Uint8Array): boolean {
    return this.#isBeingCleared || this.#pending.find(this.hashOf(key), key) !== undefined;
  }

  /** Whether a durable entry will be replaced or removed by something decided already. */
  isReplaced(state: KeyState, key: Uint8Array): boolean {
    const pending = this.#pending.find(this.hashOf(key), key);
    return this.#isBeingCleared || (pending !== undefined && pending.version !== state.version);
  }

  /** Removes at most this many entries that ended, and returns how many. Those whose end is about to move stay. */
  sweep(nowMs: number, maxEntries: number): number {
    const isHeld = (state: SlotState) => {
      const key = state.key();
      return this.isOvertaken(key) && !this.isReplaced(state, key);
    };
    return this.#table.sweep(nowMs, maxEntries, this.#pending.isEmpty ? undefined : isHeld);
  }

  /** A put or removal was decided. */
  decide(state: DecidedKey): void {
    this.#pending.set(state);
  }

  /** The last thing decided about a key is durable, if this was the last. */
  settle(state: DecidedKey): void {
    this.#pending.delete(state);
  }

  /** A clear was decided. */
  decideClear(group: number): void {
    this.#pending.takeAll();
    this.#pendingGeneration++;
    this.#clearGroup = group;
  }

  /** A clear, or the end of the dictionary, is durable. Returns the table that is over. */
  clear(): KeyTable {
    const over = this.#table;
    this.#table = this.#memory.emptyTable(this.number, over.generation + 1);
    return over;
  }

  /** Forgets every decision that is not durable, because it never will be. Returns the states that were decided. */
  rewind(): DecidedKey[] {
    const forgotten = this.#pending.takeAll();
    this.#pendingGeneration = this.#table.generation;
    return forgotten;
  }

  get #isBeingCleared(): boolean {
    return this.#pendingGeneration !== this.#table.generation;
  }
}
