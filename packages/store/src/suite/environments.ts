import assert from "node:assert/strict";
import { entry } from "./bytes.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Environments: creation, names, change, deletion. */
export function environmentsSuite(suite: Suite): void {
  suite.describe("environments", () => {
    suite.test("are created with the clock's time and an empty suffix", created);
    suite.test("are listed by name", async (world) => {
      for (const name of ["zebra", "Zebra", "apple", "a-2", "a-10", "b_1", "b.1"])
        await world.createEnvironment(name);
      assert.deepEqual(await names(world), ["Zebra", "a-10", "a-2", "apple", "b.1", "b_1", "main", "zebra"]);
    });
    suite.test("are found by name, exactly", async (world) => {
      assert.equal((await world.store.findEnvironment("main"))?.id, world.environmentId);
      for (const name of ["Main", "main ", "mai", "", "__proto__", "constructor"]) {
        assert.equal(await world.store.findEnvironment(name), undefined);
      }
    });
    suite.test("a taken name answers the present environment and changes nothing", takenName);
    suite.test("a taken id answers the environment that has it and changes nothing", takenId);
    suite.test("of 32 concurrent creators of a name one succeeds", concurrentCreators);
    suite.test("change name and suffix, one without the other", change);
    suite.test("a changed name is free for others, the new one is taken", changedName);
    suite.test("may be given the name they have", async (world) => {
      const record = await world.store.updateEnvironment(world.environmentId, {
        name: "main",
        webSuffix: "x",
      });
      assert.deepEqual([record.name, record.webSuffix], ["main", "x"]);
    });
    suite.test("refuse a name that is taken, and change nothing", async (world) => {
      const id = await world.createEnvironment("dev");
      const refused = { name: "main", webSuffix: "new" };
      await rejectsWith("environment_exists", () => world.store.updateEnvironment(id, refused));
      assert.equal((await world.store.findEnvironment("dev"))?.webSuffix, "");
      assert.deepEqual(await names(world), ["dev", "main"]);
    });
    suite.test("may swap names by way of a third", swapNames);
    suite.test("deleted, take their dictionaries with them and free the name", deletion);
  });
}

async function names(world: World): Promise<string[]> {
  return (await world.store.listEnvironments()).map(({ name }) => name);
}

async function created(world: World): Promise<void> {
  world.advance(1_234);
  const id = world.newId("en");
  const { environment, created: isNew } = await world.store.createEnvironment(id, "dev");
  assert.equal(isNew, true);
  assert.deepEqual(environment, { id, name: "dev", webSuffix: "", createdAtSeconds: world.nowMs / 1000 });
  assert.deepEqual(await world.store.findEnvironment("dev"), environment);
}

async function takenName(world: World): Promise<void> {
  const before = await world.store.findEnvironment("main");
  world.advance(1_000);
  const id = world.newId("en");
  const answer = await world.store.createEnvironment(id, "main");
  assert.deepEqual(answer, { environment: before, created: false });
  await rejectsWith("environment_not_found", () => world.store.updateEnvironment(id, { webSuffix: "x" }));
  assert.deepEqual(await names(world), ["main"]);
}

async function takenId(world: World): Promise<void> {
  const before = (await world.store.findEnvironment("main"))!;
  world.advance(1_000);
  const answer = await world.store.createEnvironment(before.id, "other");
  assert.deepEqual(answer, { environment: before, created: false });
  assert.deepEqual(await names(world), ["main"]);
}

async function concurrentCreators(world: World): Promise<void> {
  const attempts = Array.from({ length: 32 }, () => world.store.createEnvironment(world.newId("en"), "dev"));
  const answers = await Promise.all(attempts);
  assert.equal(answers.filter((answer) => answer.created).length, 1);
  assert.equal(new Set(answers.map(({ environment }) => environment.id)).size, 1);
}

async function change(world: World): Promise<void> {
  const { id, createdAtSeconds } = (await world.store.findEnvironment("main"))!;
  const dict = await world.createDict({ name: "kept", data: [entry("a", "1")] });
  world.advance(1_000);
  const suffixed = await world.store.updateEnvironment(id, { webSuffix: "sfx" });
  assert.deepEqual(suffixed, { id, name: "main", webSuffix: "sfx", createdAtSeconds });
  const renamed = await world.store.updateEnvironment(id, { name: "prod" });
  assert.deepEqual(renamed, { id, name: "prod", webSuffix: "sfx", createdAtSeconds });
  assert.deepEqual(await world.store.updateEnvironment(id, {}), renamed);
  assert.deepEqual(await world.store.listEnvironments(), [renamed]);
  assert.equal((await world.store.findDict(id, "kept"))?.id, dict.id);
  assert.equal(await dict.get("a"), "1");
}

async function changedName(world: World): Promise<void> {
  await world.store.updateEnvironment(world.environmentId, { name: "prod" });
  assert.equal(await world.store.findEnvironment("main"), undefined);
  const another = await world.createEnvironment("main");
  assert.equal((await world.store.findEnvironment("main"))?.id, another);
  assert.equal((await world.store.createEnvironment(world.newId("en"), "prod")).created, false);
}

async function swapNames(world: World): Promise<void> {
  const dev = await world.createEnvironment("dev");
  await world.store.updateEnvironment(dev, { name: "aside" });
  await world.store.updateEnvironment(world.environmentId, { name: "dev" });
  await world.store.updateEnvironment(dev, { name: "main" });
  assert.equal((await world.store.findEnvironment("dev"))?.id, world.environmentId);
  assert.equal((await world.store.findEnvironment("main"))?.id, dev);
  assert.deepEqual(await names(world), ["dev", "main"]);
}

async function deletion(world: World): Promise<void> {
  const dev = await world.createEnvironment("dev");
  const doomed = [
    await world.createDict({ environmentId: dev, name: "same", data: [entry("a", "1")] }),
    await world.createEphemeral(60_000, { environmentId: dev }),
  ];
  const kept = await world.createDict({ name: "same", data: [entry("a", "kept")] });
  await world.store.deleteEnvironment(dev);
  for (const { id } of doomed) await rejectsWith("dict_not_found", () => world.store.len(id));
  assert.deepEqual(await names(world), ["main"]);
  assert.equal(await kept.get("a"), "kept");
  const again = await world.createEnvironment("dev");
  assert.deepEqual(await world.store.listDicts({ environmentId: again }), []);
  assert.equal(await world.store.findDict(again, "same"), undefined);
}
