import { EverdictError } from "@everdict/protocol";
import { describe, expect, test, vi } from "vitest";
import { MemoryDict } from "./memory-dict.ts";
import { firstValues, pageOf } from "./memory-page.ts";
import { createMemoryStore } from "./memory-store.ts";
import { KeptWalks } from "./memory-walk.ts";
import { bulkAnswerBytes } from "./store.ts";

const encoder = new TextEncoder();

function dictOf(count: number, valueBytes = 1): MemoryDict {
  let writes = 0;
  const dict = new MemoryDict({ policy: "never" }, () => ++writes);
  for (let index = 0; index < count; index++) {
    dict.write({ key: encoder.encode(`k${index}`), value: new Uint8Array(valueBytes) }, 0);
  }
  return dict;
}

describe("pageOf()", () => {
  test("ends a page of few matches after 20,000 entries, and the next one goes on", () => {
    const dict = dictOf(45_000);
    const match = [[{ offset: 0, bytes: encoder.encode("k44999") }]];
    const sizes: number[] = [];
    let after: Uint8Array | undefined;
    do {
      const page = pageOf(dict, { match, after, limit: 10, values: true }, 0);
      sizes.push(page.entries.length);
      after = page.next;
    } while (after !== undefined);
    expect(sizes).toEqual([0, 0, 1]);
  });

  test("ends a page after fewer entries if the patterns are large", () => {
    const match = [[{ offset: 0, bytes: new Uint8Array(256 * 1024) }]];
    const { entries, next } = pageOf(dictOf(9), { match, limit: 10, values: true }, 0);
    expect(entries).toEqual([]);
    expect(pageOf(dictOf(9), { match, after: next, limit: 10, values: true }, 0).next).toBeUndefined();
    expect(next).toEqual(pageOf(dictOf(9), { limit: 8, values: true }, 0).next);
  });

  test("says at once that nothing follows a page that is just full", () => {
    expect(pageOf(dictOf(10), { limit: 10, values: true }, 0).next).toBeUndefined();
  });

  test("counts keys too, so that a page of keys alone ends as well", () => {
    let writes = 0;
    const dict = new MemoryDict({ policy: "never" }, () => ++writes);
    for (let index = 0; index < 20; index++) {
      dict.write({ key: new Uint8Array(1024 * 1024).fill(index), value: new Uint8Array(1) }, 0);
    }
    expect(pageOf(dict, { limit: 20, values: false }, 0).entries).toHaveLength(4);
  });

  test("keeps its walk for the next page until the dictionary is cleared", () => {
    const dict = dictOf(10);
    const request = { limit: 5, values: false };
    const { next } = pageOf(dict, request, 0);
    const taken = vi.spyOn(dict.walks, "take");
    pageOf(dict, { ...request, after: next }, 0);
    expect(taken).toHaveLastReturnedWith(expect.anything());
    pageOf(dict, request, 0);
    dict.clear();
    expect(pageOf(dict, { ...request, after: next }, 0).entries).toEqual([]);
    expect(taken).toHaveLastReturnedWith(undefined);
  });

  test("keeps its walk for a minute, which sweeps end", async () => {
    let nowMs = 0;
    const store = createMemoryStore({ clock: () => nowMs });
    await store.createEnvironment("en-1", "main");
    const dict = { id: "di-1", environmentId: "en-1", name: "d", createdBy: "" };
    const data = Array.from({ length: 10 }, (_, nth) => ({
      key: Uint8Array.of(nth),
      value: Uint8Array.of(1),
    }));
    await store.createDict({ ...dict, expiry: { policy: "never" }, data });
    const taken = vi.spyOn(KeptWalks.prototype, "take");
    const nextAfter = async (ms: number) => {
      const { next } = await store.page("di-1", { limit: 5, values: false });
      nowMs += ms;
      await store.sweep(100);
      const { entries } = await store.page("di-1", { limit: 5, values: false, after: next });
      expect(entries).toHaveLength(5);
    };
    await nextAfter(59_999);
    expect(taken).toHaveLastReturnedWith(expect.anything());
    await nextAfter(60_000);
    expect(taken).toHaveLastReturnedWith(undefined);
  });

  test("refuses the cursor of a dictionary with more entries", () => {
    const { next } = pageOf(dictOf(10), { limit: 9, values: false }, 0);
    expect(() => pageOf(dictOf(5), { after: next, limit: 9, values: false }, 0)).toThrow(EverdictError);
  });
});

describe("firstValues()", () => {
  test("answers as many values as fit, and does not use the others", () => {
    const dict = dictOf(3, bulkAnswerBytes / 2);
    dict.setExpiry({ policy: "afterUse", ttlMs: 10 });
    for (let index = 0; index < 3; index++) {
      dict.setTtl(dict.find(encoder.encode(`k${index}`), 0)!, undefined, 0);
    }
    const keys = ["k0", "k1", "k2"].map((key) => encoder.encode(key));
    expect(firstValues(dict, keys, 5)).toHaveLength(2);
    expect(keys.map((key) => dict.find(key, 12) !== undefined)).toEqual([true, true, false]);
  });
});
