import { createMemoryStore, type Store } from "@everdict/store";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { clockSkewSeconds, listPage } from "./list-page.ts";

const startMs = Date.UTC(2026, 0, 1);
const environmentId = "en-1";
let nowMs = startMs;
let store: Store;
let created = 0;

beforeEach(async () => {
  nowMs = startMs;
  created = 0;
  store = createMemoryStore({ clock: () => nowMs });
  await store.createEnvironment(environmentId, "main");
});

async function create(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const name = `dict-${created++}`;
    const id = `di-${name}`;
    const expiry = { policy: "never" } as const;
    await store.createDict({ id, environmentId, name, createdBy: "test", expiry, data: [] });
  }
}

async function page(maxObjects: number, createdBeforeSeconds?: number): Promise<string[]> {
  const records = await listPage(store, { environmentId, maxObjects, createdBeforeSeconds, nowMs });
  return records.map(({ name }) => name);
}

async function stamps(): Promise<number[]> {
  const records = await store.listDicts({ environmentId });
  return records.map(({ createdAtSeconds }) => createdAtSeconds);
}

describe("a page of a listing", () => {
  test("a bound within the clocks' skew hides nothing, an older one is obeyed", async () => {
    await create(1);
    nowMs = startMs + 2000;
    for (const behindSeconds of [0, 1, 3, clockSkewSeconds - 0.001]) {
      const listed = await page(0, nowMs / 1000 - behindSeconds);
      expect(listed, `${behindSeconds} s behind`).toEqual(["dict-0"]);
    }
    expect(await page(0, nowMs / 1000 - clockSkewSeconds)).toEqual([]);
    expect(await page(0, Number.POSITIVE_INFINITY)).toEqual(["dict-0"]);
  });

  test("the creation time of a dictionary is obeyed to the bit, however new it is", async () => {
    await create(3);
    const [newest, middle, oldest] = await stamps();
    expect(await page(0, newest)).toEqual(["dict-1", "dict-0"]);
    expect(await page(0, middle)).toEqual(["dict-0"]);
    expect(await page(0, oldest)).toEqual([]);
    expect(await page(1, newest)).toEqual(["dict-1"]);
  });

  test("a bound is found however many newer dictionaries there are", async () => {
    await create(1000);
    const all = await stamps();
    expect(await page(2, all[900])).toEqual(["dict-98", "dict-97"]);
    expect(await page(2, all[999])).toEqual([]);
    expect(await page(2, all[0]! + 1e-4)).toEqual(["dict-999", "dict-998"]);
    expect(await page(2, all[999]! - 1e-4)).toEqual(["dict-999", "dict-998"]);
  });

  test("pages of any size list everything once, in order, at any age", async () => {
    await create(37);
    const expected = Array.from({ length: 37 }, (_, index) => `dict-${36 - index}`);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 20_000 }),
        async (size, age) => {
          nowMs = startMs + age;
          const listed: string[] = [];
          let bound = startMs / 1000 + 20.5;
          for (;;) {
            const request = { environmentId, maxObjects: size, createdBeforeSeconds: bound, nowMs };
            const records = await listPage(store, request);
            listed.push(...records.map(({ name }) => name));
            if (records.length < size) break;
            bound = records.at(-1)!.createdAtSeconds;
          }
          expect(listed).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("after a dictionary was deleted between two pages, none is missing", async () => {
    await create(10);
    const all = await stamps();
    await store.deleteDict("di-dict-5");
    const rest = await page(0, all[4]);
    for (const name of ["dict-0", "dict-1", "dict-2", "dict-3", "dict-4"]) expect(rest).toContain(name);
    nowMs += clockSkewSeconds * 1000 + 1;
    expect(await page(0, all[4])).toEqual(["dict-4", "dict-3", "dict-2", "dict-1", "dict-0"]);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "maxObjects %s is refused",
    async (maxObjects) => {
      await expect(page(maxObjects)).rejects.toMatchObject({ code: "invalid_argument" });
    },
  );

  test("a bound that is not a number is refused", async () => {
    await expect(page(0, Number.NaN)).rejects.toMatchObject({ code: "invalid_argument" });
  });
});
