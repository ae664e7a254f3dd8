import assert from "node:assert/strict";
import type { Entry } from "@everdict/protocol";
import { bytes, entry, numberedEntries, text } from "./bytes.ts";
import type { DictHandle } from "./dict-handle.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const whole = { keys: true, values: true };

/** Streams of a dictionary that is written to, cleared, deleted or closed while they run. */
export function changingContentsSuite(suite: Suite): void {
  suite.describe("contents while the dictionary changes", () => {
    suite.test("shows 20,000 untouched entries exactly once while others come, change and go", churn);
    suite.test("shows an overwritten entry exactly once", overwriteWhileReading);
    suite.test(
      "shows an untouched entry exactly once while the dictionary grows twentyfold",
      growWhileReading,
    );
    suite.test("shows an untouched entry exactly once while most others go", shrinkWhileReading);
    suite.test("ends though entries are added as fast as it is read", endlessWriter);
    suite.test("gives each of several streams every entry", severalStreams);
    suite.test("shows nothing that was cleared", clearWhileReading);
    suite.test("shows nothing that expired", expireWhileReading);
    suite.test("ends with dict_not_found when the dictionary is deleted", deleteWhileReading);
    suite.test("ends with store_closed when the store is closed", closeWhileReading);
    suite.test("rejects at the first step for a dictionary that is not there", async (world) => {
      await rejectsWith("dict_not_found", () => nextBatch(stream(world, "di-nowhere")));
    });
  });
}

function stream(world: World, dictId: string): AsyncIterator<readonly Entry[]> {
  return world.store.contents(dictId, whole)[Symbol.asyncIterator]();
}

async function nextBatch(batches: AsyncIterator<readonly Entry[]>): Promise<readonly Entry[]> {
  const step = await batches.next();
  return step.done ? [] : step.value;
}

/** Reads a stream to its end, doing something after each batch, and counts how often each key shows. */
async function countWhile(dict: DictHandle, world: World, meanwhile: (batchIndex: number) => Promise<void>) {
  const shown = new Map<string, number>();
  let batchIndex = 0;
  for await (const batch of world.store.contents(dict.id, whole)) {
    for (const { key } of batch) shown.set(text(key), (shown.get(text(key)) ?? 0) + 1);
    await meanwhile(batchIndex++);
  }
  return shown;
}

function assertOnce(shown: Map<string, number>, keys: Iterable<string>): void {
  for (const key of keys) assert.equal(shown.get(key), 1, `${key} was shown ${shown.get(key) ?? 0} times`);
}

async function fill(dict: DictHandle, world: World, entries: readonly Entry[]): Promise<void> {
  for (let start = 0; start < entries.length; start += 10_000) {
    await world.store.update(dict.id, entries.slice(start, start + 10_000));
  }
}

function keysOf(count: number, prefix: string): string[] {
  return numberedEntries(count, prefix).map(({ key }) => text(key));
}

async function churn(world: World): Promise<void> {
  const dict = await world.createDict();
  const untouched = numberedEntries(20_000, "untouched");
  const touched = numberedEntries(5_000, "touched");
  await fill(
    dict,
    world,
    untouched.flatMap((one, index) => [one, ...touched.slice(index, index + 1)]),
  );
  const shown = await countWhile(dict, world, async (round) => {
    const some = touched.slice((round * 50) % 5_000, ((round * 50) % 5_000) + 50);
    await Promise.all([
      ...some.map(({ key }, index) => (index % 2 === 0 ? dict.pop(key) : dict.put(key, `changed ${round}`))),
      world.store.update(dict.id, numberedEntries(20, `added ${round} `)),
    ]);
  });
  assertOnce(
    shown,
    untouched.map(({ key }) => text(key)),
  );
}

async function overwriteWhileReading(world: World): Promise<void> {
  const dict = await world.createDict();
  const entries = numberedEntries(10_000);
  await fill(dict, world, entries);
  const shown = await countWhile(dict, world, async (round) => {
    const start = (round * 1_000) % 10_000;
    const version = bytes(`version ${round}`);
    const overwritten = entries.slice(start, start + 1_000).map(({ key }) => ({ key, value: version }));
    await world.store.update(dict.id, overwritten);
  });
  assertOnce(
    shown,
    entries.map(({ key }) => text(key)),
  );
}

async function growWhileReading(world: World): Promise<void> {
  const dict = await world.createDict();
  await fill(dict, world, numberedEntries(2_000, "old"));
  let grown = 0;
  const shown = await countWhile(dict, world, async (round) => {
    if (round % 2 === 1 || grown >= 38_000) return;
    await world.store.update(dict.id, numberedEntries(9_500, `new ${round} `));
    grown += 9_500;
  });
  assertOnce(shown, keysOf(2_000, "old"));
}

async function shrinkWhileReading(world: World): Promise<void> {
  const dict = await world.createDict();
  const doomed = keysOf(9_000, "doomed");
  await fill(dict, world, [...numberedEntries(9_000, "doomed"), ...numberedEntries(1_000, "kept")]);
  const shown = await countWhile(dict, world, async () => {
    await Promise.all(doomed.splice(0, 3_000).map((key) => dict.pop(key)));
  });
  assertOnce(shown, keysOf(1_000, "kept"));
  for (const [key, count] of shown) assert.equal(count, 1, key);
}

async function endlessWriter(world: World): Promise<void> {
  const dict = await world.createDict();
  await fill(dict, world, numberedEntries(1_000, "old"));
  let added = 0;
  let read = 0;
  for await (const batch of world.store.contents(dict.id, whole)) {
    read += batch.length;
    assert.ok(read < 100_000, "the stream has no end");
    await world.store.update(dict.id, numberedEntries(batch.length, `new ${added} `));
    added += batch.length;
  }
  assert.ok(read >= 1_000);
}

async function severalStreams(world: World): Promise<void> {
  const dict = await world.createDict();
  await fill(dict, world, numberedEntries(9_000));
  const streams = Array.from({ length: 4 }, () => stream(world, dict.id));
  const counts = streams.map(() => 0);
  let running = new Set(streams.keys());
  while (running.size > 0) {
    // In step with each other, so that all are under way at the same time.
    const batches = await Promise.all(
      [...running].map(async (index) => [index, await nextBatch(streams[index]!)] as const),
    );
    for (const [index, batch] of batches) counts[index]! += batch.length;
    running = new Set(batches.filter(([, batch]) => batch.length > 0).map(([index]) => index));
  }
  assert.deepEqual(counts, [9_000, 9_000, 9_000, 9_000]);
}

async function clearWhileReading(world: World): Promise<void> {
  const dict = await world.createDict();
  await fill(dict, world, numberedEntries(9_000));
  const batches = stream(world, dict.id);
  assert.ok((await nextBatch(batches)).length > 0);
  await dict.clear();
  await dict.put("k1", "written after");
  for (let batch = await nextBatch(batches); batch.length > 0; batch = await nextBatch(batches)) {
    for (const { value } of batch) assert.equal(text(value), "written after");
  }
}

async function expireWhileReading(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: { policy: "afterWrite", ttlMs: 1_000 } });
  await fill(dict, world, numberedEntries(9_000));
  const batches = stream(world, dict.id);
  assert.ok((await nextBatch(batches)).length > 0);
  world.advance(1_000);
  assert.deepEqual(await nextBatch(batches), []);
}

async function deleteWhileReading(world: World): Promise<void> {
  const dict = await world.createDict({ name: "doomed" });
  await fill(dict, world, numberedEntries(9_000));
  const batches = stream(world, dict.id);
  assert.ok((await nextBatch(batches)).length > 0);
  await world.store.deleteDict(dict.id);
  await world.createDict({ name: "doomed", data: [entry("another", "life")] });
  await rejectsWith("dict_not_found", () => batches.next());
  assert.equal((await batches.next()).done, true);
}

async function closeWhileReading(world: World): Promise<void> {
  const dict = await world.createDict();
  await fill(dict, world, numberedEntries(9_000));
  const batches = stream(world, dict.id);
  assert.ok((await nextBatch(batches)).length > 0);
  await world.store.close();
  await rejectsWith("store_closed", () => batches.next());
  await rejectsWith("store_closed", () => world.store.get(dict.id, bytes("k1")));
}
