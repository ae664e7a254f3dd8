import { RedisServer } from "@everdict/testkit";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { StoreFixture } from "./store-fixture.ts";

/** What a test on one server has. */
export interface SingleServer {
  readonly server: RedisServer;
  /** A key space of the test's own. */
  readonly fixture: StoreFixture;
  /** A store that is open on it. */
  readonly store: RedisStore;
}

/** Starts one server for the tests of this block, and hands each its own key space and store before it begins. */
export function onSingleServer(begin: (world: SingleServer) => void): void {
  let server: RedisServer;
  let fixture: StoreFixture;

  beforeAll(async () => {
    server = await RedisServer.startAlone("--appendonly", "yes");
  });
  afterAll(() => server.destroy());
  beforeEach(async () => {
    fixture = new StoreFixture(
      () => ({ servers: [server.address], profile: "fast" }),
      () => [server.port],
    );
    begin({ server, fixture, store: await fixture.open() });
  });
  afterEach(() => fixture.close());
}
