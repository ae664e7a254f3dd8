import type { Entry } from "@everdict/protocol";
import { expect, test, vi } from "vitest";
import { KeyTable } from "../index/key-table.ts";
import { Segment } from "../segments/segment.ts";
import { dictId, openWithDict, put, temporaryDirectory } from "../testing/small-store.ts";

test.each([
  { keys: true, values: true },
  { keys: true, values: false },
  { keys: false, values: true },
])("the contents that match are shown with %o, and of others no value is read", async (parts) => {
  const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
  for (let index = 0; index < 300; index++) await put(store, `key-${index}`, `value ${index}`);
  for (let index = 0; index < 20; index++) await put(store, `rare-${index}`, `rare value ${index}`);
  const reads = vi.spyOn(Segment.prototype, "readRecordSync").mockClear();
  const shown: Entry[] = [];
  const match = [[{ offset: 0, bytes: Buffer.from("rare") }], [{ offset: 4, bytes: Buffer.from("7") }]];
  for await (const batch of store.contents(dictId, { ...parts, match })) shown.push(...batch);
  const sevens = [7, ...Array.from({ length: 10 }, (_, index) => 70 + index)];
  const expected = [
    ...Array.from({ length: 20 }, (_, index) => [`rare-${index}`, `rare value ${index}`]),
    ...sevens.map((index) => [`key-${index}`, `value ${index}`]),
  ];
  const texts = shown.map(({ key, value }) => `${Buffer.from(key)} ${Buffer.from(value)}`);
  const wanted = expected.map(([key, value]) => `${parts.keys ? key : ""} ${parts.values ? value : ""}`);
  expect(texts.sort()).toEqual(wanted.sort());
  expect(reads).toHaveBeenCalledTimes(parts.values ? expected.length : 0);
});

test("pages and streams go in smaller steps if the patterns are large", async () => {
  const store = await openWithDict(temporaryDirectory());
  for (let index = 0; index < 100; index++) await put(store, `key-${index}`, "value");
  const match = [
    [{ offset: 0, bytes: Buffer.alloc(256 * 1024) }],
    [{ offset: 0, bytes: Buffer.from("key-7") }],
  ];
  const windows = vi.spyOn(KeyTable.prototype, "visitWindow");
  expect((await store.page(dictId, { limit: 100, values: true, match })).entries).toHaveLength(11);
  expect(windows.mock.calls.length).toBeGreaterThan(10);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const shown: Entry[] = [];
  for await (const batch of store.contents(dictId, { keys: true, values: true, match })) shown.push(...batch);
  isOver = true;
  expect(shown).toHaveLength(11);
  expect(turns).toBeGreaterThan(5);
});
