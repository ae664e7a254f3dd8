import { firstDictNumber } from "./catalog.ts";
import type { KeyState } from "./key-state.ts";
import { KeyTable, type OnDropped } from "./key-table.ts";

/**
 * The entries of one dictionary, twice: as they are on disk, which is what reads see, and as they will be when
 * everything decided so far is on disk, which is what decisions rest on.
 */
export class DictEntries {
  /** Stands for the dictionary in records. */
  readonly number: number;
  /** Whether all values stay in memory: those of the catalog and of tokens, which are few and needed. */
  readonly keepsValues: boolean;
  /** No entry ends before this moment. */
  nextEndMs = Number.POSITIVE_INFINITY;
  readonly #onDropped: OnDropped;
  #table: KeyTable;
  readonly #pending = new Map<string, KeyState>();
  #pendingGeneration: number;
  #clearGroup = 0;

  /** @param table - what recovery found; its expiry has been started */
  constructor(number: number, onDropped: OnDropped, table = emptyTable(0, onDropped)) {
    this.number = number;
    this.keepsValues = number < firstDictNumber;
    this.#onDropped = onDropped;
    this.#table = table;
    this.#pendingGeneration = table.generation;
  }

  /** What is durable. Another object after each clear. */
  get table(): KeyTable {
    return this.#table;
  }

  /** The generation that new records belong to. */
  get generation(): number {
    return this.#pendingGeneration;
  }

  /** What will decide a key once everything decided so far is durable. */
  decided(text: string): KeyState | undefined {
    const pending = this.#pending.get(text);
    if (pending !== undefined) return pending;
    return this.#isBeingCleared ? undefined : this.#table.get(text);
  }

  /** The group that must be durable before an answer may rest on what `decided` gave. */
  evidenceGroup(state: KeyState | undefined): number {
    return state?.group ?? (this.#isBeingCleared ? this.#clearGroup : 0);
  }

  /** Whether what is durable about a key will be overtaken by something decided already. */
  isOvertaken(text: string): boolean {
    return this.#isBeingCleared || this.#pending.has(text);
  }

  /** A put or removal was decided. */
  decide(state: KeyState): void {
    this.#pending.set(state.text, state);
  }

  /** The last thing decided about a key is durable, if this was the last. */
  settle(state: KeyState): void {
    if (this.#pending.get(state.text) === state) this.#pending.delete(state.text);
  }

  /** A clear was decided. */
  decideClear(group: number): void {
    this.#pending.clear();
    this.#pendingGeneration++;
    this.#clearGroup = group;
  }

  /** A clear, or the end of the dictionary, is durable. Answers the table that is over. */
  clear(): KeyTable {
    const over = this.#table;
    this.#table = emptyTable(over.generation + 1, this.#onDropped);
    return over;
  }

  /** Forgets everything decided that is not durable: it never will be. Answers the states that were decided. */
  rewind(): KeyState[] {
    const forgotten = [...this.#pending.values()];
    this.#pending.clear();
    this.#pendingGeneration = this.#table.generation;
    return forgotten;
  }

  get #isBeingCleared(): boolean {
    return this.#pendingGeneration !== this.#table.generation;
  }
}

function emptyTable(generation: number, onDropped: OnDropped): KeyTable {
  const table = new KeyTable(generation, onDropped);
  table.startExpiry();
  return table;
}
