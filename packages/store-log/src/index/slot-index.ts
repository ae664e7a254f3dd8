/**
 * Finds the slot of a key: hash tables in typed arrays, with open addressing and linear probing.
 *
 * A greater hash begins its search at no earlier cell. So an index can be walked in the order of hashes (unsigned), which
 * is the same however often it grew.
 *
 * A cell is a hash and a slot. A large index is many tables, chosen by the upper bits of the hash. So one grows within
 * a fraction of a millisecond while the others stay as they are. They grow at different fill levels, so that they do
 * not all grow at once. A removal moves the cells behind it forward, so there are no marks to clean up.
 */

/** Where the keys of slots are. */
export interface SlotKeys {
  /** Whether a slot is that of the key `bytes[start, start + length)`. */
  isKeyOf(slot: number, bytes: Uint8Array, start: number, length: number): boolean;
}

/** No slot. */
export const noSlot = -1;

const firstCells = 8;
const splitCells = 65_536;
const shardBits = 8;
const shardCount = 1 << shardBits;
const shardShift = 32 - shardBits;
const shardHashes = 2 ** shardShift;
const growth = 1.5;
const loadMin = 0.7;
const loadSpread = 0.15;
const homeScale = 2 ** -32;
/** Every hash, as an unsigned number, is below. */
export const hashEnd = 2 ** 32;
// Few enough that nobody waits while a window is looked through.
export const windowCells = 256;

interface Shard {
  /** Pairs of a hash and a slot plus one; zero: empty. */
  cells: Int32Array;
  count: number;
  /** Grows past so many. */
  countMax: number;
  readonly load: number;
}

export class SlotIndex {
  readonly #keys: SlotKeys;
  #shards: Shard[] = [newShard(firstCells, loadMin)];
  /** Upper bits of a hash that choose a shard. */
  #bits = 0;
  #bytes = firstCells * 8;

  constructor(keys: SlotKeys) {
    this.#keys = keys;
  }

  /** The memory it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The slot of the key `bytes[start, start + length)`, or `noSlot`. @param hash - 32 bits, signed */
  find(hash: number, bytes: Uint8Array, start: number, length: number): number {
    const { cells } = this.#shardOf(hash);
    for (let at = homeOf(cells, hash, this.#bits); cells[at + 1] !== 0; at = after(cells, at)) {
      if (cells[at] !== hash) continue;
      const slot = cells[at + 1]! - 1;
      if (this.#keys.isKeyOf(slot, bytes, start, length)) return slot;
    }
    return noSlot;
  }

  /** Adds a slot whose key is not there. */
  insert(hash: number, slot: number): void {
    let shard = this.#shardOf(hash);
    if (shard.count >= shard.countMax) {
      this.#grow(shard);
      shard = this.#shardOf(hash);
    }
    place(shard, hash, this.#bits, slot + 1);
  }

  /** Removes a slot that is there. */
  remove(hash: number, slot: number): void {
    const shard = this.#shardOf(hash);
    const { cells } = shard;
    let hole = homeOf(cells, hash, this.#bits);
    while (cells[hole + 1] !== slot + 1) hole = after(cells, hole);
    for (let at = after(cells, hole); cells[at + 1] !== 0; at = after(cells, at)) {
      // A cell may fill the hole unless that is in front of where its search begins.
      const home = homeOf(cells, cells[at]!, this.#bits);
      if (distance(cells, home, at) < distance(cells, hole, at)) continue;
      cells[hole] = cells[at]!;
      cells[hole + 1] = cells[at + 1]!;
      hole = at;
    }
    cells[hole + 1] = 0;
    shard.count--;
  }

  /**
   * Visits the slots whose hashes are in a window, in no particular order.
   *
   * @param from - where the window begins: a hash, unsigned
   * @param count - how many cells it has about
   * @returns where it ends: a hash that is not in it, or `hashEnd`
   */
  visitWindow(from: number, visit: (slot: number, hash: number) => void, count = windowCells): number {
    const { cells } = this.#shardOf(from | 0);
    const hashes = this.#bits === 0 ? hashEnd : shardHashes;
    const shardEnd = (Math.floor(from / hashes) + 1) * hashes;
    const cellHashes = hashes / (cells.length / 2);
    const end = Math.min(shardEnd, from + Math.ceil(count * cellHashes));
    const first = homeOf(cells, from | 0, this.#bits);
    const last = distance(cells, first, homeOf(cells, (end - 1) | 0, this.#bits));
    // What begins its search in the window stands before the first empty cell behind it.
    for (let step = 0, at = first; step < cells.length; step += 2, at = after(cells, at)) {
      const slotPlusOne = cells[at + 1]!;
      if (slotPlusOne === 0) {
        if (step >= last) break;
        continue;
      }
      const hash = cells[at]! >>> 0;
      if (hash >= from && hash < end) visit(slotPlusOne - 1, hash);
    }
    return end;
  }

  #shardOf(hash: number): Shard {
    const shards = this.#shards;
    return this.#bits === 0 ? shards[0]! : shards[hash >>> shardShift]!;
  }

  #grow(shard: Shard): void {
    const { cells } = shard;
    if (this.#bits === 0 && cells.length / 2 >= splitCells) {
      this.#split(shard);
      return;
    }
    resize(shard, Math.ceil((growth * cells.length) / 2));
    this.#bytes += shard.cells.byteLength - cells.byteLength;
    copyCells(cells, this.#bits, () => shard);
  }

  #split({ cells, count }: Shard): void {
    // Room for twice the mean: no share of a good hash comes near that, so none is full before all are in.
    const each = Math.ceil((2 * count) / shardCount);
    this.#shards = Array.from({ length: shardCount }, (_, index) =>
      newShard(each, loadMin + (loadSpread * index) / shardCount),
    );
    this.#bits = shardBits;
    this.#bytes = shardCount * each * 8;
    copyCells(cells, shardBits, (hash) => this.#shards[hash >>> shardShift]!);
  }
}

function newShard(cellCount: number, load: number): Shard {
  const shard = { cells: new Int32Array(0), count: 0, countMax: 0, load };
  resize(shard, cellCount);
  return shard;
}

function resize(shard: Shard, cellCount: number): void {
  shard.cells = new Int32Array(2 * cellCount);
  shard.count = 0;
  shard.countMax = Math.floor(cellCount * shard.load);
}

function copyCells(cells: Int32Array, bits: number, shardOf: (hash: number) => Shard): void {
  for (let at = 0; at < cells.length; at += 2) {
    if (cells[at + 1] !== 0) place(shardOf(cells[at]!), cells[at]!, bits, cells[at + 1]!);
  }
}

function place(shard: Shard, hash: number, bits: number, slotPlusOne: number): void {
  const { cells } = shard;
  let at = homeOf(cells, hash, bits);
  while (cells[at + 1] !== 0) at = after(cells, at);
  cells[at] = hash;
  cells[at + 1] = slotPlusOne;
  shard.count++;
}

/** Where the search for a hash begins, of which so many bits have chosen the shard. */
function homeOf(cells: Int32Array, hash: number, bits: number): number {
  return Math.floor(((hash << bits) >>> 0) * (cells.length / 2) * homeScale) * 2;
}

function after(cells: Int32Array, at: number): number {
  return at + 2 === cells.length ? 0 : at + 2;
}

/** How many steps lead from one cell to another, doubled. */
function distance(cells: Int32Array, from: number, to: number): number {
  return to >= from ? to - from : to - from + cells.length;
}
