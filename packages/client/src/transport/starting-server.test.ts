// Services that start together: a call that comes before its server waits for it.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { openMemoryEngine } from "@everdict/embedded";
import { type Authenticator, startServer } from "@everdict/server";
import { refusedConnections } from "@everdict/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Client, Dict } from "../index.ts";

const token = { tokenId: "ak-1", tokenSecret: "as-1" };
const authenticator: Authenticator = {
  authenticate: (id, secret) => (secret === token.tokenSecret ? { id, name: "ada" } : undefined),
  isCurrent: () => true,
  describe: () => undefined,
};
let engine: Awaited<ReturnType<typeof openMemoryEngine>>;
const cleanUps: (() => unknown)[] = [];

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await engine.close();
});

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startAt(port: number): Promise<void> {
  const server = await startServer({ engine, authenticator, port, shutdownGraceMs: 100 });
  cleanUps.push(() => server.close());
}

/** More than a client used to try before it gave up. */
const failures = 8;

test.each([
  ["a session", "http", "session"],
  ["a WebSocket", "ws", undefined],
  ["gRPC", "http", "grpc"],
  ["whatever the server has", "http", undefined],
] as const)("over %s a first call waits for its server", async (_title, scheme, transport) => {
  const port = await freePort();
  const client = Client.connect({ url: `${scheme}://127.0.0.1:${port}`, ...token, transport });
  cleanUps.push(() => client.close());
  const dict = Dict.fromName<string, number>("d", { client, createIfMissing: true });
  const calls = [dict.put("a", 1, { timeoutMs: 20_000 }), dict.put("b", 2), client.environments.list()];
  await refusedConnections(port, failures);
  await startAt(port);
  expect(await Promise.all(calls)).toMatchObject([true, true, [{ name: "main" }]]);
});

test("over gRPC a first iteration waits as well", async () => {
  const port = await freePort();
  const client = Client.connect({ url: `http://127.0.0.1:${port}`, ...token, transport: "grpc" });
  cleanUps.push(() => client.close());
  const service = await client.service();
  const keys = service.contents("di-0000000000000000000000", { keys: true, values: false });
  const first = keys[Symbol.asyncIterator]().next();
  await refusedConnections(port, failures);
  await startAt(port);
  await expect(first).rejects.toMatchObject({ code: "dict_not_found" });
});

test("who turns connections away for a while, as in a flood, is asked again", async () => {
  const port = await freePort();
  let refused = 0;
  const flooded = createServer((socket) => {
    refused++;
    socket.destroy();
    if (refused < 8) return;
    flooded.close(() => void startAt(port));
  }).listen(port, "127.0.0.1");
  const client = Client.connect({ url: `http://127.0.0.1:${port}`, ...token });
  cleanUps.push(() => client.close());
  expect(await client.environments.list({ timeoutMs: 20_000 })).toHaveLength(1);
  expect(refused).toBeGreaterThanOrEqual(8);
});

test.each(["session", "grpc"] as const)("over %s the wait ends when it is told to", async (transport) => {
  const url = `http://127.0.0.1:${await freePort()}`;
  for (const waitForServerMs of [0, 600]) {
    const client = Client.connect({ url, ...token, transport, waitForServerMs });
    await expect(client.environments.list()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("nobody listens"),
    });
    await client.close();
  }
});

test.each(["session", "grpc"] as const)(
  "over %s a token that is refused is told at once",
  async (transport) => {
    const port = await freePort();
    await startAt(port);
    const url = `http://127.0.0.1:${port}`;
    const client = Client.connect({ url, ...token, tokenSecret: "as-2", transport, waitForServerMs: 1e9 });
    await expect(client.environments.list()).rejects.toMatchObject({ code: "unauthenticated" });
    await client.close();
  },
);
