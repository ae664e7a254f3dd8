import type { Entry } from "@everdict/protocol";
import { expect, test, vi } from "vitest";
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
