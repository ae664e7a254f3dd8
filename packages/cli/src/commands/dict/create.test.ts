import { Client, Dict } from "everdict";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runInProcess } from "../../../test-support/run-in-process.ts";

const url = "memory:wishes";
let client: Client;
beforeAll(async () => {
  vi.stubEnv("EVERDICT_URL", url);
  client = Client.connect({ url });
  // Held open: what is in memory goes with its last client.
  await client.service();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await client.close();
});

const create = (...args: string[]) =>
  runInProcess(["dict", "create", ...args], { variables: { EVERDICT_URL: url } });

test("to ask an existing dict for another policy is a failure that says so; to ask for the same is none", async () => {
  const kept = Dict.fromName("kept", { client });
  await create("kept", "--expiry", "1d-after-use");
  const { expiry } = await kept.info();
  expect(expiry).toEqual({ policy: "afterUse", ttlMs: 86_400_000 });
  for (const flags of [[], ["--json"]]) {
    const refused = await create("kept", "--expiry", "never", ...flags);
    expect({ ...refused, stderr: refused.stderr.replaceAll('\\"', '"') }).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining(
        `Dict 'kept' exists with expiry { policy: "afterUse", ttlMs: 86400000 }, not { policy: "never" }`,
      ),
    });
  }
  for (const wishes of [[], ["--expiry", "1d-after-use"]])
    expect(await create("kept", ...wishes)).toMatchObject({ status: 0, stderr: "" });
});
