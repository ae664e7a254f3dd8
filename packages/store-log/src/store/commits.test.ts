// Commits as only a store that logs can get them wrong. What they mean is in the suite of the contract.
import { readFileSync, writeFileSync } from "node:fs";
import type { Change, CommitRequest } from "@everdict/protocol";
import { waitUntil } from "@everdict/testkit";
import { expect, onTestFinished, test } from "vitest";
import { crc32c } from "../bytes/crc32c.ts";
import { SlowFiles } from "../testing/slow-files.ts";
import {
  asKilled,
  dictId,
  get,
  isMostlyCompacted,
  openWithDict,
  put,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";

const key = Buffer.from("k");
// As CPython pickles 1 and 2.
const one = Buffer.from("80044b012e", "hex");
const two = Buffer.from("80044b022e", "hex");

function changing(...changes: Change[]): CommitRequest {
  return { conditions: [], changes };
}

const increment = changing({ kind: "add", key, by: one });

test("calls of one turn are decided in their order, each on what the ones before it decided", async () => {
  const store = await openWithDict(temporaryDirectory());
  const answers = await Promise.all([
    store.commit(dictId, { conditions: [{ key, expected: "absent" }], changes: increment.changes }),
    store.commit(dictId, { conditions: [{ key, expected: "absent" }], changes: increment.changes }),
    store.commit(dictId, increment),
    store.commit(dictId, changing({ kind: "touch", key, ttlMs: 60_000 })),
    store.commit(dictId, changing({ kind: "remove", key })),
    store.commit(dictId, changing({ kind: "touch", key, ttlMs: 60_000 })),
    store.commit(dictId, increment),
  ]);
  expect(answers.map(({ committed }) => committed)).toEqual([true, false, true, true, true, true, true]);
  const versions = answers.map((answer) => (answer.committed ? answer.results[0]!.version : answer.found));
  expect(versions[1]).toBe(versions[0]);
  expect(new Set(versions.slice(2, 5)).size).toBe(1);
  expect(versions[5]).toBeUndefined();
  expect(await store.entry(dictId, key)).toEqual({
    value: one,
    version: versions[6],
    expiresAtMs: undefined,
  });
});

test("a refusal waits until what it rests on is flushed", async () => {
  const slow = new SlowFiles();
  onTestFinished(() => slow.release());
  const store = await openWithDict(temporaryDirectory(), { files: slow.files });
  slow.hold();
  let isAnswered = false;
  const written = put(store, "k", "text");
  const refused = store.commit(dictId, increment).finally(() => {
    isAnswered = true;
  });
  const before = slow.begun;
  await waitUntil("the flush began", () => slow.begun > before);
  expect(isAnswered).toBe(false);
  slow.release();
  await written;
  expect(await refused).toMatchObject({ committed: false, reason: "not_a_number", index: 0 });
});

test("a repeat is answered as the first call, after a restart too, whatever was decided since", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  const other = Buffer.from("other");
  const requests: readonly CommitRequest[] = [
    changing({ kind: "add", key, by: two }, { kind: "remove", key: other }, { kind: "touch", key: other }),
    { conditions: [{ key, expected: "absent" }], changes: [{ kind: "remove", key }] },
    changing({ kind: "add", key, by: one, max: two }),
    changing({ kind: "remove", key: other }),
  ];
  const call = (at: typeof store) =>
    Promise.all(
      requests.map((request, index) => at.commit(dictId, request, { idempotencyKey: `call ${index}` })),
    );
  const first = await call(store);
  expect(first.map(({ committed }) => committed)).toEqual([true, false, false, true]);
  await store.clear(dictId);
  expect(await call(store)).toEqual(first);
  await store.close();
  const again = await openWithDict(directory);
  expect(await call(again)).toEqual(first);
  await expect(again.commit(dictId, increment, { idempotencyKey: "call 0" })).rejects.toMatchObject({
    code: "conflict",
  });
  expect(await again.len(dictId)).toBe(0);
});

test("a counter whose value is on disk only is added to, and one that is too long for a number is not read", async () => {
  const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
  for (let count = 0; count < 5; count++) await store.commit(dictId, increment);
  expect(Buffer.from((await store.get(dictId, key))!)).toEqual(Buffer.from("80044b052e", "hex"));
  await put(store, "k", "x".repeat(10_000));
  expect(await store.commit(dictId, increment)).toMatchObject({ reason: "not_a_number" });
});

test("versions stay through compaction and restarts", async () => {
  const directory = temporaryDirectory();
  const small = { segmentMaxBytes: 16 * 1024, valueCacheMaxBytes: 0 };
  const store = await openWithDict(directory, small);
  await store.commit(dictId, increment);
  const version = (await store.entry(dictId, key))!.version;
  const fill = () => Promise.all(Array.from({ length: 40 }, () => put(store, "other", "y".repeat(500))));
  await waitUntil("compaction", async () => {
    await fill();
    return isMostlyCompacted(directory);
  });
  expect((await store.entry(dictId, key))!.version).toBe(version);
  await store.close();
  const again = await openWithDict(directory, small);
  expect((await again.entry(dictId, key))!.version).toBe(version);
});

test("the version of an entry that was lost with the power does not come again", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  const lost = asKilled(directory);
  const seen = await store.commit(dictId, increment);
  const again = await openWithDict(lost);
  expect(await again.entry(dictId, key)).toBeUndefined();
  const written = await again.commit(dictId, increment);
  expect(written).not.toEqual(seen);
});

test("nothing new is written into a segment of an earlier format", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  await put(store, "k", "old");
  await store.close();
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(crc32c(bytes, 0, 28), 28);
  writeFileSync(path, bytes);
  const upgraded = await openWithDict(directory);
  expect(await get(upgraded, "k")).toBe("old");
  await upgraded.commit(dictId, changing({ kind: "touch", key, ttlMs: 60_000 }));
  await upgraded.close();
  const paths = segmentPaths(directory);
  expect(paths.map((each) => readFileSync(each).readUInt32LE(8))).toEqual([1, 2]);
  expect(readFileSync(path).subarray(0, bytes.length)).toEqual(bytes);
  expect((await (await openWithDict(directory)).entry(dictId, key))?.expiresAtMs).toBeDefined();
});
