import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { numberedEntries, text } from "./bytes.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Calls made at the same time by one process. */
export function concurrencySuite(suite: Suite): void {
  suite.describe("concurrent calls", () => {
    suite.test("of 64 putIfAbsent one wins, 50 times", async (world) => {
      const dict = await world.createDict();
      for (let round = 0; round < 50; round++) {
        const key = `lock ${round}`;
        const attempts = Array.from({ length: 64 }, (_, caller) => dict.putIfAbsent(key, `${caller}`));
        const answers = await Promise.all(attempts);
        assert.equal(answers.filter((won) => won).length, 1);
        assert.equal(await dict.get(key), `${answers.indexOf(true)}`);
      }
    });
    suite.test("of 64 pops one has the value, 50 times", async (world) => {
      const dict = await world.createDict();
      for (let round = 0; round < 50; round++) {
        await dict.put("job", `${round}`);
        const answers = await Promise.all(Array.from({ length: 64 }, () => dict.pop("job")));
        assert.deepEqual(
          answers.filter((value) => value !== undefined),
          [`${round}`],
        );
      }
    });
    suite.test("of 10 workers on 200 jobs each job has one", async (world) => {
      const dict = await world.createDict({ data: numberedEntries(200, "job") });
      const taken: string[] = [];
      const worker = async () => {
        for (const { key } of numberedEntries(200, "job")) {
          if ((await dict.pop(key)) !== undefined) taken.push(text(key));
        }
      };
      await Promise.all(Array.from({ length: 10 }, worker));
      assert.equal(taken.length, 200);
      assert.equal(new Set(taken).size, 200);
    });
    suite.test("on one key take effect in their order", orderOnOneKey);
    suite.test("on many keys all take effect", async (world) => {
      const dict = await world.createDict();
      await Promise.all(numberedEntries(2_000).map(({ key, value }) => dict.put(key, value)));
      assert.equal(await dict.len(), 2_000);
      assert.equal(await dict.get("k1234"), "v1234");
    });
    suite.test("are visible to a read that begins after they resolved", async (world) => {
      const dict = await world.createDict();
      await Promise.all(
        numberedEntries(100).map(async ({ key, value }) => {
          await dict.put(key, value);
          assert.equal(await dict.get(key), text(value));
          assert.equal(await dict.pop(key), text(value));
          assert.equal(await dict.contains(key), false);
        }),
      );
    });
    if (suite.capabilities.atomicUpdate) {
      suite.test("an update of many entries is visible all at once", visibleAtOnce);
    }
  });
}

async function orderOnOneKey(world: World): Promise<void> {
  const dict = await world.createDict();
  const calls = [];
  for (let version = 0; version < 100; version++) {
    calls.push(dict.put("a", `${version}`), dict.pop("a"), dict.putIfAbsent("a", `again ${version}`));
  }
  const answers = await Promise.all(calls);
  for (let version = 0; version < 100; version++) {
    assert.deepEqual(answers.slice(3 * version, 3 * version + 3), [undefined, `${version}`, true]);
  }
  assert.equal(await dict.get("a"), "again 99");
}

/** A reader that has seen a new value of one key must later see the new value of every other. */
async function visibleAtOnce(world: World): Promise<void> {
  const dict = await world.createDict();
  const versions = (version: number) => numberedEntries(2_000).map(({ key }) => [key, `${version}`] as const);
  await dict.putAll(versions(0));
  const watched = ["k0", "k1999", "k1000", "k1", "k1998"];
  for (let version = 1; version <= 10; version++) {
    let written = false;
    const writing = dict.putAll(versions(version)).finally(() => {
      written = true;
    });
    // Awaited below; without this a failed assertion in between would leave it unhandled.
    writing.catch(() => {});
    let newestSeen = version - 1;
    while (!written) {
      for (const key of watched) {
        const seen = Number(await dict.get(key));
        assert.ok(seen >= newestSeen, `${key} was at ${seen} after another key was at ${newestSeen}`);
        newestSeen = seen;
      }
      await setImmediate();
    }
    await writing;
    for (const key of watched) assert.equal(await dict.get(key), `${version}`);
  }
}
