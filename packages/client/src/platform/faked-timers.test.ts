// Programs that put fake timers in the place of the platform's, as jest and vitest do: the client goes on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryEngine } from "@everdict/embedded";
import { startServer } from "@everdict/server";
import { afterEach, expect, test, vi } from "vitest";
import { Client, Dict } from "../index.ts";

afterEach(() => void vi.useRealTimers());

/** Everything by which a test of a program notices that a timer never fires. */
async function useOnce(client: Client): Promise<unknown[]> {
  const dict = Dict.fromName<string, number>("d", { client, createIfMissing: true });
  await dict.put("a", 1);
  await dict.update({ b: 2, c: 3 });
  const entries: unknown[] = [];
  for await (const entry of dict.items()) entries.push(entry);
  await dict.pop("a");
  await dict.clear();
  await client.close();
  return entries;
}

test.each(["file", "memory"])("%s: works and closes, though its engine is loaded later", async (kind) => {
  const directory = mkdtempSync(join(tmpdir(), "everdict-faked-"));
  vi.useFakeTimers();
  const client = Client.connect({ url: kind === "file" ? `file:${directory}` : "memory:faked" });
  expect(await useOnce(client)).toHaveLength(3);
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

test.each(["session", "grpc"] as const)("a server over %s: works and closes", async (transport) => {
  const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  const authenticator = {
    authenticate: () => ({ id: "ak-1", name: "ada" }),
    isCurrent: () => true,
    describe: () => undefined,
  };
  // Node's own modules take turns by the platform's timers, and so does the server, which stands for another process.
  const server = await startServer({ engine, authenticator, port: 0 });
  const client = Client.connect({ url: server.url, tokenId: "ak-1", tokenSecret: "as-1", transport });
  await client.environments.list();
  vi.useFakeTimers();
  expect(await useOnce(client)).toHaveLength(3);
  vi.useRealTimers();
  await server.close();
  await engine.close();
});
