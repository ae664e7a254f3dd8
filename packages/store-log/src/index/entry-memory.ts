import { createError } from "@everdict/protocol";
import { ByteArena, pageBytes } from "../bytes/byte-arena.ts";
import type { KeyHasher } from "../bytes/key-hasher.ts";
import { answersNumber, catalogNumber } from "../record/dict-numbers.ts";
import type { SegmentSet } from "../segments/segment-set.ts";
import { KeyTable } from "./key-table.ts";
import type { OnDropped } from "./slot-state.ts";
import type { TableMemory } from "./table-memory.ts";
import type { ValueCache } from "./value-cache.ts";

// A page is given back when all its strings are gone, so some more strings than needed have to go.
const pagesToSpare = 16;

/** Makes the tables of one store, and counts their memory. */
export class EntryMemory implements TableMemory {
  readonly arena = new ByteArena();
  readonly segments: SegmentSet;
  readonly hasher: KeyHasher;
  tableBytes = 0;
  freeSlotBytes = 0;
  readonly #cache: ValueCache;
  readonly #maxBytes: number;
  /** Told when a recorded answer is gone. */
  onAnswerDropped: OnDropped = ignore;

  constructor(segments: SegmentSet, cache: ValueCache, maxBytes: number, hasher: KeyHasher) {
    this.segments = segments;
    this.hasher = hasher;
    this.#cache = cache;
    this.#maxBytes = maxBytes;
    // What is read is no reason to pass the limit either.
    if (maxBytes < Number.MAX_SAFE_INTEGER) cache.isShort = () => this.usedBytes > maxBytes;
  }

  /** What keys, tables and the values in memory take. */
  get bytes(): number {
    return this.tableBytes + this.arena.bytes;
  }

  /** The same without what is there for keys and values to come. */
  get usedBytes(): number {
    return this.tableBytes - this.freeSlotBytes + this.arena.usedBytes;
  }

  /**
   * Makes sure that entries may be added, at the cost of values that are in memory.
   *
   * What is removed here and there leaves room that others can use, and gives no page back. So values have to go as long
   * as what was taken from the system is past the limit, and writes are only refused once what is used is.
   *
   * @throws `store_full`, before anything was done
   */
  requireRoom(): void {
    if (this.bytes < this.#maxBytes) return;
    const excess = this.bytes - this.#maxBytes + pagesToSpare * pageBytes;
    this.#cache.shrink(Math.max(0, this.#cache.bytes - excess));
    if (this.usedBytes < this.#maxBytes) return;
    throw createError(
      "store_full",
      `keys and what is known of them take ${this.usedBytes} bytes of memory, the limit is ${this.#maxBytes}`,
    );
  }

  /** An empty table in which records are replayed. */
  newTable(dictNumber: number, generation: number): KeyTable {
    if (dictNumber === catalogNumber) return new KeyTable(generation, this, ignore);
    if (dictNumber !== answersNumber) return new KeyTable(generation, this, this.#cache.forget);
    return new KeyTable(generation, this, (state) => this.onAnswerDropped(state));
  }

  /** An empty table that needs no recovery. */
  emptyTable(dictNumber: number, generation: number): KeyTable {
    const table = this.newTable(dictNumber, generation);
    table.endRecovery();
    return table;
  }
}

function ignore(): void {}
