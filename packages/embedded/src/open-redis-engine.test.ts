import { serviceSuite } from "@everdict/engine/suite";
import type { DictService } from "@everdict/protocol";
import { CallSpreader, RedisCluster, RedisServer, redisIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRedisEngine, type RedisEngine } from "./redis.ts";

let prefixesMade = 0;

/**
 * The suite on engines that share nothing but the cluster: calls go to one and the other in turn, save that calls
 * under way together go to the same, since only there they have an order.
 */
function suiteOn(name: string, url: () => string): void {
  serviceSuite({
    describe,
    test,
    name,
    async open(options) {
      let nowMs = Date.UTC(2026, 0, 1);
      const prefix = `service-${process.pid}-${prefixesMade++}:`;
      const openOne = () =>
        openRedisEngine({
          ...options,
          url: url(),
          redis: { prefix },
          clock: () => nowMs,
          sweepIntervalMs: 0,
        });
      const engines = [await openOne(), await openOne()] as const;
      let turns = 0;
      const spreader = new CallSpreader((count) => ++turns % count);
      const either = (caller: { id: string; name: string }): DictService =>
        spreader.over(engines.map((engine) => engine.serviceFor(caller)));
      return {
        service: either({ id: "one", name: "One" }),
        otherCaller: either({ id: "two", name: "Two" }),
        advance: (ms) => {
          nowMs += ms;
        },
        sweep: () => engines[spreader.turn(engines.length)]!.sweep(),
        async destroy() {
          await Promise.all(engines.map((engine) => engine.close()));
        },
      };
    },
  });
}

describe.skipIf(!redisIsSetUp())("two engines on one cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ nodeTimeoutMs: 5_000 });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  suiteOn("embedded, redis, two engines in turn", () => `redis://${cluster.hosts}`);
});

describe.skipIf(!redisIsSetUp())("openRedisEngine", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.startAlone("--requirepass", "secret");
  });
  afterAll(() => server.destroy());

  const open = (rest: string): Promise<RedisEngine> => openRedisEngine({ url: `redis://${rest}` });

  test("refuses servers that do not keep what the profile promises, and says what is wrong", async () => {
    await expect(open(`:secret@${server.address}`)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/0 replica\(s\), profile 'replicated' waits for 1.*appendonly is 'no'/),
    });
    await expect(open(`:secret@${server.address}?profile=fast`)).rejects.toMatchObject({ code: "conflict" });
  });

  test("opens on them if that is asked for", async () => {
    for (const query of ["profile=cache", "profile=fast&allowUnsafe=true"]) {
      const engine = await open(`:secret@${server.address}?${query}`);
      expect(engine.storeStats()).toMatchObject({ dataLoss: 0, servers: 1 });
      await engine.close();
    }
  });

  test.each([
    ["", "NOAUTH"],
    [":wrong@", "WRONGPASS"],
    ["nobody:secret@", "WRONGPASS"],
  ])("says that the servers refuse the user: '%s'", async (access, reason) => {
    await expect(open(`${access}${server.address}?profile=cache`)).rejects.toMatchObject({
      code: "permission_denied",
      message: expect.stringContaining(reason),
    });
  });
});
