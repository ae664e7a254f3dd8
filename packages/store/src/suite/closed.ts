import assert from "node:assert/strict";
import { numberedEntries } from "./bytes.ts";
import { operations } from "./operations.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** What close() ends, what it finishes, and that it may be repeated. */
export function closedSuite(suite: Suite): void {
  suite.describe("close", () => {
    for (const operation of operations) {
      suite.test(`${operation.name} on a closed store rejects with store_closed`, async (world) => {
        const target = await dictTarget(world);
        await world.store.close();
        await rejectsWith("store_closed", () => operation.call(world, target));
      });
      suite.test(`${operation.name} while the store is closing rejects with store_closed`, async (world) => {
        const target = await dictTarget(world);
        const closing = world.store.close();
        await rejectsWith("store_closed", () => operation.call(world, target));
        await closing;
      });
    }
    suite.test("may be repeated, also at the same time", async (world) => {
      await Promise.all([world.store.close(), world.store.close()]);
      await world.store.close();
    });
    suite.test("store_closed comes before any other error", async (world) => {
      await world.store.close();
      const nowhere = { dictId: "di-nowhere", environmentId: "en-nowhere" };
      for (const operation of operations)
        await rejectsWith("store_closed", () => operation.call(world, nowhere));
    });
    suite.test("finishes the calls that were made before it", async (world) => {
      await finishesCalls(world);
    });
  });
}

async function dictTarget(world: World) {
  const dict = await world.createDict({ name: "dict", data: numberedEntries(3) });
  return { dictId: dict.id, environmentId: world.environmentId };
}

async function finishesCalls(world: World): Promise<void> {
  const dict = await world.createDict({ data: numberedEntries(30) });
  const calls = [
    ...numberedEntries(30, "new").map(({ key, value }) => dict.put(key, value)),
    ...numberedEntries(30).map(({ key }) => dict.pop(key)),
    dict.putIfAbsent("a", "1"),
    world.createDict(),
    world.store.createEnvironment(world.newId("en"), "another"),
  ];
  const closing = world.store.close();
  const answers = await Promise.all(calls);
  await closing;
  assert.deepEqual(answers.slice(30, 32), ["v0", "v1"]);
  if (!world.store.capabilities.persistent) return;
  await world.reopen();
  assert.equal(await dict.len(), 31);
  assert.notEqual(await world.store.findEnvironment("another"), undefined);
}
