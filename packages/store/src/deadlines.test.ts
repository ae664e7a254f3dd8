import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Deadlines } from "./deadlines.ts";

describe("Deadlines", () => {
  test("has nothing due and no earliest moment while empty", () => {
    const deadlines = new Deadlines<string>();
    expect([deadlines.due(1e15), deadlines.earliestMs, deadlines.size]).toEqual([undefined, Infinity, 0]);
    expect(deadlines.allDue(1e15, 10)).toEqual([]);
  });

  test("an item is due from its very moment on, and stays until it is moved or deleted", () => {
    const deadlines = new Deadlines<string>();
    deadlines.set("a", 10);
    expect([deadlines.due(9), deadlines.due(10), deadlines.due(10)]).toEqual([undefined, "a", "a"]);
    deadlines.set("a", 20);
    expect([deadlines.due(19), deadlines.due(20), deadlines.size]).toEqual([undefined, "a", 1]);
    deadlines.set("a", 5);
    expect(deadlines.earliestMs).toBe(5);
    deadlines.delete("a");
    deadlines.delete("a");
    expect([deadlines.due(100), deadlines.size]).toEqual([undefined, 0]);
  });

  test("Infinity means no deadline", () => {
    const deadlines = new Deadlines<string>();
    deadlines.set("a", Infinity);
    deadlines.set("b", 1);
    deadlines.set("b", Infinity);
    expect([deadlines.size, deadlines.earliestMs]).toEqual([0, Infinity]);
  });

  test("allDue names as many as asked for", () => {
    const deadlines = new Deadlines<number>();
    for (let item = 0; item < 100; item++) deadlines.set(item, (item * 37) % 100);
    expect(deadlines.allDue(9, 5)).toHaveLength(5);
    expect(deadlines.allDue(9, 100)).toHaveLength(10);
    expect(deadlines.size).toBe(100);
  });

  test("agrees with a plain map under any sequence of changes", () => {
    const change = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.option(fc.integer({ min: 0, max: 30 })));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
        const deadlines = new Deadlines<number>();
        const model = new Map<number, number>();
        for (const [item, atMs] of changes) {
          if (atMs === null) {
            deadlines.delete(item);
            model.delete(item);
          } else {
            deadlines.set(item, atMs);
            model.set(item, atMs);
          }
          expect(deadlines.earliestMs).toBe(Math.min(Infinity, ...model.values()));
          const due = [...model].filter(([, moment]) => moment <= 15).map(([known]) => known);
          expect(deadlines.allDue(15, 100).sort()).toEqual(due.sort());
        }
        let earlierMs = 0;
        for (let item = deadlines.due(30); item !== undefined; item = deadlines.due(30)) {
          expect(model.get(item)).toBeGreaterThanOrEqual(earlierMs);
          earlierMs = model.get(item)!;
          deadlines.delete(item);
          model.delete(item);
        }
        expect(model.size).toBe(0);
      }),
    );
  });
});
