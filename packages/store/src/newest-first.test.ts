import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NewestFirst, type PageBounds } from "./newest-first.ts";
import type { DictRecord } from "./store.ts";

function record(id: number, createdAtSeconds: number): DictRecord {
  const expiry = { policy: "never" } as const;
  return { id: `di-${id}`, environmentId: "en-1", name: `n${id}`, createdBy: "me", createdAtSeconds, expiry };
}

describe("NewestFirst", () => {
  test("answers pages from the newest on, bounds exclusive", () => {
    const records = new NewestFirst();
    for (let id = 1; id <= 5; id++) records.put(record(id, id * 10));
    const times = (bounds: PageBounds) => records.page(bounds).map((one) => one.createdAtSeconds);
    expect(times({})).toEqual([50, 40, 30, 20, 10]);
    expect(times({ maxObjects: 2 })).toEqual([50, 40]);
    expect(times({ createdBeforeSeconds: 40 })).toEqual([30, 20, 10]);
    expect(times({ createdBeforeSeconds: 41, maxObjects: 1 })).toEqual([40]);
    expect(times({ createdBeforeSeconds: 10 })).toEqual([]);
  });

  test("agrees with sorting a plain map, whatever the order of changes", () => {
    const change = fc.record({
      id: fc.integer({ min: 1, max: 60 }),
      remove: fc.boolean(),
      version: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 200 }),
        fc.integer({ min: 0, max: 130 }),
        (changes, before) => {
          const records = new NewestFirst();
          const model = new Map<number, DictRecord>();
          for (const [index, { id, remove, version }] of changes.entries()) {
            // Two versions of an id have different times, so that a replacement also moves.
            const made = record(id, 2 * id + version);
            if (remove) records.remove(made.id);
            else records.put(made);
            if (remove) model.delete(id);
            else model.set(id, made);
            if (index % 10 !== 0) continue;
            const sorted = [...model.values()].sort((a, b) => b.createdAtSeconds - a.createdAtSeconds);
            expect(records.page({})).toEqual(sorted);
            const page = sorted.filter((one) => one.createdAtSeconds < before).slice(0, 7);
            expect(records.page({ createdBeforeSeconds: before, maxObjects: 7 })).toEqual(page);
          }
        },
      ),
    );
  });
});
