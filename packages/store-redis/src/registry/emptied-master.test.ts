// A master of a cluster that lost everything, as FLUSHALL or a restart without its log leaves it: no call on what was
// there answers absence, through a process that knew it or one that starts afterwards.
import { EverdictError } from "@everdict/protocol";
import { RedisCluster, redisCommand, redisIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { bytes, StoreFixture, text } from "../testing/store-fixture.ts";

const keys = Array.from({ length: 20 }, (_, index) => `key ${index}`);
const masters = 3;

describe.skipIf(!redisIsSetUp())("one of three masters came back empty", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ masters, replicas: 0 });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  /** `there`, or `lost` if the call says so; anything else is a failure. */
  async function seen<Answer>(call: () => Answer | Promise<Answer>, isThere: (answer: Answer) => boolean) {
    try {
      expect(isThere(await call())).toBe(true);
      return "there";
    } catch (error) {
      if (!(error instanceof EverdictError && error.code === "data_loss")) throw error;
      return "lost";
    }
  }

  test.each(Array.from({ length: masters }, (_, index) => [index]))(
    "master %i",
    async (index) => {
      const fixture = new StoreFixture(
        () => ({ servers: cluster.hosts.split(","), profile: "fast" }),
        () => cluster.members.map(({ port }) => port),
      );
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      const store = await fixture.open({ onWarning });
      const data = keys.map((key) => ({ key: bytes(key), value: bytes(`value of ${key}`) }));
      const named = await Promise.all(
        Array.from({ length: 8 }, (_, count) => fixture.createDict(store, { name: `dict-${count}`, data })),
      );
      const ephemeral = await Promise.all(
        Array.from({ length: 8 }, () => fixture.createDict(store, { lifeMs: 60_000, data })),
      );

      await redisCommand(cluster.members[index]!.port, "FLUSHALL");

      const count = { there: 0, lost: 0 };
      const look = async (node: RedisStore): Promise<void> => {
        const { environmentId } = fixture;
        count[
          await seen(
            () => node.findEnvironment("main"),
            (found) => found?.id === environmentId,
          )
        ]++;
        count[
          await seen(
            () => node.listDicts({ environmentId }),
            (list) => list.length === named.length,
          )
        ]++;
        for (const { id, name } of named) {
          count[
            await seen(
              () => node.findDict(environmentId, name),
              (found) => found?.id === id,
            )
          ]++;
        }
        for (const { id } of [...named, ...ephemeral]) {
          count[
            await seen(
              () => node.getDict(id),
              (found) => found?.id === id,
            )
          ]++;
          count[
            await seen(
              () => node.len(id),
              (length) => length === keys.length,
            )
          ]++;
          for (const key of keys) {
            const isThere = (value: Uint8Array | undefined) => text(value) === `value of ${key}`;
            count[await seen(() => node.get(id, bytes(key)), isThere)]++;
            count[await seen(() => node.contains(id, bytes(key)), Boolean)]++;
          }
          // And what writes.
          count[
            await seen(
              () => node.pop(id, bytes("never")),
              (value) => value === undefined,
            )
          ]++;
        }
      };
      await look(store);
      const fresh = await fixture.open({ onWarning }).catch((error) => {
        expect(error).toMatchObject({ code: "data_loss" });
      });
      if (fresh !== undefined) await look(fresh);
      console.log(`master ${index}: ${count.there} answers as before, ${count.lost} data_loss, 0 absent`);
      expect(count.lost).toBeGreaterThan(20);
      expect(store.counters().dataLoss).toBeGreaterThan(0);
      expect(warnings.some((warning) => warning.includes("a server lost its data"))).toBe(true);
      await fixture.close();
    },
    60_000,
  );
});
