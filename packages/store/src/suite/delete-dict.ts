import assert from "node:assert/strict";
import { entry, numberedEntries } from "./bytes.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";

/** Deletion of dictionaries. That the id is absent afterwards is checked in `absence.ts`. */
export function deleteDictSuite(suite: Suite): void {
  suite.describe("deleteDict", () => {
    suite.test("frees the name, and what is created under it is empty and has a new id", async (world) => {
      const first = await world.createDict({ name: "jobs", data: numberedEntries(500) });
      await world.store.deleteDict(first.id);
      assert.equal(await world.store.findDict(world.environmentId, "jobs"), undefined);
      const second = await world.createDict({ name: "jobs" });
      assert.notEqual(second.id, first.id);
      assert.equal(await second.len(), 0);
      assert.equal(await second.get("k1"), undefined);
      assert.deepEqual(await second.pairs(), []);
    });
    suite.test("leaves other dictionaries alone", async (world) => {
      const kept = await world.createDict({ data: [entry("a", "kept")] });
      const doomed = await world.createDict({ data: [entry("a", "doomed")] });
      await world.store.deleteDict(doomed.id);
      assert.deepEqual(await kept.pairs(), [["a", "kept"]]);
    });
    suite.test("succeeds for one of 16 concurrent callers", async (world) => {
      const dict = await world.createDict();
      const attempts = await Promise.allSettled(
        Array.from({ length: 16 }, () => world.store.deleteDict(dict.id)),
      );
      assert.equal(attempts.filter(({ status }) => status === "fulfilled").length, 1);
      for (const attempt of attempts) {
        if (attempt.status === "rejected") assert.equal(attempt.reason.code, "dict_not_found");
      }
    });
    suite.test(
      "concurrent writes either come before it or are refused; nothing of them remains",
      async (world) => {
        const dict = await world.createDict({ name: "jobs" });
        const writes = numberedEntries(20).map(({ key, value }) => dict.put(key, value));
        const [outcomes] = await Promise.all([Promise.allSettled(writes), world.store.deleteDict(dict.id)]);
        for (const outcome of outcomes) {
          if (outcome.status === "rejected") assert.equal(outcome.reason.code, "dict_not_found");
        }
        await rejectsWith("dict_not_found", () => dict.len());
        assert.equal(await (await world.createDict({ name: "jobs" })).len(), 0);
      },
    );
  });
}
