import fc from "fast-check";
import { expect, test } from "vitest";
import { TableOnly } from "../testing/key-tables.ts";
import type { SlotState } from "./slot-state.ts";
import { ValueCache } from "./value-cache.ts";

// What the cache counts for a value besides its bytes.
const overheadBytes = 16;
const keyOf = (number: number) => Buffer.from(`key ${number}`);

/** Tables with a cache, and a map of what each key should have as its value. */
class Cached {
  readonly cache: ValueCache;
  readonly maxBytes: number;
  readonly tables: TableOnly[];
  readonly models = [new Map<string, Buffer>(), new Map<string, Buffer>()];
  #fill = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.cache = new ValueCache(maxBytes);
    const first = new TableOnly(this.cache);
    this.tables = [first, new TableOnly(undefined, first)];
  }

  put(table: number, number: number, valueBytes: number): void {
    const key = keyOf(number);
    const state = this.tables[table]!.put(key, undefined, valueBytes);
    const value = Buffer.alloc(valueBytes, ++this.#fill);
    this.models[table]!.set(String(key), value);
    if (this.cache.accepts(valueBytes)) this.cache.admit(state, value, 0);
    expect(this.cache.bytes).toBeLessThanOrEqual(this.maxBytes);
  }

  remove(table: number, number: number): void {
    this.tables[table]!.remove(keyOf(number));
    this.models[table]!.delete(String(keyOf(number)));
  }

  read(table: number, number: number): Buffer | undefined {
    const state = this.tables[table]!.table.find(keyOf(number));
    const value = state?.value();
    if (state !== undefined && value !== undefined) state.wasRead = true;
    return value;
  }

  kept(): SlotState[] {
    return this.tables.flatMap(({ table }) => [...table.states()].filter(({ hasValue }) => hasValue));
  }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("put", "put", "put", "remove", "read" as const),
    table: fc.nat(1),
    number: fc.nat(40),
    valueBytes: fc.oneof(fc.nat(60), fc.nat(400)),
  }),
  { maxLength: 500 },
);

test("stays within its budget, counts what it keeps, and what it keeps is the last that was written", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 500, max: 8000 }), (all, maxBytes) => {
      const cached = new Cached(maxBytes);
      for (const { kind, table, number, valueBytes } of all) {
        if (kind === "put") cached.put(table, number, valueBytes);
        else if (kind === "remove") cached.remove(table, number);
        else cached.read(table, number);
      }
      const kept = cached.kept();
      expect(cached.cache.bytes).toBe(
        kept.reduce((sum, state) => sum + state.valueLength + overheadBytes, 0),
      );
      for (const state of kept) {
        const model = cached.models[cached.tables[0]!.table === state.table ? 0 : 1]!;
        expect(state.value()!.equals(model.get(String(state.key()))!)).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

test("what is read again and again stays, what is not goes", () => {
  const cached = new Cached(100 * (84 + overheadBytes));
  for (let number = 0; number < 5; number++) cached.put(0, number, 84);
  for (let number = 5; number < 1000; number++) {
    cached.put(0, number, 84);
    for (let read = 0; read < 5; read++) expect(cached.read(0, read)).toBeDefined();
  }
  expect(cached.kept().length).toBe(100);
  expect(cached.read(0, 5)).toBeUndefined();
  expect(cached.read(0, 999)).toBeDefined();
});

test("a value that is written over and over stays as one that was read, and takes one place", () => {
  const cached = new Cached(100 * (84 + overheadBytes));
  for (let number = 1; number < 2000; number++) {
    cached.put(0, 0, 84);
    if (number % 2 === 0) cached.put(0, number, 84);
    expect(cached.read(0, 0)).toBeDefined();
  }
  expect(cached.cache.queueBytes).toBeLessThanOrEqual(8 * 512);
});

test("the queue does not grow while slots are used again, and again", () => {
  const cached = new Cached(1_000_000);
  for (let round = 0; round < 20_000; round++) {
    cached.put(0, round % 50, 20);
    if (round % 3 > 0) cached.remove(0, (round * 7) % 50);
  }
  expect(cached.cache.queueBytes).toBeLessThanOrEqual(8 * 256);
});

test("a table that is over, and not yet given up, keeps nothing from ending; others have its budget after it", () => {
  const cached = new Cached(100 * (84 + overheadBytes));
  for (let number = 0; number < 100; number++) cached.put(0, number, 84);
  const [{ table: over }] = cached.tables as [TableOnly];
  cached.cache.forgetTable(over);
  for (let number = 0; number < 300; number++) cached.put(1, number, 84);
  for (const _ of over.discard()) {
    // Goes on for as long as it is asked.
  }
  expect(cached.cache.bytes).toBe(cached.kept().filter(({ table }) => table !== over).length * 100);
  for (let number = 0; number < 300; number++) cached.put(1, number, 84);
  expect(cached.cache.bytes).toBe(100 * 100);
});

test("what is larger than an eighth of the budget is not kept", () => {
  const cache = new ValueCache(8000);
  expect([cache.accepts(1000 - overheadBytes), cache.accepts(1001 - overheadBytes)]).toEqual([true, false]);
  expect(new ValueCache(0).accepts(0)).toBe(false);
});
