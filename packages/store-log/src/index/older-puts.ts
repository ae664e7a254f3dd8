/**
 * By slot: the segments, other than the deciding record's own, in which the last record about a key is a put.
 *
 * They are why a removal may have to outlive the entry, as a tombstone: if the deciding record vanished while one of
 * them is still there, a restart would bring the old put back. So the removal is kept, in memory and in the log, as long
 * as there are any. After that nothing needs to be kept.
 *
 * Lists of numbers in typed arrays: under a load of writes every key has some, and a million small arrays, each of
 * which changes now and then, would keep the garbage collector busy.
 */

const pageBits = 10;
const pageSize = 1 << pageBits;
const pageMask = pageSize - 1;
const pageOverheadBytes = 200;
/** No cell. */
const none = 0;

export class OlderPuts {
  /** By slot: the first cell of its list. */
  readonly #heads: (Uint32Array | undefined)[] = [];
  /** By page of heads: how many of them are in use. */
  readonly #usedHeads: number[] = [];
  /** Pairs of a segment's number and the next cell of the list. */
  readonly #cells: Uint32Array[] = [];
  #freshCell = 1;
  #freeCell = none;
  #bytes = 0;

  /** The memory it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  has(slot: number): boolean {
    return this.#head(slot) !== none;
  }

  /** The numbers of the segments. */
  of(slot: number): number[] {
    const numbers: number[] = [];
    for (let cell = this.#head(slot); cell !== none; cell = this.#next(cell))
      numbers.push(this.#number(cell));
    return numbers;
  }

  /** Adds a segment that is not there. */
  add(slot: number, segmentNumber: number): void {
    const head = this.#head(slot);
    this.#setHead(slot, this.#newCell(segmentNumber, head));
  }

  /** Drops those that are not to stay. */
  keep(slot: number, stays: (segmentNumber: number) => boolean): void {
    let before = none;
    for (let cell = this.#head(slot); cell !== none; ) {
      const next = this.#next(cell);
      if (stays(this.#number(cell))) before = cell;
      else {
        if (before === none) this.#setHead(slot, next);
        else this.#setNext(before, next);
        this.#release(cell);
      }
      cell = next;
    }
  }

  /** Forgets all of a slot. */
  clear(slot: number): void {
    this.keep(slot, () => false);
  }

  #head(slot: number): number {
    return this.#heads[slot >>> pageBits]?.[slot & pageMask] ?? none;
  }

  #setHead(slot: number, cell: number): void {
    const number = slot >>> pageBits;
    let page = this.#heads[number];
    if (page === undefined) {
      page = this.#newPage(pageSize);
      this.#heads[number] = page;
      this.#usedHeads[number] = 0;
    }
    const before = page[slot & pageMask]!;
    page[slot & pageMask] = cell;
    if ((before === none) !== (cell === none)) this.#usedHeads[number]! += cell === none ? -1 : 1;
    if (this.#usedHeads[number]! > 0) return;
    this.#heads[number] = undefined;
    this.#bytes -= page.byteLength + pageOverheadBytes;
  }

  #number(cell: number): number {
    return this.#cells[cell >>> pageBits]![2 * (cell & pageMask)]!;
  }

  #next(cell: number): number {
    return this.#cells[cell >>> pageBits]![2 * (cell & pageMask) + 1]!;
  }

  #setNext(cell: number, next: number): void {
    this.#cells[cell >>> pageBits]![2 * (cell & pageMask) + 1] = next;
  }

  #newCell(segmentNumber: number, next: number): number {
    let cell = this.#freeCell;
    if (cell !== none) this.#freeCell = this.#next(cell);
    else {
      cell = this.#freshCell++;
      if (cell >>> pageBits === this.#cells.length) this.#cells.push(this.#newPage(2 * pageSize));
    }
    this.#cells[cell >>> pageBits]![2 * (cell & pageMask)] = segmentNumber;
    this.#setNext(cell, next);
    return cell;
  }

  #release(cell: number): void {
    this.#setNext(cell, this.#freeCell);
    this.#freeCell = cell;
  }

  #newPage(length: number): Uint32Array {
    const page = new Uint32Array(length);
    this.#bytes += page.byteLength + pageOverheadBytes;
    return page;
  }
}
