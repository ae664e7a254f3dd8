import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteArena, blockMaxBytes } from "./byte-arena.ts";

const pageBytes = 64 * 1024;

// Lengths around where blocks change their size, where copying changes its way, and where pages end.
const edges = [0, 1, 7, 8, 9, 31, 32, 33, 127, 128, 129, 2047, blockMaxBytes, blockMaxBytes + 1, pageBytes];
const lengths = fc.oneof(fc.constantFrom(...edges), fc.nat(300), fc.nat(3000));
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), length: lengths, fill: fc.nat(255) }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat() }),
  ),
  { maxLength: 400 },
);

interface Kept {
  readonly reference: number;
  readonly bytes: Buffer;
}

/** A string in the middle of a larger one, different for each `fill` and place. */
function add(arena: ByteArena, length: number, fill: number): Kept {
  const source = Buffer.alloc(length + 5, 0xee);
  for (let index = 0; index < length; index++) source[index + 3] = fill + 7 * index;
  return { reference: arena.add(source, 3, length), bytes: source.subarray(3, 3 + length) };
}

function expectAll(arena: ByteArena, kept: readonly Kept[]): void {
  for (const { reference, bytes } of kept) {
    expect(arena.read(reference, bytes.length).equals(bytes)).toBe(true);
    expect(arena.equals(reference, Buffer.concat([Buffer.of(1), bytes]), 1, bytes.length)).toBe(true);
  }
}

test.each([{ maxPages: undefined }, { maxPages: 4 }])(
  "strings stay what they are while others come and go ($maxPages pages)",
  ({ maxPages }) => {
    fc.assert(
      fc.property(steps, (all) => {
        const arena = new ByteArena(maxPages);
        const kept: Kept[] = [];
        for (const step of all) {
          if (step.kind === "add") kept.push(add(arena, step.length, step.fill));
          else if (kept.length > 0) {
            arena.remove(kept.splice(step.which % kept.length, 1)[0]!.reference);
          }
        }
        expect(new Set(kept.map(({ reference }) => reference)).size).toBe(kept.length);
        for (const { reference } of kept) {
          expect(reference).toBeGreaterThan(0);
          expect(reference).toBeLessThan(2 ** 32);
        }
        expectAll(arena, kept);
      }),
      { numRuns: 60 },
    );
  },
);

test("bytes differ in any place, and are then not equal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (bytes, which) => {
      const arena = new ByteArena();
      const reference = arena.add(bytes, 0, bytes.length);
      const other = Uint8Array.from(bytes);
      other[which % bytes.length]! ^= 1;
      expect(arena.equals(reference, other, 0, bytes.length)).toBe(false);
    }),
  );
});

test("a page without strings is given back, in whatever order they go", () => {
  const order = fc.constantFrom("first", "last", "random" as const);
  fc.assert(
    fc.property(order, fc.integer({ min: 16, max: blockMaxBytes }), fc.nat(), (from, length, seed) => {
      const arena = new ByteArena();
      const count = Math.ceil((8 * pageBytes) / length);
      const kept = Array.from({ length: count }, (_, index) => add(arena, length, index));
      expect(arena.bytes).toBeGreaterThanOrEqual(8 * pageBytes);
      if (from === "last") kept.reverse();
      if (from === "random")
        kept.sort((one, other) => ((one.reference * seed) % 9973) - ((other.reference * seed) % 9973));
      for (const { reference } of kept) arena.remove(reference);
      expect(arena.bytes).toBeLessThanOrEqual(pageBytes);
      expect(arena.usedBytes).toBe(0);
    }),
    { numRuns: 20 },
  );
});

test("a string that comes and goes does not make a page each time", () => {
  const arena = new ByteArena();
  for (let round = 0; round < 100; round++) {
    arena.remove(add(arena, 20, round).reference);
    expect(arena.bytes).toBe(pageBytes);
  }
});

test("a block is filled to nine tenths on the average", () => {
  const arena = new ByteArena();
  let bytes = 0;
  for (let length = 64; length <= blockMaxBytes; length++) {
    for (let count = 0; count < 40; count++) add(arena, length, count);
    bytes += 40 * length;
  }
  expect(bytes / arena.usedBytes).toBeGreaterThan(0.9);
});

test("what is larger than a block takes what it has, and gives it back", () => {
  const arena = new ByteArena();
  const [first, second] = [add(arena, 100_000, 1), add(arena, 200_000, 2)];
  expect([arena.bytes, arena.usedBytes]).toEqual([300_000, 300_000]);
  arena.remove(first.reference);
  expect(arena.bytes).toBe(200_000);
  const third = add(arena, 5000, 3);
  expectAll(arena, [second, third]);
});
