// The conformance suites on a real cluster: three masters with a replica each, every write acknowledged by it. With
// EVERDICT_TEST_REPLICAS=2 on one with two each.
import { modelSuite, storeSuite } from "@everdict/store/suite";
import { RedisCluster, redisIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, test } from "vitest";
import { openerOn, redisCapabilities } from "../testing/conformance.ts";

const replicas = Number(process.env.EVERDICT_TEST_REPLICAS ?? 1);
const name = `3+${3 * replicas} Redis Cluster`;

describe.skipIf(!redisIsSetUp())(name, () => {
  let cluster: RedisCluster;

  beforeAll(async () => {
    cluster = await RedisCluster.start({ nodeTimeoutMs: 5_000, replicas });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  const open = openerOn(() => ({ servers: cluster.hosts.split(",") }));
  const options = { describe, test, capabilities: redisCapabilities, canCrash: true, open };
  storeSuite({ ...options, name });
  modelSuite({ ...options, name, runs: 6, seed: 101 });
});
