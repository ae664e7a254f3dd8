import { defaultLimits, type Entry } from "@everdict/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultBatchLimits, UpdateBatch } from "./update-batches.ts";

const entry = (valueBytes: number): Entry => ({ key: Uint8Array.of(1), value: new Uint8Array(valueBytes) });

function split(entries: readonly Entry[], limits = defaultBatchLimits): (readonly Entry[])[] {
  const batch = new UpdateBatch(limits);
  const full = entries.map((each) => batch.add(each)).filter((each) => each !== undefined);
  return [...full, batch.take()].filter((each) => each.length > 0);
}

describe("UpdateBatch", () => {
  test("10,000 entries are one request, 10,001 are two", () => {
    const entries = Array.from({ length: 10_001 }, () => entry(1));
    expect(split(entries.slice(1)).map((each) => each.length)).toEqual([10_000]);
    expect(split(entries).map((each) => each.length)).toEqual([10_000, 1]);
  });

  test("a request stays within the bytes a server accepts", () => {
    const big = new Uint8Array(30 * 1024 * 1024);
    const sizes = split(Array.from({ length: 7 }, () => ({ key: Uint8Array.of(1), value: big })));
    expect(sizes.map((each) => each.length)).toEqual([3, 3, 1]);
  });

  test("the largest value and key fit one request", () => {
    const largest = {
      key: new Uint8Array(defaultLimits.keyMaxBytes),
      value: new Uint8Array(defaultLimits.valueMaxBytes),
    };
    expect(split([entry(1), largest]).map((each) => each.length)).toEqual([2]);
  });

  test("an entry over the limit travels alone, for the server to judge", () => {
    const limits = { maxEntries: 10, maxBytes: 100, maxKeyBytes: 100 };
    expect(split([entry(1), entry(500), entry(1)], limits).map((each) => each.length)).toEqual([1, 1, 1]);
  });

  test("nothing is lost, reordered or split without need", () => {
    const limits = { maxEntries: 5, maxBytes: 200, maxKeyBytes: 200 };
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 150 }), { maxLength: 60 }), (sizes) => {
        const entries = sizes.map(entry);
        const batches = split(entries, limits);
        expect(batches.flat()).toEqual(entries);
        const costs = batches.map((each) => each.reduce((sum, one) => sum + one.value.length + 25, 0));
        batches.forEach((each, index) => {
          expect(
            each.length <= limits.maxEntries && (costs[index]! <= limits.maxBytes || each.length === 1),
          ).toBe(true);
          const next = batches[index + 1]?.[0];
          if (next === undefined) return;
          const joined = costs[index]! + next.value.length + 25;
          expect(each.length === limits.maxEntries || joined > limits.maxBytes).toBe(true);
        });
      }),
    );
  });
});
