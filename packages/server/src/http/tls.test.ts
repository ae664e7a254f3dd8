import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import { Status } from "@everdict/protocol";
import { DictLenRequestSchema } from "@everdict/protocol/api";
import { http2Start, opensslIsSetUp, selfSignedCertificate } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { framed } from "../../testing/messages.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { gate, waitFor } from "../../testing/wait-for.ts";

const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });

let tls: ReturnType<typeof selfSignedCertificate>;
let server: TestServer;
let answerLen = async () => 1;

beforeAll(async () => {
  if (!opensslIsSetUp()) return;
  tls = selfSignedCertificate();
  server = await startTestServer({ len: () => answerLen() }, { tls, shutdownGraceMs: 5000 });
});

afterAll(() => server?.close());

describe.runIf(opensslIsSetUp())("with TLS, on one port", () => {
  test("gRPC is served to who negotiates HTTP/2", async () => {
    expect(server.url).toMatch(/^https:/);
    await using client = new RawClient(server.url, { ca: tls.cert });
    expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
  });

  test.each([[["http/1.1"]], [undefined]])("pages are served to who negotiates %s", async (ALPNProtocols) => {
    const request = httpsRequest(`${server.url}/healthz`, {
      ca: tls.cert,
      ...(ALPNProtocols && { ALPNProtocols }),
    });
    request.end();
    const [response] = await once(request, "response");
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  test("the page names the address with https", async () => {
    await using client = new RawClient(server.url, { ca: tls.cert });
    const page = await client.call("/", { headers: { ":method": "GET", "content-type": undefined } });
    expect(page.body.toString()).toContain(`MODAL_SERVER_URL=${server.url}`);
  });

  test("what is not TLS is dropped, and the server goes on", async () => {
    await expect(fetch(server.url.replace("https", "http"))).rejects.toMatchObject({
      cause: { code: "UND_ERR_SOCKET" },
    });
    const socket = connect({ port: server.port, host: "127.0.0.1", ca: tls.cert, ALPNProtocols: ["spdy/3"] });
    await once(socket, "error");
    await using client = new RawClient(server.url, { ca: tls.cert });
    expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
  });

  test("who stalls in the handshake or after it is ended, over whatever was negotiated", async () => {
    const host = "127.0.0.1";
    const { port } = server;
    const handshake = (ALPNProtocols: string[], bytes?: Uint8Array) => {
      const socket = connect({ port, host, ca: tls.cert, ALPNProtocols });
      if (bytes !== undefined) socket.write(bytes);
      return socket;
    };
    const halfHello = connectTcp(port, host);
    halfHello.write(Uint8Array.of(22, 3, 1, 2, 0, 1));
    const stalled = [
      connectTcp(port, host),
      halfHello,
      handshake(["h2"]),
      handshake(["h2"], http2Start()),
      handshake(["http/1.1"]),
      handshake(["http/1.1"], Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n")),
    ];
    const closed = stalled.map(async (socket) => {
      socket.on("error", () => {});
      socket.resume();
      await once(socket, "close");
    });
    await Promise.all(closed);
    await using client = new RawClient(server.url, { ca: tls.cert });
    expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
  }, 30_000);

  test("close() finishes what was accepted", async () => {
    const other = await startTestServer({ len: () => answerLen() }, { tls });
    const working = gate<number>();
    answerLen = () => working.opened;
    await using client = new RawClient(other.url, { ca: tls.cert });
    const call = client.call("DictLen", { chunks: [lenRequest] });
    await waitFor(() => other.calls.length === 1);
    const closed = other.close();
    working.open(3);
    expect((await call).status).toBe(Status.OK);
    await closed;
  });

  test("an unusable certificate is an error at the start", async () => {
    await expect(startTestServer({}, { tls: { cert: "no", key: "no" } })).rejects.toMatchObject({
      code: "ERR_OSSL_PEM_NO_START_LINE",
    });
  });
});
