import { seededRandom } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { OlderPuts } from "./older-puts.ts";

describe("OlderPuts", () => {
  test("holds the numbers of every slot, whatever comes and goes", () => {
    const random = seededRandom(7);
    const olderPuts = new OlderPuts();
    const model = new Map<number, Set<number>>();
    const check = (slot: number) => {
      expect(new Set(olderPuts.of(slot))).toEqual(model.get(slot) ?? new Set());
      expect(olderPuts.has(slot)).toBe((model.get(slot)?.size ?? 0) > 0);
    };
    for (let step = 0; step < 20_000; step++) {
      // Slots of several pages, few enough that lists grow.
      const slot = random.integer(40) * 97;
      const numbers = model.get(slot) ?? new Set<number>();
      const number = 1 + random.integer(9);
      const choice = random.next();
      if (choice < 0.6) {
        if (!numbers.has(number)) olderPuts.add(slot, number);
        model.set(slot, numbers.add(number));
      } else if (choice < 0.95) {
        olderPuts.keep(slot, (other) => other !== number);
        numbers.delete(number);
      } else {
        olderPuts.clear(slot);
        model.delete(slot);
      }
      check(slot);
    }
    for (const slot of model.keys()) check(slot);
    expect(olderPuts.has(1_000_000)).toBe(false);
  });

  test("takes no more memory for the same, and gives pages back", () => {
    const olderPuts = new OlderPuts();
    const round = () => {
      for (let slot = 0; slot < 5_000; slot++) for (const number of [1, 2, 3]) olderPuts.add(slot, number);
      const { bytes } = olderPuts;
      for (let slot = 0; slot < 5_000; slot++) olderPuts.clear(slot);
      return bytes;
    };
    const first = round();
    expect(round()).toBe(first);
    // The cells stay, for the next lists; what names the first cell of each slot goes.
    expect(first).toBeGreaterThan(5_000 * (3 * 8 + 4));
    expect(olderPuts.bytes).toBeLessThan(first - 5_000 * 4);
  });
});
