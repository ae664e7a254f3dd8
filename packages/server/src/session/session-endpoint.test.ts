import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { DictService } from "@everdict/protocol";
import { DictGetRequestSchema, DictLenRequestSchema } from "@everdict/protocol/api";
import {
  SessionClient,
  SessionClientConnection,
  type SessionClientOptions,
  SessionHost,
} from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import { opensslIsSetUp, selfSignedCertificate } from "@everdict/testkit";
import { describe, expect, test, vi } from "vitest";
import { framed } from "../../testing/messages.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { connectTo } from "../../testing/raw-socket.ts";
import { authHeaders, startTestServer, type TestServer, testToken } from "../../testing/test-server.ts";
import { gate, waitFor } from "../../testing/wait-for.ts";

const key = Uint8Array.of(1, 2);
const getRequest = framed(DictGetRequestSchema, { dictId: "di-1", key });

type Options = Partial<SessionClientOptions> & {
  readonly scheme?: string;
  readonly headers?: Record<string, string>;
};

function clientOf(server: TestServer, { scheme, headers, ...options }: Options = {}): SessionClient {
  const url = scheme === undefined ? server.url : server.url.replace(/^\w+/, scheme);
  return new SessionClient({ ...testToken, connect: () => connectSession({ url, headers }), ...options });
}

const echo: Partial<DictService> = { get: async (_dictId, asked) => asked };

describe("on the port of everything else", () => {
  test.each(["http", "ws"])("sessions are served over %s, beside gRPC and pages", async (scheme) => {
    const server = await startTestServer(echo);
    const client = clientOf(server, { scheme });
    expect([...(await client.get("di-1", key))!]).toEqual([1, 2]);
    await using grpc = new RawClient(server.url);
    expect((await grpc.call("DictGet", { chunks: [getRequest] })).status).toBe(0);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(server.calls.filter(({ method }) => method === "get")).toHaveLength(2);
    await client.close();
    await server.close();
  });

  test("without an upgrade the path says what it is for", async () => {
    const server = await startTestServer();
    const response = await fetch(`${server.url}/session`);
    expect([response.status, response.headers.get("upgrade")]).toEqual([426, "everdict-session, websocket"]);
    const { port } = server;
    const request = httpRequest({ port, path: "/session", headers: { connection: "Upgrade", upgrade: "x" } });
    request.end();
    const [refused] = await once(request, "response");
    expect(refused.statusCode).toBe(426);
    refused.resume();
    await server.close();
  });

  test("a request in parts and a large answer pass", async () => {
    let stored: Uint8Array | undefined;
    const server = await startTestServer({
      update: async (_dictId, [entry]) => {
        stored = entry!.value.slice();
      },
      get: async () => stored,
    });
    const client = clientOf(server);
    const value = new Uint8Array(5 * 1024 * 1024).fill(7);
    await client.update("di-1", [{ key, value }]);
    expect(Buffer.compare(value, (await client.get("di-1", key))!)).toBe(0);
    await client.close();
    await server.close();
  });
});

describe("credentials", () => {
  test("in the headers of the upgrade are enough, and wrong ones are refused there", async () => {
    const server = await startTestServer(echo);
    for (const scheme of ["http", "ws"]) {
      const none = { tokenId: undefined, tokenSecret: undefined };
      const client = clientOf(server, { ...none, headers: authHeaders, scheme });
      expect([...(await client.get("di-1", key))!]).toEqual([1, 2]);
      await client.close();
      const headers = { ...authHeaders, "x-modal-token-secret": "as-wrong" };
      const wrong = clientOf(server, { ...none, headers, scheme });
      await expect(wrong.get("di-1", key)).rejects.toMatchObject({ code: "unauthenticated" });
    }
    await server.close();
  });

  test.each([
    ["a wrong secret", { ...testToken, tokenSecret: "as-wrong" }],
    ["none", { tokenId: undefined, tokenSecret: undefined }],
    ["an id alone", { ...testToken, tokenSecret: "" }],
  ])("in the first frame, %s, are refused", async (_what, token) => {
    const server = await startTestServer(echo);
    await expect(clientOf(server, token).get("di-1", key)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(server.calls).toEqual([]);
    await server.close();
  });
});

describe("close()", () => {
  test("says goodbye, answers what was sent, and ends with the port", async () => {
    const working = gate<Uint8Array>();
    const server = await startTestServer({ get: () => working.opened, len: async () => 5 });
    const connection = new SessionClientConnection(await connectSession({ url: server.url }), testToken);
    await connection.ready;
    const call = connection.get("di-1", key);
    await waitFor(() => server.calls.length === 1);
    const closed = server.close();
    // Told to go, the connection takes no new calls.
    await waitFor(() =>
      connection.len("di-1").then(
        () => false,
        ({ code }: { code: string }) => code === "unavailable",
      ),
    );
    await expect(connectTo(server.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    working.open(key);
    expect(await call).toEqual(key);
    await connection.closed;
    await closed;
  });

  test("ends within the grace what does not finish", async () => {
    const never = gate<Uint8Array>();
    const server = await startTestServer({ get: () => never.opened }, { shutdownGraceMs: 50 });
    const connection = new SessionClientConnection(await connectSession({ url: server.url }), testToken);
    const call = connection.get("di-1", key).catch(({ code }: { code: string }) => code);
    await waitFor(() => server.calls.length === 1);
    await server.close();
    expect(await call).toBe("unavailable");
    never.open(key);
  });

  test("ends idle sessions of both kinds at once", async () => {
    const server = await startTestServer(echo, { shutdownGraceMs: 60_000 });
    const clients = ["http", "ws"].map((scheme) => clientOf(server, { scheme }));
    for (const client of clients) await client.get("di-1", key);
    const startedAtMs = performance.now();
    await server.close();
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    for (const client of clients) await client.close();
  });
});

test("limits of sessions are options", async () => {
  const never = gate<Uint8Array>();
  const server = await startTestServer(
    { get: () => never.opened },
    { sessionLimits: { requestsMax: 1, pingIntervalMs: 60_000 } },
  );
  const connection = new SessionClientConnection(await connectSession({ url: server.url }), testToken);
  await connection.ready;
  const calls = [connection.get("di-1", key), connection.get("di-1", key)];
  await waitFor(() => server.calls.length === 1);
  never.open(key);
  expect(await Promise.all(calls)).toEqual([key, key]);
  await connection.close();
  await expect(startTestServer({}, { sessionLimits: { requestsMax: 0 } })).rejects.toMatchObject({
    code: "invalid_argument",
  });
  await server.close();
});

test("defects show in the log, without what was asked", async () => {
  const server = await startTestServer({ get: () => Promise.reject(new TypeError("SECRET")) });
  const client = clientOf(server);
  await expect(client.get("di-1", key)).rejects.toMatchObject({ code: "internal" });
  expect(server.logLines.some((line) => line.includes("unexpected exception in a session"))).toBe(true);
  await client.close();
  await server.close();
});

describe.runIf(opensslIsSetUp())("with TLS", () => {
  test.each(["https", "wss"])(
    "sessions are served over %s, by the protocol that is negotiated",
    async (scheme) => {
      const tls = selfSignedCertificate();
      const server = await startTestServer(echo, { tls });
      const url = server.url.replace("https", scheme);
      const ca = tls.cert;
      const client = new SessionClient({ ...testToken, connect: () => connectSession({ url, ca }) });
      expect([...(await client.get("di-1", key))!]).toEqual([1, 2]);
      await using grpc = new RawClient(server.url, { ca });
      expect((await grpc.call("DictGet", { chunks: [getRequest] })).status).toBe(0);
      await client.close();
      await server.close();
    },
  );
});

test("sessions are told while a gRPC call waits for the engine, whatever becomes of it", async () => {
  const began = vi.spyOn(SessionHost.prototype, "workBegan");
  const ended = vi.spyOn(SessionHost.prototype, "workEnded");
  const asked = gate<Uint8Array>();
  const server = await startTestServer({ get: () => asked.opened });
  await using grpc = new RawClient(server.url);
  const answer = grpc.call("DictGet", { chunks: [getRequest] });
  await waitFor(() => began.mock.calls.length === 1);
  expect(ended).not.toHaveBeenCalled();
  asked.open(key);
  expect((await answer).status).toBe(0);
  expect(ended).toHaveBeenCalledTimes(1);
  await grpc.call("DictLen", { chunks: [framed(DictLenRequestSchema, { dictId: "di-1" })] });
  expect([began.mock.calls.length, ended.mock.calls.length]).toEqual([2, 2]);
  vi.restoreAllMocks();
  await server.close();
});
