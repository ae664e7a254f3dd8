/** What a running server does when its token file breaks, vanishes and comes back. */

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EverdictProcess, startEverdict, waitUntil } from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { beforeAll, expect, test, vi } from "vitest";
import { buildEverdict } from "../../test-support/run-everdict.ts";

vi.setConfig({ testTimeout: 60_000 });

beforeAll(() => buildEverdict(), 120_000);

function connect(server: EverdictProcess): Client {
  return Client.connect({ url: server.url, ...server.token });
}

/** How often the log says it. */
function times(server: EverdictProcess, said: string): number {
  return server.log().split(said).length - 1;
}

async function readiness(server: EverdictProcess): Promise<string> {
  const response = await fetch(`${server.serverUrl}/readyz`);
  return `${response.status} ${await response.text()}`;
}

test("a token file that breaks while the server runs is said in the log, and tokens stay valid", async () => {
  await using server = await startEverdict();
  const path = join(server.dataDirectory, "tokens.json");
  const good = readFileSync(path, "utf8");
  const client = connect(server);
  const dict = Dict.fromName("jobs", { client, createIfMissing: true });
  await dict.put("a", 1);
  writeFileSync(path, good.slice(0, 40));
  // Nobody calls meanwhile.
  await waitUntil("it is in the log", () => times(server, "the token file cannot be read") > 0);
  expect(await readiness(server)).toMatch(/^200 ready\ntokens degraded: the token file cannot be read/);
  expect(await dict.get("a")).toBe(1);
  const again = connect(server);
  expect(await Dict.fromName("jobs", { client: again }).get("a")).toBe(1);
  await again.close();
  expect(times(server, "the token file cannot be read")).toBe(1);
  renameSync(path, `${path}.broken`);
  writeFileSync(path, good, { mode: 0o600 });
  await waitUntil("it is read again", () => times(server, "is read again") > 0);
  expect(await dict.get("a")).toBe(1);
  expect(await readiness(server)).toBe("200 ready\n");
  rmSync(path);
  await waitUntil("it is in the log", () => times(server, "the token file was removed") > 0);
  expect(await readiness(server)).toMatch(/^503 not ready\ntokens failed: the token file was removed/);
  await expect(dict.get("a")).rejects.toMatchObject({ code: "unauthenticated" });
  expect(server.log()).not.toContain(server.token.tokenSecret);
  await client.close();
});
