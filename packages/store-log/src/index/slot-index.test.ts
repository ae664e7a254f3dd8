import fc from "fast-check";
import { expect, test } from "vitest";
import { hashEnd, noSlot, SlotIndex } from "./slot-index.ts";

/** An index of numbers, each its own slot, and the model: what is in it. */
class NumberIndex {
  readonly model = new Set<number>();
  readonly #hashOf: (slot: number) => number;
  readonly #index = new SlotIndex({ isKeyOf: (slot, bytes) => slot === Buffer.from(bytes).readUInt32LE() });

  constructor(hashOf: (slot: number) => number) {
    this.#hashOf = hashOf;
  }

  get bytes(): number {
    return this.#index.bytes;
  }

  find(slot: number): number {
    const key = Buffer.alloc(4);
    key.writeUInt32LE(slot);
    return this.#index.find(this.#hashOf(slot), key, 0, 4);
  }

  toggle(slot: number): void {
    if (this.model.delete(slot)) this.#index.remove(this.#hashOf(slot), slot);
    else {
      this.model.add(slot);
      this.#index.insert(this.#hashOf(slot), slot);
    }
  }

  /** All slots in the order of windows, those of a window by hash. Checks that each window has what belongs there. */
  walk(from = 0): number[] {
    const walked: number[] = [];
    for (let start = from; start < hashEnd; ) {
      const found: { readonly slot: number; readonly hash: number }[] = [];
      const end = this.#index.visitWindow(start, (slot, hash) => found.push({ slot, hash }));
      expect(end).toBeGreaterThan(start);
      expect(found.every(({ hash }) => hash >= start && hash < end)).toBe(true);
      found.sort((one, other) => one.hash - other.hash || one.slot - other.slot);
      walked.push(...found.map(({ slot }) => slot));
      start = end;
    }
    return walked;
  }

  /** What a walk should find. */
  inOrder(from = 0): number[] {
    const all = [...this.model].map((slot) => ({ slot, hash: this.#hashOf(slot) >>> 0 }));
    all.sort((one, other) => one.hash - other.hash || one.slot - other.slot);
    return all.filter(({ hash }) => hash >= from).map(({ slot }) => slot);
  }

  /** Whether each of these is found if, and only if, it is there. */
  agrees(slots: Iterable<number>): boolean {
    for (const slot of slots) {
      if (this.find(slot) !== (this.model.has(slot) ? slot : noSlot)) return false;
    }
    return true;
  }
}

// Knuth's multiplicative hash: spreads well, and a failure can be repeated.
const spread = (slot: number) => Math.imul(slot, 0x9e3779b1);
const hashes = {
  "a good hash": spread,
  "few different hashes": (slot: number) => spread(slot % 5),
  "hashes next to each other": (slot: number) => 0xff_fff0 + (slot % 32),
  "hashes at the end of a table": (slot: number) => -1 - (slot % 3),
};

test.each(Object.entries(hashes))("agrees with a set: %s", (_, hashOf) => {
  const slots = fc.array(fc.nat(250), { maxLength: 600 });
  fc.assert(
    fc.property(slots, (all) => {
      const index = new NumberIndex(hashOf);
      for (const slot of all) index.toggle(slot);
      expect(index.agrees(Array.from({ length: 251 }, (_, slot) => slot))).toBe(true);
      expect(index.walk()).toEqual(index.inOrder());
    }),
    { numRuns: 60 },
  );
});

test("past some 60,000 keys it is many tables, and still agrees with a set while keys come and go", () => {
  const index = new NumberIndex(spread);
  const sizes = [40_000, 60_000, 70_000, 100_000, 200_000];
  let added = 0;
  for (const size of sizes) {
    for (; added < size; added++) index.toggle(added);
    // Every third is removed, and put back at the next size.
    for (let slot = 0; slot < size; slot += 3) index.toggle(slot);
    expect(index.agrees(Array.from({ length: added + 1000 }, (_, slot) => slot))).toBe(true);
    for (const from of [0, 1, 0x1234_5678, 0x00ff_ffff, 0x0100_0000, 0xffff_ffff])
      expect(index.walk(from)).toEqual(index.inOrder(from));
  }
});

test("takes at most 24 bytes for a key, 8 of which are needed", () => {
  const index = new NumberIndex(spread);
  for (let slot = 0; slot < 300_000; slot++) {
    index.toggle(slot);
    if (slot > 100 && slot % 97 === 0) expect(index.bytes / (slot + 1)).toBeLessThanOrEqual(24);
  }
});

test("keys that come and go leave nothing behind: the index does not grow", () => {
  const index = new NumberIndex(spread);
  for (let slot = 0; slot < 1000; slot++) index.toggle(slot);
  const { bytes } = index;
  for (let slot = 1000; slot < 50_000; slot++) {
    index.toggle(slot);
    index.toggle(slot - 1000);
  }
  expect(index.bytes).toBe(bytes);
  expect(index.agrees(Array.from({ length: 50_000 }, (_, slot) => slot))).toBe(true);
});
