// Letting go of a server that stands still. The server is a process of its own, which is stopped.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type EverdictProcess, repositoryRoot, startEverdict } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, Dict } from "../index.ts";

let server: EverdictProcess;
beforeEach(async () => {
  server = await startEverdict({ memory: true });
});
afterEach(async () => {
  process.kill(server.pid, "SIGCONT");
  await server[Symbol.asyncDispose]();
});

const freeze = () => process.kill(server.pid, "SIGSTOP");

async function connected(transport: "session" | "grpc") {
  const client = Client.connect({ url: server.serverUrl, ...server.token, transport });
  const dict = Dict.fromName<string, string>("d", { client, createIfMissing: true });
  await dict.put("a", "1");
  return { client, dict };
}

describe.each(["session", "grpc"] as const)("over %s", (transport) => {
  test("close() ends what is not answered within its limit", async () => {
    const { client, dict } = await connected(transport);
    freeze();
    const calls = [dict.get("a"), dict.put("b", "2"), dict.pop("a")].map((call) =>
      call.catch((error) => error.code),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await client.close({ timeoutMs: 200 });
    expect(await Promise.all(calls)).toEqual(["unavailable", "unavailable", "unavailable"]);
    await expect(dict.get("a")).rejects.toMatchObject({ code: "unavailable" });
  });

  test("close() without a limit waits no longer than a server that stops", async () => {
    const { client, dict } = await connected(transport);
    freeze();
    const call = dict.get("a").catch((error) => error.code);
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    expect(await call).toBe("unavailable");
  });

  test("calls that are answered are finished first, and none is a defect", async () => {
    const { client, dict } = await connected(transport);
    const calls = Array.from({ length: 50 }, (_, index) =>
      dict.put(`k${index}`, "v").catch((error: { code: string }) => error.code),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const closing = client.close();
    const late = dict.get("a").catch((error: { code: string }) => error.code);
    await closing;
    expect(new Set(await Promise.all(calls))).toEqual(new Set([true]));
    // A connection of gRPC takes nothing more from the moment of the close, a session finishes this turn's calls, too.
    expect(await late).toBe(transport === "session" ? "1" : "unavailable");
  });

  test("an iteration that is open does not hold the process of who has closed", async () => {
    const program = `
      import { Client, Dict } from ${JSON.stringify(join(repositoryRoot, "packages/client/dist/index.js"))};
      const client = Client.connect({ transport: "${transport}" });
      const dict = Dict.fromName("d", { client, createIfMissing: true });
      await dict.update(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => ["k" + i, "x".repeat(3000)])));
      await dict.items()[Symbol.asyncIterator]().next();
      process.kill(${server.pid}, "SIGSTOP");
      await client.close();
    `;
    const { tokenId, tokenSecret } = server.token;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      env: { EVERDICT_URL: server.serverUrl, EVERDICT_TOKEN_ID: tokenId, EVERDICT_TOKEN_SECRET: tokenSecret },
      stdio: "inherit",
      // Half of what a connection that is given up as dead takes.
      timeout: 15_000,
    });
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
