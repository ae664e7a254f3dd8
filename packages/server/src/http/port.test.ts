import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { constants } from "node:http2";
import { type AddressInfo, connect, createServer } from "node:net";
import { pipeline, Transform } from "node:stream";
import { createError, Status } from "@everdict/protocol";
import { DictLenRequestSchema } from "@everdict/protocol/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { framed } from "../../testing/messages.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { connectTo, exchange } from "../../testing/raw-socket.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { waitFor } from "../../testing/wait-for.ts";

const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });

/** Passes bytes on one by one, each in a turn of the event loop of its own. */
function splitter(): Transform {
  return new Transform({
    readableHighWaterMark: 1,
    async transform(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) {
        this.push(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      done();
    },
  });
}

let ready = true;
let server: TestServer;

beforeAll(async () => {
  const getDictById = async () => {
    throw createError(ready ? "dict_not_found" : "store_closed", "as the test wants it");
  };
  server = await startTestServer({ len: async () => 1, getDictById }, { healthIntervalMs: 10 });
});

afterAll(() => server.close());

describe("over HTTP/1.1", () => {
  test("health, readiness, the page and what is not there are answered", async () => {
    const get = async (path: string) => {
      const response = await fetch(server.url + path);
      return [response.status, await response.text()] as const;
    };
    expect(await get("/healthz")).toEqual([200, "ok\n"]);
    expect(await get("/readyz")).toEqual([200, "ready\n"]);
    ready = false;
    await waitFor(async () => (await get("/readyz"))[0] === 503);
    expect((await get("/readyz"))[1]).toBe("not ready\nengine failed: it does not answer\n");
    ready = true;
    await waitFor(async () => (await get("/readyz"))[0] === 200);
    expect((await get("/"))[1]).toContain(`MODAL_SERVER_URL=${server.url}`);
    expect((await get("/nothing"))[0]).toBe(404);
  });

  test("HEAD has the headers of GET and no body", async () => {
    const response = await fetch(`${server.url}/healthz`, { method: "HEAD" });
    expect([response.headers.get("content-length"), await response.text()]).toEqual(["3", ""]);
  });

  test("several requests share one connection, also when their bytes come one by one", async () => {
    const socket = await connectTo(server.url);
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    const text =
      "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for (const character of text) {
      socket.write(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await once(socket, "close");
    expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(received).toContain("ok\n");
    expect(received).toContain("ready\n");
  });

  test.each(["websocket", "everdict"])("an upgrade to %s is refused cleanly", async (protocol) => {
    const { port } = new URL(server.url);
    const request = httpRequest({ port, headers: { connection: "Upgrade", upgrade: protocol } });
    request.end();
    const [response] = await once(request, "response");
    expect(response.statusCode).toBe(501);
    response.resume();
    await once(response, "close");
  });

  test("an upgrade to HTTP/2 is ignored and the request answered", async () => {
    const headers =
      "host: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n";
    const answer = await exchange(server.url, Buffer.from(`GET /healthz HTTP/1.1\r\n${headers}\r\n`), 300);
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK.*ok\n$/s);
  });

  test("a gRPC call is told to use HTTP/2", async () => {
    const path = "/modal.client.ModalClient/DictLen";
    const response = await fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/grpc" },
    });
    expect(response.status).toBe(426);
  });
});

describe("over HTTP/2", () => {
  test("the same pages are answered", async () => {
    await using client = new RawClient(server.url);
    const headers = { ":method": "GET", "content-type": undefined, te: undefined };
    const health = await client.call("/healthz", { headers });
    expect([health.headers[":status"], health.body.toString()]).toEqual([200, "ok\n"]);
    const page = await client.call("/", { headers });
    expect(page.body.toString()).toContain(`MODAL_SERVER_URL=${server.url}`);
    expect((await client.call("/nothing", { headers })).headers[":status"]).toBe(404);
    const head = await client.call("/healthz", { headers: { ...headers, ":method": "HEAD" } });
    expect([head.headers[":status"], head.body.length]).toEqual([200, 0]);
    const post = await client.call("/healthz", {
      headers: { ...headers, ":method": "POST" },
      chunks: [lenRequest],
    });
    expect(post.headers[":status"]).toBe(405);
  });

  test("calls are answered also when every byte comes by itself", async () => {
    const proxy = createServer((client) => {
      const upstream = connect(server.port, "127.0.0.1").setNoDelay();
      upstream.pipe(client);
      pipeline(client, splitter(), upstream, () => client.destroy());
    });
    await once(proxy.listen(0, "127.0.0.1"), "listening");
    await using client = new RawClient(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
    proxy.close();
  });

  test("more streams than are allowed at once are refused one by one, and the connection goes on", async () => {
    await using client = new RawClient(server.url);
    const calls = Array.from({ length: 5000 }, () => client.call("DictLen", { chunks: [lenRequest] }));
    const statuses = (await Promise.all(calls)).map(({ status, rstCode }) => status ?? `reset ${rstCode}`);
    expect(statuses.filter((status) => status === Status.OK).length).toBeGreaterThanOrEqual(4096);
    expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
  });

  test("headers above the limit are refused, and the connection goes on", async () => {
    // Without this the client's own limit would be reached first, and nothing be sent.
    await using client = new RawClient(server.url, { maxSendHeaderBlockLength: 1_000_000 });
    const ok = async () =>
      expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
    // The limit holds from when the client has acknowledged it.
    await ok();
    const large = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`x-large-${index}`, "x".repeat(10_000)]),
    );
    const answer = await client.call("DictLen", { chunks: [lenRequest], headers: large });
    expect(answer).toMatchObject({ status: undefined, rstCode: constants.NGHTTP2_ENHANCE_YOUR_CALM });
    await ok();
  });
});
