import { describe, expect, test } from "vitest";
import { RedisCluster } from "./redis-cluster.ts";
import { redisCommand } from "./redis-command.ts";
import { redisIsSetUp } from "./redis-program.ts";

describe.skipIf(!redisIsSetUp())("RedisCluster", () => {
  test("serves every slot with replicas in step, and ends without a trace", async () => {
    const cluster = await RedisCluster.start();
    const ports = cluster.members.map(({ port }) => port);
    try {
      const owners = await Promise.all([0, 8_192, 16_383].map((slot) => cluster.ownerOf(slot)));
      expect(owners.map(({ port }) => port)).toEqual(ports.slice(0, 3));
      expect((await cluster.replicasOf(owners[1]!)).map(({ port }) => port)).toEqual([ports[4]]);
      expect(await redisCommand(ports[0]!, "SET", "{06S}:a", "1")).toBe("OK");
      await expect(redisCommand(ports[2]!, "GET", "{06S}:a")).rejects.toThrow(/MOVED 0 /);
    } finally {
      await cluster[Symbol.asyncDispose]();
    }
    await expect(redisCommand(ports[0]!, "PING")).rejects.toThrow("ECONNREFUSED");
  });
});
