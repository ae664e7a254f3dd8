// Profile `strict` on a real shard with two replicas: a write is acknowledged when both have it, and not before.
import { RedisCluster, redisIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProfileName } from "../servers/profiles.ts";
import { bytes, text } from "../testing/store-fixture.ts";
import { openRedisStore } from "./open-redis-store.ts";
import type { RedisStore } from "./redis-store.ts";

describe.skipIf(!redisIsSetUp())("profile strict", () => {
  let cluster: RedisCluster;
  const dictId = "di-strict";
  const opened: RedisStore[] = [];

  beforeAll(async () => {
    cluster = await RedisCluster.start({ masters: 1, replicas: 2, nodeTimeoutMs: 15_000 });
    const store = await open("strict", 20_000);
    await store.createEnvironment("en-strict", "main");
    const request = { environmentId: "en-strict", name: "strict", createdBy: "somebody", data: [] };
    await store.createDict({ ...request, id: dictId, expiry: { policy: "never" } });
  });
  afterAll(async () => {
    for (const { server } of cluster.members) server.resume();
    await Promise.all(opened.map((store) => store.close()));
    await cluster[Symbol.asyncDispose]();
  });

  const open = async (profile: ProfileName, deadlineMs: number): Promise<RedisStore> => {
    const store = await openRedisStore({ servers: cluster.hosts.split(","), profile, deadlineMs });
    opened.push(store);
    return store;
  };
  const put = (store: RedisStore, value: string) =>
    store.update(dictId, [{ key: bytes("a"), value: bytes(value) }]);

  test("is opened on masters with two replicas, with warnings of what could be better", async () => {
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const servers = cluster.hosts.split(",");
    opened.push(await openRedisStore({ servers, profile: "strict", onWarning }));
    expect(warnings.join("\n")).toMatch(/no replica to spare/);
    expect(warnings.join("\n")).toMatch(/appendfsync is 'everysec'/);
  });

  test("acknowledges nothing while a replica is missing, where 'replicated' goes on; reads go on", async () => {
    const [strict, replicated] = await Promise.all([open("strict", 1_500), open("replicated", 1_500)]);
    await put(strict, "on both");
    const [missing] = await cluster.replicasOf(await cluster.ownerOf(0));
    missing!.server.pause();
    await put(replicated, "on one");
    await expect(put(strict, "not on both")).rejects.toMatchObject({ code: "unavailable" });
    expect(strict.counters().notReplicated).toBe(1);
    expect(text(await strict.get(dictId, bytes("a")))).toBe("not on both");
    const patient = await open("strict", 20_000);
    const held = put(patient, "on both again");
    await expect.poll(() => patient.counters().waitShortfalls, { timeout: 10_000 }).toBeGreaterThan(0);
    missing!.server.resume();
    await held;
    expect(patient.counters().notReplicated).toBe(0);
  });
});
