import assert from "node:assert/strict";
import { entry } from "./bytes.ts";
import { operations, type Target } from "./operations.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

interface Absence {
  readonly title: string;
  readonly prepare: (world: World) => Promise<string>;
}

const data = [entry("a", "1"), entry("b", "2")];

const absentDicts: readonly Absence[] = [
  { title: "an id that never was", prepare: async (world) => world.newId("di") },
  { title: "an empty id", prepare: async () => "" },
  { title: "a deleted dictionary", prepare: deleted },
  { title: "a deleted dictionary whose name was given again", prepare: deletedAndCreatedAgain },
  { title: "a dictionary of a deleted environment", prepare: inDeletedEnvironment },
  { title: "an anonymous dictionary past its end", prepare: pastItsEnd },
  { title: "an anonymous dictionary past its end and swept", prepare: pastItsEndAndSwept },
  { title: "an anonymous dictionary that was deleted", prepare: deletedEphemeral },
];

const absentEnvironments: readonly Absence[] = [
  { title: "an id that never was", prepare: async (world) => world.newId("en") },
  { title: "an empty id", prepare: async () => "" },
  { title: "a deleted environment", prepare: deletedEnvironment },
  { title: "a deleted environment whose name was given again", prepare: deletedEnvironmentCreatedAgain },
];

/** Every operation that takes an id, on every kind of absence, before and after the store is opened again. */
export function absenceSuite(suite: Suite): void {
  const moments = [{ title: "at once", reopen: async () => {} }, ...suite.reopenings];
  suite.describe("absence", () => {
    for (const { title: when, reopen } of moments) {
      for (const { title, prepare } of absentDicts) {
        suite.test(`is dict_not_found at every call on ${title}, ${when}`, async (world) => {
          const dictId = await prepare(world);
          await reopen(world);
          await assertAbsent(world, "dict", { dictId, environmentId: world.environmentId });
          assert.equal(await world.store.getDict(dictId), undefined);
        });
      }
      for (const { title, prepare } of absentEnvironments) {
        suite.test(`is environment_not_found at every call on ${title}, ${when}`, async (world) => {
          const environmentId = await prepare(world);
          await reopen(world);
          await assertAbsent(world, "environment", { dictId: world.newId("di"), environmentId });
          assert.deepEqual(await world.store.listDicts({ environmentId }), []);
          assert.equal(await world.store.findDict(environmentId, "dict"), undefined);
        });
      }
    }
  });
}

async function assertAbsent(world: World, needs: "dict" | "environment", target: Target): Promise<void> {
  for (const operation of operations.filter((one) => one.needs === needs)) {
    await rejectsWith(`${needs}_not_found`, () => operation.call(world, target));
  }
}

async function deleted(world: World): Promise<string> {
  const dict = await world.createDict({ data });
  await world.store.deleteDict(dict.id);
  return dict.id;
}

async function deletedAndCreatedAgain(world: World): Promise<string> {
  const dict = await world.createDict({ name: "again", data });
  await world.store.deleteDict(dict.id);
  await world.createDict({ name: "again", data });
  return dict.id;
}

async function inDeletedEnvironment(world: World): Promise<string> {
  const environmentId = await world.createEnvironment("doomed");
  const dict = await world.createDict({ environmentId, data });
  await world.store.deleteEnvironment(environmentId);
  return dict.id;
}

async function pastItsEnd(world: World): Promise<string> {
  const dict = await world.createEphemeral(1_000, { data });
  world.advance(1_000);
  return dict.id;
}

async function pastItsEndAndSwept(world: World): Promise<string> {
  const dictId = await pastItsEnd(world);
  await world.sweepAll();
  return dictId;
}

async function deletedEphemeral(world: World): Promise<string> {
  const dict = await world.createEphemeral(1_000, { data });
  await world.store.deleteDict(dict.id);
  return dict.id;
}

async function deletedEnvironment(world: World): Promise<string> {
  const environmentId = await world.createEnvironment("doomed");
  await world.createDict({ environmentId, name: "dict", data });
  await world.store.deleteEnvironment(environmentId);
  return environmentId;
}

async function deletedEnvironmentCreatedAgain(world: World): Promise<string> {
  const environmentId = await deletedEnvironment(world);
  await world.createDict({ environmentId: await world.createEnvironment("doomed"), name: "dict" });
  return environmentId;
}
