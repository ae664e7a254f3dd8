import { describe, expect, test } from "vitest";
import { shrink } from "./shrink.ts";

const limits = { maxAttempts: 1_000, maxMs: 5_000 };
const numbers = Array.from({ length: 200 }, (_, index) => index);

describe("shrink()", () => {
  test("keeps just the items that the failure needs, in order", async () => {
    const needed = [3, 77, 78, 199];
    const fails = async (items: readonly number[]) => needed.every((item) => items.includes(item));
    expect(await shrink(numbers, fails, limits)).toEqual(needed);
  });

  test("leaves out what becomes superfluous only later", async () => {
    // Each item needs its successor, so only the last can ever be left out.
    const fails = async (items: readonly number[]) => items.every((item, index) => item === index);
    expect(await shrink(numbers, fails, limits)).toEqual([]);
  });

  test("stops at the limit with a list that fails", async () => {
    let attempts = 0;
    const fails = async (items: readonly number[]) => {
      attempts++;
      return items.includes(7);
    };
    const found = await shrink(numbers, fails, { ...limits, maxAttempts: 5 });
    expect(attempts).toBe(5);
    expect(found).toContain(7);
    expect(found.length).toBeLessThan(200);
  });

  test("leaves a list alone that cannot be shorter", async () => {
    expect(await shrink([1, 2], async (items) => items.length === 2, limits)).toEqual([1, 2]);
  });

  test("puts simpler items in the place of those that are needed, and then leaves out more", async () => {
    // The large number needs the small one beside it only as long as it is large.
    const fails = async (items: readonly number[]) => {
      const largest = Math.max(0, ...items);
      return largest >= 10 && (largest < 20 || items.includes(1));
    };
    const simpler = (item: number) => [item >> 1, item - 1].filter((each) => each >= 10);
    expect(await shrink([1, 2, 3, 95], fails, limits, simpler)).toEqual([10]);
  });
});
