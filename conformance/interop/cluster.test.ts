// The newest client against a server on a Redis cluster: the same cases, the same answers.
import { RedisCluster, redisIsSetUp } from "@everdict/testkit";
import { describe } from "vitest";
import { interopSuite } from "./interop-suite.ts";

describe.skipIf(!redisIsSetUp())("on a Redis cluster", () => {
  interopSuite("newest", async () => {
    const cluster = await RedisCluster.start({ nodeTimeoutMs: 5_000 });
    return {
      serverArgs: ["--store", `redis://${cluster.hosts}`],
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  });
});
