import { type EverdictProcess, startEverdict } from "@everdict/testkit";
import { Client } from "everdict";
import { afterAll, beforeAll } from "vitest";
import { startBrowser, type TestBrowser } from "./browser.ts";

/** What the tests of one file share, from before the first to after the last. */
export interface Stage {
  server: EverdictProcess;
  browser: TestBrowser;
  /** With the token of the server, which may do everything. */
  client: Client;
}

/** Starts a server and a browser for the tests of a file. */
export function dashboardStage(): Stage {
  const stage: Partial<Stage> = {};
  beforeAll(async () => {
    [stage.server, stage.browser] = await Promise.all([startEverdict(), startBrowser()]);
    stage.client = Client.connect({ url: stage.server.url, ...stage.server.token });
  });
  afterAll(async () => {
    await stage.client?.close();
    await stage.browser?.[Symbol.asyncDispose]();
    await stage.server?.[Symbol.asyncDispose]();
  });
  // The tests begin when all of it is there.
  return stage as Stage;
}
