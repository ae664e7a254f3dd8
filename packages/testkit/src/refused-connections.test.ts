import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { freePorts } from "./free-ports.ts";
import { refusedConnections } from "./refused-connections.ts";

async function failedConnection(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  await expect(once(socket, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
}

test("connections that are refused are counted, those to other ports and those that are made are not", async () => {
  const [port, other] = await freePorts(2);
  const server = createServer((socket) => socket.end()).listen(other, "127.0.0.1");
  await once(server, "listening");
  let isReached = false;
  const reached = refusedConnections(port!, 2).then(() => {
    isReached = true;
  });
  await once(connect(other!, "127.0.0.1").resume(), "close");
  await new Promise((resolve) => server.close(resolve));
  await failedConnection(port!);
  await failedConnection(other!);
  expect(isReached).toBe(false);
  await failedConnection(port!);
  await reached;
});
