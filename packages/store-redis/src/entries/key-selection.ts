import { type KeyPattern, matchesKey } from "@everdict/protocol";
import { inOrder, isBehind, PlacedField, type Position } from "./key-order.ts";

/** Keys of a shard, in order. */
export interface KeyWindow {
  readonly fields: readonly PlacedField[];
  /** Whether the shard has no more behind them. */
  readonly isLast: boolean;
}

/** A shard of a good size is in one window. */
const windowMaxKeys = 32_768;
const windowMaxBytes = 8 * 1024 * 1024;
/** What a key takes in memory besides its bytes. */
const overheadBytes = 150;

/** Picks from the keys of a shard, however many they are, the first behind a place. */
export class KeySelection {
  readonly #match: readonly KeyPattern[] | undefined;
  readonly #behind: Position | undefined;
  #picked: PlacedField[] = [];
  #bytes = 0;
  /** Nothing from here on is picked any more. */
  #end: PlacedField | undefined;

  constructor(match: readonly KeyPattern[] | undefined, behind: Position | undefined) {
    this.#match = match;
    this.#behind = behind;
  }

  /** Takes a field into account; the same one may come twice. */
  add(field: Buffer): void {
    if (this.#match !== undefined && !matchesKey(this.#match, field.subarray(1))) return;
    const one = new PlacedField(field);
    if (!isBehind(one, this.#behind) || (this.#end !== undefined && !isBehind(this.#end, one))) return;
    this.#picked.push(one);
    this.#bytes += field.length + overheadBytes;
    if (this.#picked.length >= 2 * windowMaxKeys || this.#bytes >= 2 * windowMaxBytes) this.#cut();
  }

  /** What was picked, and how much memory that takes. */
  end(): KeyWindow & { readonly bytes: number } {
    this.#cut();
    return { fields: this.#picked, isLast: this.#end === undefined, bytes: this.#bytes };
  }

  /** Leaves of what was picked only the first so many, at least one. */
  #cut(): void {
    const sorted = inOrder(this.#picked);
    let bytes = 0;
    let count = 0;
    for (const { field } of sorted) {
      bytes += field.length + overheadBytes;
      if (count === windowMaxKeys || (count > 0 && bytes > windowMaxBytes)) {
        bytes -= field.length + overheadBytes;
        break;
      }
      count++;
    }
    if (count < sorted.length) this.#end = sorted[count];
    this.#picked = count < sorted.length ? sorted.slice(0, count) : sorted;
    this.#bytes = bytes;
  }
}
