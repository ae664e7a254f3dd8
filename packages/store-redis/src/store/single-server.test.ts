// The conformance suites on one server without Cluster mode.

import { modelSuite, storeSuite } from "@everdict/store/suite";
import { RedisServer, redisIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, test } from "vitest";
import { openerOn, redisCapabilities } from "../testing/conformance.ts";

describe.skipIf(!redisIsSetUp())("one server", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.startAlone("--appendonly", "yes");
  });
  afterAll(() => server.destroy());

  const open = openerOn(() => ({ servers: [server.address], profile: "fast" }));
  const options = { describe, test, capabilities: redisCapabilities, canCrash: true, open };
  storeSuite({ ...options, name: "one Redis server" });
  modelSuite({ ...options, name: "one Redis server", runs: 6 });
});
