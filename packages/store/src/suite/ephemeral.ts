import assert from "node:assert/strict";
import { numberedEntries } from "./bytes.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";

/** Anonymous dictionaries and their ends. That they are absent past it is checked in `absence.ts`. */
export function ephemeralSuite(suite: Suite): void {
  suite.describe("extendDict", () => {
    suite.test("an anonymous dictionary lives until the very millisecond of its end", async (world) => {
      const dict = await world.createEphemeral(1_000);
      world.advance(999);
      await dict.put("a", "1");
      assert.equal(await dict.get("a"), "1");
      world.advance(1);
      await rejectsWith("dict_not_found", () => dict.get("a"));
    });
    suite.test("moves the end away", async (world) => {
      const dict = await world.createEphemeral(1_000, { data: numberedEntries(5) });
      for (let beat = 0; beat < 20; beat++) {
        world.advance(900);
        await world.store.extendDict(dict.id, world.nowMs + 1_000);
        await world.sweepAll();
      }
      assert.equal((await world.store.getDict(dict.id))?.expiresAtMs, world.nowMs + 1_000);
      world.advance(999);
      assert.equal(await dict.len(), 5);
      world.advance(1);
      await rejectsWith("dict_not_found", () => dict.len());
    });
    suite.test("moves the end nearer", async (world) => {
      const dict = await world.createEphemeral(60_000);
      await world.store.extendDict(dict.id, world.nowMs + 10);
      world.advance(10);
      await rejectsWith("dict_not_found", () => dict.len());
      assert.equal(await world.sweepAll(), 1);
    });
    suite.test("does not revive what has ended", async (world) => {
      const dict = await world.createEphemeral(1_000);
      world.advance(1_000);
      await rejectsWith("dict_not_found", () => world.store.extendDict(dict.id, world.nowMs + 1_000));
      await rejectsWith("dict_not_found", () => dict.len());
    });
    suite.test("has no effect on a named dictionary", async (world) => {
      const dict = await world.createDict({ name: "jobs" });
      const before = await world.store.getDict(dict.id);
      await world.store.extendDict(dict.id, world.nowMs + 10);
      assert.deepEqual(await world.store.getDict(dict.id), before);
      world.advance(10_000);
      await world.sweepAll();
      assert.equal(await dict.len(), 0);
    });
    suite.test("serves many at once", async (world) => {
      const dicts = [];
      for (let index = 0; index < 200; index++)
        dicts.push(await world.createEphemeral(1_000 + (index % 7) * 100));
      world.advance(500);
      const extended = dicts.filter((_, index) => index % 2 === 0);
      await Promise.all(extended.map(({ id }) => world.store.extendDict(id, world.nowMs + 5_000)));
      world.advance(2_000);
      assert.equal(await world.sweepAll(), 100);
      for (const { id } of extended) assert.notEqual(await world.store.getDict(id), undefined);
    });
  });
}
