import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Status } from "@everdict/protocol";
import { DictLenRequestSchema } from "@everdict/protocol/api";
import { http2Start } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { framed } from "../../testing/messages.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { authHeaders, startTestServer, type TestServer } from "../../testing/test-server.ts";
import { waitFor } from "../../testing/wait-for.ts";
import { pipelinedRequestsMax } from "../connections/connection-limits.ts";

const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });
const mib = 1024 * 1024;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ len: async () => 1 }, { shutdownGraceMs: 200 });
});
afterAll(() => server.close());

/** A client that never closes its half, whatever the server does. */
async function halfOpen(
  text: string,
): Promise<{ socket: Socket; received: () => string; ended: Promise<unknown> }> {
  const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(socket, "connect");
  const ended = once(socket, "end");
  socket.write(text);
  return { socket, received: () => Buffer.concat(chunks).toString("latin1"), ended };
}

/** Resolves when the server has let go of a connection: then the system answers what is sent on it with a reset. */
async function letGo(socket: Socket): Promise<void> {
  await waitFor(() => {
    if (!socket.destroyed) socket.write("x");
    return socket.destroyed;
  }, 10_000);
}

const upgrade = (path: string, protocol: string, more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${more}\r\n`;
const webSocket = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const badToken = "x-modal-token-id: ak-x\r\nx-modal-token-secret: as-x\r\n";

describe("what is refused is not left half open", () => {
  test.each([
    ["an upgrade to something else", upgrade("/", "something"), / 501 /],
    ["an upgrade to something else where sessions are", upgrade("/session", "something"), / 426 /],
    [
      "an upgrade to a WebSocket without our subprotocol",
      upgrade("/session", "websocket", webSocket),
      / 426 /,
    ],
    ["a session with a bad token", upgrade("/session", "everdict-session", badToken), / 401 /],
    ["a request that is none", "HELLO\r\n\r\n", / 400 /],
    ["gRPC over HTTP/1.1", "POST / HTTP/1.1\r\nHost: x\r\ncontent-type: application/grpc\r\n\r\n", / 426 /],
  ])("%s", async (_what, text, answer) => {
    const { socket, received, ended } = await halfOpen(text);
    await ended;
    expect(received()).toMatch(answer);
    await letGo(socket);
  });

  test("500 refused upgrades whose clients never close leave no connection", async () => {
    const clients = await Promise.all(
      Array.from({ length: 500 }, () => halfOpen(upgrade("/session", "everdict-session", badToken))),
    );
    await Promise.all(clients.map(({ ended }) => ended));
    await waitFor(() => {
      const left = clients.filter(({ socket }) => !socket.destroyed);
      for (const { socket } of left) socket.write("x");
      return left.length === 0;
    }, 10_000);
  }, 20_000);
});

describe("over HTTP/1.1", () => {
  test("requests sent ahead are answered up to a limit; more end the connection", async () => {
    const get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    const few = await halfOpen(get.repeat(pipelinedRequestsMax));
    await waitFor(() => few.received().split("200 OK").length - 1 === pipelinedRequestsMax);
    few.socket.destroy();
    const many = await halfOpen(get.repeat(2000));
    await Promise.race([many.ended, once(many.socket, "close")]);
    expect(many.received().split("200 OK").length - 1).toBeLessThanOrEqual(pipelinedRequestsMax);
  });

  test("a body is not read for long, and the page is answered", async () => {
    const { socket, received } = await halfOpen(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${1024 * mib}\r\n\r\n${"x".repeat(1000)}`,
    );
    await waitFor(() => received().includes(" 405 "));
    const before = socket.bytesWritten;
    const chunk = "x".repeat(mib);
    await waitFor(() => {
      if (!socket.destroyed && socket.writableLength === 0) socket.write(chunk);
      return socket.destroyed;
    });
    expect(socket.bytesWritten - before).toBeLessThan(16 * mib);
  });
});

describe("over HTTP/2", () => {
  test.each([1000, 3000])("%d calls at once on a new connection are all answered", async (count) => {
    await using client = new RawClient(server.url);
    const calls = Array.from({ length: count }, () => client.call("DictLen", { chunks: [lenRequest] }));
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect(statuses.every((status) => status === Status.OK)).toBe(true);
  });

  test("calls with a good token are answered among any number with a bad one", async () => {
    await using client = new RawClient(server.url);
    const call = (isGood: boolean) =>
      client.call("DictLen", {
        chunks: [lenRequest],
        headers: isGood ? authHeaders : { "x-modal-token-secret": "as-wrong" },
      });
    const answers = await Promise.all(
      Array.from({ length: 600 }, async (_, index) => ({ index, answer: await call(index % 3 === 0) })),
    );
    for (const { index, answer } of answers) {
      if (index % 3 === 0) expect(answer.status).toBe(Status.OK);
      else expect(answer.status ?? Status.UNAUTHENTICATED).toBe(Status.UNAUTHENTICATED);
    }
    expect(client.session.destroyed).toBe(false);
  });

  test("a body to a page is not read for long", async () => {
    await using client = new RawClient(server.url);
    const stream = client.open("/", { ":method": "POST", "content-type": "text/plain" });
    const chunk = Buffer.alloc(64 * 1024);
    let sentBytes = 0;
    const pump = (): void => {
      if (stream.destroyed) return;
      sentBytes += chunk.length;
      stream.write(chunk, () => setImmediate(pump));
    };
    pump();
    stream.resume();
    await once(stream, "close");
    expect(sentBytes).toBeLessThan(32 * mib);
  });

  test("beginning with more requests than a stranger may make, none of them with a token, ends the connection", async () => {
    await using client = new RawClient(server.url);
    const headers = { ":method": "GET", "content-type": undefined, te: undefined };
    const pages = Array.from({ length: 200 }, () =>
      client.call("/", { headers: { ...headers, ...noToken } }),
    );
    const answers = await Promise.all(pages);
    expect(answers.filter((answer) => String(answer.headers[":status"]) === "200").length).toBeLessThan(200);
    await waitFor(() => client.session.destroyed);
  });

  test("a client that says no more than the preface is closed in order, and then at once", async () => {
    const { socket, ended } = await halfOpen(http2Start().toString("latin1"));
    await ended;
    await letGo(socket);
  }, 30_000);
});

const noToken = { "x-modal-token-id": undefined, "x-modal-token-secret": undefined };
