import { once } from "node:events";
import type { Socket } from "node:net";
import { goawayCode, Http2Type, http2Frame, http2Start } from "@everdict/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RawClient } from "../../testing/raw-client.ts";
import { getRequest, rawGet, wideOpen } from "../../testing/raw-get.ts";
import { connectTo } from "../../testing/raw-socket.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { waitFor } from "../../testing/wait-for.ts";

const valueBytes = 40 * 1024 * 1024;

let server: TestServer;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  server = await startTestServer({ get: async () => new Uint8Array(valueBytes) });
});
afterEach(async () => {
  await server.close();
  vi.useRealTimers();
});

/** A connection that has sent something, and what came back. */
async function connected(bytes: Uint8Array): Promise<{ socket: Socket; received: () => Buffer }> {
  const socket = await connectTo(server.url);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  return { socket, received: () => Buffer.concat(chunks) };
}

/** Lets the watch look so often, and what it does happen. */
async function looks(count: number): Promise<void> {
  for (let look = 0; look < count; look++) {
    await vi.advanceTimersByTimeAsync(1000);
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a connection that broke the protocol is told why, and closed", async () => {
  const dataOfNoStream = http2Frame({ type: Http2Type.data, payload: Buffer.alloc(3) });
  const { socket, received } = await connected(Buffer.concat([http2Start(), dataOfNoStream]));
  await waitFor(() => goawayCode(received()) !== undefined);
  expect(goawayCode(received())).toBe(1);
  const closed = once(socket, "close");
  await looks(2);
  await closed;
});

test("a connection whose peer vanished is closed in half a minute; one that answers stays", async () => {
  await using alive = new RawClient(server.url);
  expect((await alive.call("DictGet", { chunks: [getRequest] })).status).toBe(0);
  // The patience with those who never showed a token is shorter.
  const { socket } = await connected(Buffer.concat([...wideOpen, ...rawGet(1)]));
  await waitFor(() => server.calls.length === 2);
  let isClosed = false;
  socket.on("close", () => {
    isClosed = true;
  });
  await looks(25);
  expect(isClosed).toBe(false);
  await looks(10);
  await waitFor(() => isClosed);
  await looks(200);
  expect(alive.session.destroyed).toBe(false);
  expect((await alive.call("DictGet", { chunks: [getRequest] })).status).toBe(0);
});

test("a client that does not read for a while is not taken for a broken one", async () => {
  const bytes = [...wideOpen, ...rawGet(1)];
  const { socket, received } = await connected(Buffer.concat(bytes));
  socket.pause();
  await waitFor(() => server.calls.length === 1);
  await looks(10);
  socket.resume();
  await waitFor(() => socket.bytesRead > valueBytes, 20_000);
  expect(goawayCode(received())).toBeUndefined();
  socket.destroy();
});
