// Pages while the cluster changes under them: a slot moves, a master is killed, and another node reads on.
import type { PageRequest } from "@everdict/protocol";
import { moveSlot, redisIsSetUp, seededRandom } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { safe } from "../testing/chaos/chaos-parameters.ts";
import { ChaosWorld } from "../testing/chaos/chaos-world.ts";
import { loadEntries } from "../testing/chaos/under-load.ts";

const count = 20_000;
const limit = 250;

describe.skipIf(!redisIsSetUp())("pages on a cluster", () => {
  test("show every entry once over a failover and a move, whoever reads them", {
    timeout: 120_000,
  }, async () => {
    await using world = await ChaosWorld.start(seededRandom(7), { replicas: 2 }, safe);
    const first = await world.openWithDict(loadEntries(count));
    const nodes = [first, await world.open()];
    // In the middle of the third shard, and of the sixth.
    const moves = 2 * Math.floor(count / 16 / limit) + 2;
    const fails = 5 * Math.floor(count / 16 / limit) + 3;
    const seen: string[] = [];
    let after: PageRequest["after"];
    let pages = 0;
    do {
      const page = await nodes[pages % 2]!.page(world.dictId, { limit, values: true, after });
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      seen.push(...page.entries.map(({ key }) => Buffer.from(key).toString()));
      after = page.next;
      pages++;
      if (pages === moves) {
        const from = await world.cluster.ownerOf(world.slots[2]!);
        const to = (await world.owners()).find((owner) => owner !== from)!;
        await moveSlot(from, to, world.slots[2]!);
      }
      if (pages === fails) {
        world.slot = world.slots[5]!;
        const { master } = await world.victim();
        await master.server.kill();
        await world.failedOver(master);
      }
    } while (after !== undefined);
    expect(pages).toBeGreaterThanOrEqual(count / limit);
    expect(seen).toHaveLength(count);
    expect(new Set(seen).size).toBe(count);
  });
});
