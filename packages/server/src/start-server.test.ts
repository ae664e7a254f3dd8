import { randomBytes } from "node:crypto";
import { Status } from "@everdict/protocol";
import { DictLenRequestSchema, ModalClient } from "@everdict/protocol/api";
import { describe, expect, test } from "vitest";
import { GrpcClient } from "../testing/grpc-client.ts";
import { framed } from "../testing/messages.ts";
import { RawClient } from "../testing/raw-client.ts";
import { connectTo } from "../testing/raw-socket.ts";
import { startTestServer } from "../testing/test-server.ts";
import { gate, waitFor } from "../testing/wait-for.ts";
import { startServer } from "./start-server.ts";

const { method } = ModalClient;
const MIB = 1024 * 1024;
const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });

describe("the usual gRPC library", () => {
  test("gets answers and errors", async () => {
    const server = await startTestServer({ get: async (_dictId, key) => key });
    using client = new GrpcClient(server.url);
    const response = await client.unary(method.dictGet, { dictId: "di-1", key: Buffer.from("k") });
    expect(Buffer.from(response.value!).toString()).toBe("k");
    const refused = client.unary(method.dictGet, {}, { headers: {} });
    await expect(refused).rejects.toMatchObject({ code: Status.UNAUTHENTICATED });
    await expect(client.unary(method.dictLen, {})).rejects.toMatchObject({ code: Status.INTERNAL });
    await server.close();
  });

  test("has its deadline respected, and passes none on where there is none", async () => {
    const never = gate<number>();
    const server = await startTestServer({ len: () => never.opened });
    using client = new GrpcClient(server.url);
    const call = client.unary(method.dictLen, { dictId: "di-1" }, { deadline: Date.now() + 100 });
    await expect(call).rejects.toMatchObject({ code: Status.DEADLINE_EXCEEDED });
    await waitFor(() => server.calls[0]?.options?.signal?.aborted === true);
    never.open(1);
    await server.close();
  });

  test("sends and receives 20 MiB in one message", async () => {
    const value = randomBytes(20 * MIB);
    let stored: Uint8Array = Buffer.alloc(0);
    const server = await startTestServer({
      update: async (_dictId, [entry]) => {
        stored = Buffer.from(entry!.value);
      },
      get: async () => stored,
    });
    using client = new GrpcClient(server.url);
    await client.unary(method.dictUpdate, { dictId: "di-1", updates: [{ key: Buffer.from("k"), value }] });
    expect(value.equals(stored)).toBe(true);
    const response = await client.unary(method.dictGet, { dictId: "di-1" });
    expect(value.equals(response.value!)).toBe(true);
    await server.close();
  });
});

test("values of the largest size pass both ways, several at once on one connection", async () => {
  const value = Buffer.alloc(100 * MIB, 5);
  let received = 0;
  const server = await startTestServer({
    update: async (_dictId, [entry]) => {
      received += entry!.value.length;
    },
    get: async () => value,
  });
  using client = new GrpcClient(server.url);
  const updates = [{ key: Buffer.from("k"), value }];
  const put = () => client.unary(method.dictUpdate, { dictId: "di-1", updates });
  await Promise.all([put(), put()]);
  expect(received).toBe(2 * value.length);
  const get = async () => (await client.unary(method.dictGet, { dictId: "di-1" })).value?.length;
  expect(await Promise.all([get(), get()])).toEqual([value.length, value.length]);
  await server.close();
}, 60_000);

describe("requests beyond the memory budget", () => {
  test("are refused as overload, with the advice to repeat, and leave nothing behind", async () => {
    const holding = gate();
    const server = await startTestServer(
      { update: () => holding.opened, len: async () => 1 },
      { memory: { tokenMemoryMaxBytes: 3 * MIB } },
    );
    using client = new GrpcClient(server.url);
    const put = () =>
      client.unary(method.dictUpdate, {
        dictId: "di-1",
        updates: [{ key: Buffer.from("k"), value: Buffer.alloc(2 * MIB) }],
      });
    const first = put();
    await waitFor(() => server.calls.length === 1);
    const refused = await put().catch((caught: unknown) => caught);
    expect(refused).toMatchObject({ code: Status.RESOURCE_EXHAUSTED });
    const { metadata } = refused as { metadata: { get(name: string): unknown[] } };
    expect(metadata.get("x-everdict-code")).toEqual(["overloaded"]);
    expect(metadata.get("grpc-status-details-bin")).toHaveLength(1);
    holding.open();
    expect((await first).created).toBe(true);
    expect((await put()).created).toBe(true);
    await server.close();
  });
});

describe("close()", () => {
  test("lets calls that were accepted finish, and then the connection ends", async () => {
    const working = gate<number>();
    const server = await startTestServer({ len: () => working.opened });
    await using client = new RawClient(server.url);
    let goneAway = false;
    client.session.on("goaway", () => {
      goneAway = true;
    });
    const call = client.call("DictLen", { chunks: [lenRequest] });
    await waitFor(() => server.calls.length === 1);
    const closed = server.close();
    // The official Python client drops its calls when it is told to go away, so it is told afterwards.
    const second = client.call("DictLen", { chunks: [lenRequest] });
    await waitFor(() => server.calls.length === 2);
    expect(goneAway).toBe(false);
    working.open(7);
    expect((await call).status).toBe(Status.OK);
    expect((await second).status).toBe(Status.OK);
    await closed;
    await waitFor(() => goneAway);
    expect(await server.close()).toBeUndefined();
  });

  test("leaves who reads a stream time to read it before the connection ends", async () => {
    const more = gate();
    const contents = async function* () {
      yield [{ key: Buffer.from("k"), value: Buffer.from("v") }];
      await more.opened;
    };
    const server = await startTestServer({ contents }, { shutdownGraceMs: 1000 });
    await using client = new RawClient(server.url);
    let goneAwayAtMs = 0;
    client.session.on("goaway", () => {
      goneAwayAtMs = performance.now();
    });
    const call = client.call("DictContents", { chunks: [lenRequest] });
    await waitFor(() => server.calls.length === 1);
    const closed = server.close();
    more.open();
    expect((await call).status).toBe(Status.OK);
    const endedAtMs = performance.now();
    await closed;
    await waitFor(() => goneAwayAtMs > 0);
    expect(goneAwayAtMs - endedAtMs).toBeGreaterThan(400);
  });

  test("refuses new connections at once and ends idle ones", async () => {
    const working = gate<number>();
    const server = await startTestServer({ len: () => working.opened });
    await using busy = new RawClient(server.url);
    const call = busy.call("DictLen", { chunks: [lenRequest] });
    await using idle = new RawClient(server.url);
    await idle.call("DictNothing");
    const silent = await connectTo(server.url);
    await fetch(`${server.url}/healthz`);
    await waitFor(() => server.calls.length === 1);
    const closed = server.close();
    await waitFor(() => idle.session.closed && silent.destroyed);
    await expect(connectTo(server.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    working.open(1);
    expect((await call).status).toBe(Status.OK);
    await closed;
  });

  test("is not ready while it waits", async () => {
    const working = gate<number>();
    const server = await startTestServer({ len: () => working.opened, listEnvironments: async () => [] });
    await using client = new RawClient(server.url);
    const ready = async () =>
      (await client.call("/readyz", { headers: { ":method": "GET", "content-type": undefined } })).headers[
        ":status"
      ];
    expect(await ready()).toBe(200);
    const call = client.call("DictLen", { chunks: [lenRequest] });
    await waitFor(() => server.calls.some(({ method: name }) => name === "len"));
    const closed = server.close();
    expect(await ready()).toBe(503);
    working.open(1);
    await call;
    await closed;
  });

  test("ends what does not finish within the grace, and aborts it", async () => {
    const never = gate<number>();
    const server = await startTestServer({ len: () => never.opened }, { shutdownGraceMs: 50 });
    await using client = new RawClient(server.url);
    const call = client.call("DictLen", { chunks: [lenRequest] });
    const socket = await connectTo(server.url);
    await waitFor(() => server.calls.length === 1);
    await server.close();
    expect((await call).status).toBeUndefined();
    await waitFor(() => server.calls[0]?.options?.signal?.aborted === true);
    await waitFor(() => socket.destroyed);
    never.open(1);
  });

  test("of a server without connections is immediate", async () => {
    const server = await startTestServer();
    const startedAtMs = performance.now();
    await server.close();
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
  });
});

describe("startServer()", () => {
  test("rejects if the port is taken", async () => {
    const server = await startTestServer();
    await expect(startTestServer({}, { port: server.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await server.close();
  });

  test.each([
    [undefined, /^http:\/\/127\.0\.0\.1:\d+$/],
    // An address of this machine, whatever that is here.
    ["0.0.0.0", /^http:\/\/(?!0\.0\.0\.0)[^/]+:\d+$/],
    ["localhost", /^http:\/\/localhost:\d+$/],
  ])("on host %s answers at its url", async (host, url) => {
    const server = await startTestServer({}, { host });
    expect(server.url).toMatch(url);
    expect(new URL(server.url).port).toBe(String(server.port));
    const local = host === "0.0.0.0" ? `http://127.0.0.1:${server.port}` : server.url;
    expect((await fetch(`${local}/healthz`)).status).toBe(200);
    await server.close();
  });

  test("without a logger is silent, and serves", async () => {
    const limits = { keyMaxBytes: 1, valueMaxBytes: 1, requestMaxEntries: 1, requestMaxBytes: 100 };
    const engine = { limits, serviceFor: () => ({}) as never };
    const authenticator = {
      authenticate: () => undefined,
      isCurrent: () => false,
      describe: () => undefined,
    };
    const server = await startServer({ engine, authenticator, port: 0 });
    await using client = new RawClient(server.url);
    expect((await client.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.UNAUTHENTICATED);
    await server.close();
  });
});
