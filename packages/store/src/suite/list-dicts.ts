import assert from "node:assert/strict";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Creation times and the pages that are made of them. */
export function listDictsSuite(suite: Suite): void {
  suite.describe("listDicts", () => {
    suite.test("lists named dictionaries, newest first", newestFirst);
    suite.test("lists nothing for an environment without dictionaries", async (world) => {
      const empty = await world.createEnvironment("empty");
      await world.createDict();
      assert.deepEqual(await world.store.listDicts({ environmentId: empty }), []);
    });
    suite.test("leaves anonymous dictionaries and those of others out", others);
    suite.test("pages through 250 dictionaries made at one moment, each once", pages);
    suite.test("bounds are exclusive, and compare the double that was answered", bounds);
    suite.test("a limit of any size is kept", async (world) => {
      for (let count = 0; count < 5; count++) await world.createDict();
      const { environmentId } = world;
      for (const [maxObjects, length] of [
        [1, 1],
        [4, 4],
        [5, 5],
        [6, 5],
        [1e9, 5],
      ] as const) {
        assert.equal((await world.store.listDicts({ environmentId, maxObjects })).length, length);
      }
    });
    suite.test("goes on in the right order after any of them were deleted", deletions);
  });
  suite.describe("createdAtSeconds", () => {
    suite.test("is the clock's time, or a microsecond after the newest", creationTimes);
    suite.test("increases although the newest was deleted and the clock went back", afterDeletion);
    suite.test("increases over anonymous dictionaries too, also once they are gone", afterEphemeral);
    suite.test("is told apart after a trip through microseconds", microseconds);
    suite.test("belongs to each environment", async (world) => {
      const dev = await world.createEnvironment("dev");
      const stamps = [];
      for (const environmentId of [world.environmentId, dev]) {
        stamps.push((await world.store.createDict(world.request({ environmentId }))).dict.createdAtSeconds);
      }
      assert.deepEqual(stamps, [world.nowMs / 1000, world.nowMs / 1000]);
    });
  });
}

async function names(world: World, bounds: { createdBeforeSeconds?: number; maxObjects?: number } = {}) {
  const dicts = await world.store.listDicts({ environmentId: world.environmentId, ...bounds });
  return dicts.map(({ name }) => name);
}

async function createNumbered(world: World, count: number, start = 0): Promise<string[]> {
  const ids: string[] = [];
  for (let index = start; index < start + count; index++) {
    ids.push((await world.createDict({ name: `dict-${index}` })).id);
  }
  return ids;
}

async function newestFirst(world: World): Promise<void> {
  for (const name of ["b", "c", "a"]) {
    await world.createDict({ name });
    world.advance(10);
  }
  assert.deepEqual(await names(world), ["a", "c", "b"]);
  const [first] = await world.store.listDicts({ environmentId: world.environmentId, maxObjects: 1 });
  assert.deepEqual(first, await world.store.findDict(world.environmentId, "a"));
}

async function others(world: World): Promise<void> {
  const dev = await world.createEnvironment("dev");
  await world.createEphemeral(60_000);
  await world.createDict({ name: "mine" });
  await world.createDict({ name: "theirs", environmentId: dev });
  await world.createEphemeral(60_000);
  assert.deepEqual(await names(world), ["mine"]);
  assert.deepEqual(await names(world, { maxObjects: 5 }), ["mine"]);
}

async function pages(world: World): Promise<void> {
  await createNumbered(world, 250);
  const { environmentId } = world;
  const seen: string[] = [];
  let createdBeforeSeconds: number | undefined;
  for (let pageIndex = 0; pageIndex < 3; pageIndex++) {
    const page = await world.store.listDicts({ environmentId, maxObjects: 100, createdBeforeSeconds });
    assert.equal(page.length, [100, 100, 50][pageIndex]);
    seen.push(...page.map(({ name }) => name));
    createdBeforeSeconds = page.at(-1)!.createdAtSeconds;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 250 }, (_, index) => `dict-${249 - index}`),
  );
  assert.deepEqual(await world.store.listDicts({ environmentId, createdBeforeSeconds }), []);
}

async function bounds(world: World): Promise<void> {
  await createNumbered(world, 3);
  world.advance(5_000);
  await createNumbered(world, 3, 3);
  const all = ["dict-5", "dict-4", "dict-3", "dict-2", "dict-1", "dict-0"];
  const dicts = await world.store.listDicts({ environmentId: world.environmentId });
  assert.deepEqual(
    dicts.map(({ name }) => name),
    all,
  );
  assert.equal(dicts[2]!.createdAtSeconds, world.nowMs / 1000);
  for (const [index, { createdAtSeconds }] of dicts.entries()) {
    assert.deepEqual(await names(world, { createdBeforeSeconds: createdAtSeconds }), all.slice(index + 1));
    assert.deepEqual(await names(world, { createdBeforeSeconds: createdAtSeconds + 1e-6 }), all.slice(index));
  }
  const { createdAtSeconds: createdBeforeSeconds } = dicts[2]!;
  assert.deepEqual(await names(world, { createdBeforeSeconds, maxObjects: 2 }), ["dict-2", "dict-1"]);
  assert.deepEqual(await names(world, { createdBeforeSeconds: createdBeforeSeconds - 6, maxObjects: 9 }), []);
  assert.deepEqual(await names(world, { createdBeforeSeconds: 0 }), []);
}

async function deletions(world: World): Promise<void> {
  const ids = await createNumbered(world, 120);
  const kept = new Set(ids.keys());
  for (let step = 0; kept.size > 3; step++) {
    const doomed = [...kept][(step * 37) % kept.size]!;
    kept.delete(doomed);
    await world.store.deleteDict(ids[doomed]!);
    if (step % 10 !== 0) continue;
    assert.deepEqual(
      await names(world),
      [...kept].reverse().map((index) => `dict-${index}`),
    );
  }
  await world.createDict({ name: "newest" });
  assert.equal((await names(world))[0], "newest");
  assert.equal((await names(world)).length, 4);
}

async function createdAt(world: World): Promise<number> {
  return (await world.store.createDict(world.request())).dict.createdAtSeconds;
}

async function creationTimes(world: World): Promise<void> {
  const first = await createdAt(world);
  assert.equal(first, world.nowMs / 1000);
  const second = await createdAt(world);
  assert.equal(second, (world.nowMs * 1000 + 1) / 1e6);
  world.advance(-60_000);
  const third = await createdAt(world);
  assert.equal(third, ((world.nowMs + 60_000) * 1000 + 2) / 1e6);
  world.advance(120_000);
  assert.equal(await createdAt(world), world.nowMs / 1000);
}

async function afterDeletion(world: World): Promise<void> {
  const { dict } = await world.store.createDict(world.request());
  await world.store.deleteDict(dict.id);
  assert.ok((await createdAt(world)) > dict.createdAtSeconds);
  world.advance(-60_000);
  const newest = (await world.store.createDict(world.request())).dict;
  await world.store.deleteDict(newest.id);
  assert.ok((await createdAt(world)) > newest.createdAtSeconds);
}

async function afterEphemeral(world: World): Promise<void> {
  const request = world.request({ name: "", expiresAtMs: world.nowMs + 1_000 });
  const { dict } = await world.store.createDict(request);
  world.advance(1_000);
  await world.sweepAll();
  world.advance(-5_000);
  assert.ok((await createdAt(world)) > dict.createdAtSeconds);
}

async function microseconds(world: World): Promise<void> {
  await createNumbered(world, 50);
  const dicts = await world.store.listDicts({ environmentId: world.environmentId });
  const micros = dicts.map(({ createdAtSeconds }) => Math.round(createdAtSeconds * 1e6));
  assert.equal(new Set(micros).size, 50);
  for (const [index, dict] of dicts.entries()) assert.equal(micros[index]! / 1e6, dict.createdAtSeconds);
}
