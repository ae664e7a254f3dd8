import fc from "fast-check";
import { expect, test } from "vitest";
import { recordHeaderBytes } from "../record/record.ts";
import { liveBytes, TableOnly } from "../testing/key-tables.ts";
import type { SlotState } from "./slot-state.ts";

const never = Number.POSITIVE_INFINITY;
const keyOf = (number: number, length = 0) => Buffer.from(`key ${number}`.padEnd(length, "."));

const numbers = fc.nat(60);
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant("put" as const), number: numbers, ttlMs: fc.nat(50) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("keep" as const), number: numbers }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("remove" as const), number: numbers }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("extend" as const), number: numbers }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("move" as const),
        number: numbers,
        ttlMs: fc.option(fc.nat(80)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("sweep" as const), max: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.constant({ kind: "seal" as const }) },
  ),
  { maxLength: 300 },
);

/** A table and a plain map that should agree. */
class Twins extends TableOnly {
  readonly model = new Map<string, number>();
  nowMs = 0;

  apply(step: Parameters<typeof run>[0][number]): void {
    switch (step.kind) {
      case "put":
      case "keep":
        this.write(step.number, step.kind === "keep" ? never : this.nowMs + step.ttlMs);
        break;
      case "remove":
        this.remove(keyOf(step.number));
        this.model.delete(String(keyOf(step.number)));
        break;
      case "extend":
        this.#extend(step.number);
        break;
      case "move":
        this.#move(step.number, step.ttlMs === null ? never : this.nowMs + step.ttlMs);
        break;
      case "sweep":
        this.sweep(step.max);
        break;
      case "wait":
        this.nowMs += step.ms;
        break;
      case "seal":
        this.segments.startNext();
    }
  }

  write(number: number, expiresAtMs: number): void {
    this.put(keyOf(number), expiresAtMs);
    this.model.set(String(keyOf(number)), expiresAtMs);
  }

  sweep(max: number): void {
    const before = this.alive();
    const due = [...before.values()].filter((endMs) => endMs <= this.nowMs).length;
    expect(this.table.earliestMs).toBe(Math.min(never, ...before.values()));
    const removed = this.table.sweep(this.nowMs, max);
    const after = this.alive();
    expect(removed).toBe(Math.min(max, due));
    expect(before.size - after.size).toBe(removed);
    for (const [key, endMs] of before) {
      if (after.has(key)) continue;
      expect(endMs).toBeLessThanOrEqual(this.nowMs);
      this.model.delete(key);
    }
  }

  alive(): Map<string, number> {
    const entries = [...this.table.states()].filter(({ decision }) => decision === "put");
    return new Map(entries.map((state) => [String(state.key()), state.expiresAtMs]));
  }

  #move(number: number, expiresAtMs: number): void {
    const state = this.table.find(keyOf(number));
    if (state?.decision !== "put") return;
    this.moveEnd(state, expiresAtMs);
    this.model.set(String(keyOf(number)), expiresAtMs);
  }

  #extend(number: number): void {
    const state = this.table.find(keyOf(number));
    if (state?.decision !== "put" || state.expiresAtMs === never) return;
    this.table.extend(state, this.nowMs + 50);
    this.model.set(String(keyOf(number)), this.nowMs + 50);
  }
}

function run(all: typeof steps extends fc.Arbitrary<infer Steps> ? Steps : never): Twins {
  const twins = new Twins();
  for (const step of all) twins.apply(step);
  return twins;
}

test("agrees with a map, whatever is put, removed, extended and swept, over several segments", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const twins = run(all);
      expect(twins.alive()).toEqual(twins.model);
      expect(twins.table.size).toBe(twins.model.size);
      for (let number = 0; number <= 60; number++) {
        const state = twins.table.find(keyOf(number));
        expect(state?.decision === "put").toBe(twins.model.has(String(keyOf(number))));
      }
    }),
    { numRuns: 150 },
  );
});

test("everything due is swept in the end, and nothing else; live bytes are those of what still decides", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const twins = run(all);
      twins.nowMs += 100;
      twins.sweep(1000);
      expect([...twins.alive().values()].filter((endMs) => endMs !== never)).toEqual([]);
      expect(twins.table.earliestMs).toBe(never);
      const lengthOf = ({ length, touch }: SlotState) => length + (touch?.length ?? 0);
      const deciding = [...twins.table.states()].reduce((sum, state) => sum + lengthOf(state), 0);
      expect(liveBytes(twins.segments)).toBe(deciding);
    }),
    { numRuns: 100 },
  );
});

test("nothing is left of a table that is given up", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const twins = run(all);
      for (const _ of twins.table.discard()) {
        // Goes on for as long as it is asked.
      }
      expect(twins.memory.tableBytes).toBe(0);
      expect(twins.memory.arena.usedBytes).toBe(0);
      expect(liveBytes(twins.segments)).toBe(0);
      expect([...twins.segments.all()].every(({ barredKeys }) => barredKeys === 0)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("entries are swept in the order in which they end, those that were read later than those that were not", () => {
  const twins = new Twins();
  for (let number = 0; number < 3000; number++) twins.write(number, 1000 + number);
  for (let number = 0; number < 3000; number += 2) {
    twins.table.extend(twins.table.find(keyOf(number))!, 10_000 + number);
  }
  expect(twins.table.earliestMs).toBe(1001);
  expect(twins.table.sweep(2000, 10_000)).toBe(500);
  expect(twins.table.earliestMs).toBe(2001);
  expect(twins.table.sweep(9_999, 10_000)).toBe(1000);
  expect(twins.table.earliestMs).toBe(10_000);
  expect(twins.table.sweep(11_000, 300)).toBe(300);
  expect(twins.table.size).toBe(1200);
});

test.each(["first", "last", "random"] as const)(
  "slots and pages of keys are given back: %s first",
  (from) => {
    const only = new TableOnly();
    const empty = only.memory.bytes;
    const order = Array.from({ length: 70_000 }, (_, number) => number);
    for (const number of order) only.put(keyOf(number, 40));
    const full = only.memory.bytes;
    expect(only.memory.usedBytes).toBeGreaterThan(0.9 * full);
    if (from === "last") order.reverse();
    if (from === "random") order.sort((one, other) => Math.imul(one, 40_503) - Math.imul(other, 40_503));
    for (const number of order) only.remove(keyOf(number, 40));
    expect(only.table.size).toBe(0);
    // The index keeps what it had, 16 bytes a key or so, and a chunk and a page may stay.
    expect(only.memory.bytes - empty).toBeLessThan(0.25 * full);
    for (const number of order) only.put(keyOf(number, 40));
    expect(only.memory.bytes).toBeLessThanOrEqual(full + 2 * 64 * 1024);
  },
);

test("a stream meets once what was there throughout, and passes over keys that appeared later", () => {
  fc.assert(
    fc.property(steps, steps, (before, during) => {
      const twins = run(before);
      const upToVersion = twins.version;
      const { end } = twins.table;
      const throughout = new Map([...twins.alive().keys()].map((key) => [key, 0]));
      const met: string[] = [];
      const left = [...during];
      for (let slot = twins.table.next(0, end); slot < end; slot = twins.table.next(slot + 1, end)) {
        const state = twins.table.at(slot);
        if (state.decision === "put" && state.appearedAt <= upToVersion) met.push(String(state.key()));
        for (const step of left.splice(0, 5)) {
          twins.apply(step);
          // After each: a key that goes and comes again was not there throughout.
          const present = twins.alive();
          for (const key of throughout.keys()) if (!present.has(key)) throughout.delete(key);
        }
      }
      expect(new Set(met).size).toBe(met.length);
      for (const key of throughout.keys()) expect(met).toContain(key);
    }),
    { numRuns: 100 },
  );
});

test("a key that is removed and written again has appeared again; one that is written over has not", () => {
  const only = new TableOnly();
  const appearedAt = () => only.table.find(keyOf(1))!.appearedAt;
  only.put(keyOf(1));
  only.put(keyOf(1));
  expect(appearedAt()).toBe(1);
  only.segments.startNext();
  only.remove(keyOf(1));
  only.put(keyOf(1));
  expect(appearedAt()).toBe(4);
});

test("a removal is remembered while an older put could come back, and no longer", () => {
  const only = new TableOnly();
  const first = only.put(keyOf(1)).segment;
  only.segments.startNext();
  only.remove(keyOf(1));
  const state = only.table.find(keyOf(1))!;
  expect([state.decision, first.barredKeys, only.table.size]).toEqual(["removed", 1, 0]);
  only.table.forgetOlderPut(state, first);
  expect(only.table.find(keyOf(1))).toBeUndefined();
  expect(liveBytes(only.segments)).toBe(0);
});

test("an entry that was swept in front of an older put keeps its segment from going unread", () => {
  const only = new TableOnly();
  const first = only.put(keyOf(1), 10).segment;
  only.segments.startNext();
  const second = only.put(keyOf(1), 20).segment;
  expect([first.isDead, second.isDead]).toEqual([true, false]);
  expect(only.table.sweep(20, 1)).toBe(1);
  // Should the second go without a word, the first would come back.
  expect([first.isDead, second.isDead]).toEqual([false, false]);
  only.table.forgetOlderPut(only.table.find(keyOf(1))!, first);
  expect([first.isDead, second.isDead]).toEqual([true, true]);
});

test("of two records that moved an end the later in the log counts, whichever takes effect first", () => {
  const only = new TableOnly();
  const state = only.put(keyOf(1));
  const before = liveBytes(only.segments);
  const segment = only.segments.active!;
  const places = [1, 2].map((nth) => ({ segment, offset: 1000 * nth, length: 50 + nth, ownTtlMs: nth }));
  const [copy, move] = places as [(typeof places)[0], (typeof places)[0]];
  only.table.touch(state, move);
  only.table.touch(state, copy);
  expect(state.touch).toEqual(move);
  expect(liveBytes(only.segments)).toBe(before + move.length);
  only.segments.startNext();
  const later = { ...copy, segment: only.segments.active! };
  only.table.touch(state, later);
  only.table.touch(state, move);
  expect(state.touch).toEqual(later);
  expect(liveBytes(only.segments)).toBe(before + later.length);
});

test("what stood out of order in the log is swept at its moment, and what was swept is swept again", () => {
  const only = new TableOnly();
  const ends = fc.array(fc.nat(100), { maxLength: 60 });
  fc.assert(
    fc.property(ends, fc.nat(100), fc.nat(60), (all, markMs, markVersion) => {
      const recovered = only.memory.newTable(1000, 0);
      const segment = only.segments.active!;
      for (const [index, expiresAtMs] of all.entries()) {
        const key = keyOf(index);
        const [length, version] = [recordHeaderBytes + key.length, index + 1];
        const record = { length, version, expiresAtMs, bytes: key, keyStart: 0, keyLength: key.length };
        recovered.put(record, segment, index);
      }
      recovered.endRecovery({ expiresAtMs: markMs, version: markVersion });
      const left = all.filter((endMs, index) => !(endMs <= markMs && index + 1 < markVersion));
      expect(recovered.size).toBe(left.length);
      expect(recovered.earliestMs).toBe(Math.min(never, ...left));
      for (const nowMs of [20, 50, 100]) {
        recovered.sweep(nowMs, 1000);
        expect(recovered.size).toBe(left.filter((endMs) => endMs > nowMs).length);
      }
    }),
  );
});
