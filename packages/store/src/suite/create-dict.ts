import assert from "node:assert/strict";
import type { ExpiryPolicy } from "@everdict/protocol";
import { bytes, entry, numberedEntries } from "./bytes.ts";
import { DictHandle } from "./dict-handle.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Creation of dictionaries: records, names, initial content. Creation times are in `creation-times.ts`. */
export function createDictSuite(suite: Suite): void {
  suite.describe("createDict", () => {
    suite.test("answers the record, and findDict and getDict answer the same", record);
    suite.test("answers the present dictionary if the name is taken, and applies nothing", takenName);
    suite.test("keeps names apart by environment, exactly", namesApart);
    suite.test("of 64 concurrent creators of a name one succeeds, with its content", concurrentCreators);
    suite.test("applies the initial content; of equal keys the last wins", initialContent);
    suite.test("creates an anonymous dictionary each time", anonymous);
    suite.test("keeps each expiry policy", policies);
  });
}

async function record(world: World): Promise<void> {
  world.advance(1_234);
  const request = world.request({ name: "jobs", expiry: { policy: "afterWrite", ttlMs: 5_000 } });
  const { dict, created } = await world.store.createDict(request);
  assert.equal(created, true);
  const { id, environmentId, name, createdBy, expiry } = request;
  const createdAtSeconds = world.nowMs / 1000;
  // Compared by property: whether an absent end is `undefined` or not there at all is no one's business.
  const expected = { id, environmentId, name, createdBy, expiry, createdAtSeconds, expiresAtMs: undefined };
  for (const found of [
    dict,
    await world.store.findDict(environmentId, "jobs"),
    await world.store.getDict(id),
  ]) {
    assert.deepEqual({ expiresAtMs: undefined, ...found }, expected);
  }
}

async function takenName(world: World): Promise<void> {
  const first = await world.createDict({
    name: "jobs",
    data: [entry("a", "1")],
    expiry: { policy: "never" },
  });
  const before = await world.store.getDict(first.id);
  world.advance(1_000);
  const second = world.request({
    name: "jobs",
    data: [entry("a", "2"), entry("b", "2")],
    expiry: { policy: "afterWrite", ttlMs: 1 },
  });
  assert.deepEqual(await world.store.createDict(second), { dict: before, created: false });
  assert.deepEqual(await first.pairs(), [["a", "1"]]);
  await rejectsWith("dict_not_found", () => world.store.len(second.id));
}

async function namesApart(world: World): Promise<void> {
  const dev = await world.createEnvironment("dev");
  const wanted = ["jobs", "Jobs", "jobs.", "job", "__proto__", "constructor", "x".repeat(64)];
  const dicts = new Map<string, DictHandle>();
  for (const environmentId of [world.environmentId, dev]) {
    for (const name of wanted) {
      const dict = await world.createDict({
        environmentId,
        name,
        data: [entry("id", `${environmentId} ${name}`)],
      });
      dicts.set(`${environmentId} ${name}`, dict);
    }
  }
  assert.equal(new Set([...dicts.values()].map(({ id }) => id)).size, 2 * wanted.length);
  for (const [place, dict] of dicts) {
    assert.equal(await dict.get("id"), place);
    const [environmentId, name] = place.split(" ");
    assert.equal((await world.store.findDict(environmentId!, name!))?.id, dict.id);
  }
  assert.equal(await world.store.findDict(dev, ""), undefined);
  assert.equal(await world.store.findDict(dev, "toString"), undefined);
}

async function concurrentCreators(world: World): Promise<void> {
  const requests = Array.from({ length: 64 }, (_, index) =>
    world.request({ name: "jobs", data: [entry("creator", `${index}`)] }),
  );
  const answers = await Promise.all(requests.map((request) => world.store.createDict(request)));
  const winners = answers.flatMap(({ created }, index) => (created ? [index] : []));
  assert.equal(winners.length, 1);
  const winner = requests[winners[0]!]!;
  for (const { dict } of answers) assert.equal(dict.id, winner.id);
  const dict = new DictHandle(world, winner.id, "jobs", winner.expiry);
  assert.deepEqual(await dict.pairs(), [["creator", `${winners[0]}`]]);
}

async function initialContent(world: World): Promise<void> {
  const data = [
    ...numberedEntries(2_000),
    entry("a", "1"),
    entry("", "empty"),
    entry("a", "2"),
    entry("k7", ""),
  ];
  const dict = await world.createDict({ data });
  assert.equal(await dict.len(), 2_002);
  assert.equal(await dict.get("a"), "2");
  assert.equal(await dict.get(""), "empty");
  assert.equal(await dict.get("k7"), "");
  assert.equal(await dict.get("k1999"), "v1999");
  assert.equal((await dict.pairs()).length, 2_002);
}

async function anonymous(world: World): Promise<void> {
  const first = await world.createEphemeral(60_000, { data: [entry("a", "1")] });
  const second = await world.createEphemeral(60_000);
  assert.notEqual(first.id, second.id);
  assert.equal(await first.get("a"), "1");
  assert.equal(await second.len(), 0);
  const found = await world.store.getDict(first.id);
  assert.deepEqual([found?.name, found?.expiresAtMs], ["", world.nowMs + 60_000]);
  assert.equal(await world.store.contains(second.id, bytes("a")), false);
}

async function policies(world: World): Promise<void> {
  const all: readonly ExpiryPolicy[] = [
    { policy: "never" },
    { policy: "afterWrite", ttlMs: 30 * 24 * 3600 * 1000 },
    { policy: "afterUse", ttlMs: 7_777 },
  ];
  for (const expiry of all) {
    const dict = await world.createDict({ expiry });
    assert.deepEqual((await world.store.getDict(dict.id))?.expiry, expiry);
  }
}
