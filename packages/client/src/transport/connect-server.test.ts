import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { openMemoryEngine } from "@everdict/embedded";
import { createError } from "@everdict/protocol";
import { type Authenticator, type RunningServer, startServer } from "@everdict/server";
import { SessionClient } from "@everdict/session";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { ServerTarget } from "../connection/resolve-target.ts";
import { parseServerUrls } from "../connection/server-address.ts";
import { Client, Dict } from "../index.ts";
import { platform as nodePlatform } from "../platform/node.ts";
import type { NetworkOptions, ServiceConnection } from "../platform/platform.ts";
import { connectServer, type NetworkPlatform } from "./connect-server.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";

const token = { tokenId: "ak-1", tokenSecret: "as-1" };
const authenticator: Authenticator = {
  authenticate: (id, secret) => (id === token.tokenId && secret === token.tokenSecret ? caller : undefined),
  isCurrent: () => true,
  describe: () => undefined,
};
const caller = { id: "ak-1", name: "ada" };

let engine: Awaited<ReturnType<typeof openMemoryEngine>>;
let server: RunningServer;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  server = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 1000 });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

function targetOf(url: string): ServerTarget {
  const { addresses } = parseServerUrls(url, "test");
  return { kind: "server", addresses, credentials: token, maxThrottleWaitMs: undefined };
}

async function connect(
  url: string,
  options: Partial<NetworkOptions> = {},
  platform: NetworkPlatform = nodePlatform,
): Promise<ServiceConnection> {
  const connection = await connectServer(targetOf(url), { timeoutMs: undefined, ...options }, platform);
  cleanUps.push(() => connection.close());
  return connection;
}

/** Listens on a free port until the test is over. */
async function listening(target: Server | HttpServer): Promise<number> {
  const sockets = new Set<Socket>();
  target.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    target.close();
  });
  return (target.address() as AddressInfo).port;
}

/** Lets fake time pass, a little in each turn, until a promise settles. */
async function inQuickTime<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  while (!isSettled) {
    await vi.advanceTimersByTimeAsync(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}

describe("our server", () => {
  test.each(["http", "ws"])("gets a session for %s:", async (scheme) => {
    const { service } = await connect(server.url.replace("http", scheme));
    expect(service).toBeInstanceOf(SessionClient);
    expect((await service.listEnvironments()).map(({ name }) => name)).toEqual(["main"]);
  });

  test("gets gRPC if that is asked for", async () => {
    const { service } = await connect(server.url, { transport: "grpc" });
    expect(service).toBeInstanceOf(GrpcDictService);
    expect(await service.listEnvironments()).toHaveLength(1);
  });

  test("of several the first that is there", async () => {
    const nobody = createServer();
    const port = await listening(nobody);
    await new Promise((resolve) => nobody.close(resolve));
    const { service } = await connect(`http://127.0.0.1:${port},${server.url}`);
    expect(await service.listEnvironments()).toHaveLength(1);
  });

  test("of several the first that answers: those that say nothing hold up nobody, and are let go", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    cleanUps.push(() => vi.useRealTimers());
    const ended: unknown[] = [];
    const silent = createServer((socket) => socket.resume().on("close", () => ended.push(socket)));
    const port = await listening(silent);
    const connecting = connect(`http://127.0.0.1:${port},http://127.0.0.1:${port}/,${server.url}`);
    const { service } = await inQuickTime(connecting);
    expect(await service.listEnvironments()).toHaveLength(1);
    while (ended.length < 2) await new Promise((resolve) => setImmediate(resolve));
  });

  test("of several another one, if the first takes connections and no sessions come of them", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    cleanUps.push(() => vi.useRealTimers());
    const mute = createHttpServer();
    mute.on("upgrade", (_request, socket) =>
      socket.write("HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: everdict-session\r\n\r\n"),
    );
    const connecting = connect(`http://127.0.0.1:${await listening(mute)},${server.url}`);
    const { service } = await inQuickTime(connecting);
    expect(await service.listEnvironments()).toHaveLength(1);
  });

  test("refuses a wrong token when the connection is made", async () => {
    const target = { ...targetOf(server.url), credentials: { tokenId: "ak-1", tokenSecret: "as-wrong" } };
    await expect(connectServer(target, { timeoutMs: undefined }, nodePlatform)).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  test("serves a Client, whatever the transport, and one client keeps one connection", async () => {
    for (const transport of ["session", "grpc", undefined] as const) {
      const client = Client.connect({ url: server.url, ...token, transport, lowLatency: true });
      const dict = Dict.fromName<string, number>("d", { createIfMissing: true, client });
      await Promise.all(Array.from({ length: 20 }, (_, index) => dict.put(`k${index}`, index)));
      expect(await dict.len()).toBe(20);
      expect((await dict.info()).createdBy).toBe("ada");
      await client.close();
    }
  });
});

describe("a server without sessions gets gRPC:", () => {
  test("a server of gRPC alone, which speaks HTTP/2 only", async () => {
    const port = await listening(createHttp2Server());
    const { service } = await connect(`http://127.0.0.1:${port}`);
    expect(service).toBeInstanceOf(GrpcDictService);
  });

  test.each([200, 400, 404, 426, 501])("a server that answers the upgrade with %i", async (status) => {
    const http = createHttpServer((_request, response) => response.writeHead(status).end());
    http.on("upgrade", (_request, socket) =>
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\n`),
    );
    const port = await listening(http);
    const { service } = await connect(`http://127.0.0.1:${port}`);
    expect(service).toBeInstanceOf(GrpcDictService);
    await expect(connect(`http://127.0.0.1:${port}`, { transport: "session" })).rejects.toMatchObject({
      code: "unimplemented",
    });
  });

  test("Modal's cloud and Unix sockets, without being asked for a session", async () => {
    const openSession = vi.fn();
    for (const url of ["https://api.modal.com,https://api.modal2.com", "unix:/nowhere.sock"]) {
      const { service } = await connect(url, {}, { ...nodePlatform, openSession });
      expect(service).toBeInstanceOf(GrpcDictService);
    }
    expect(openSession).not.toHaveBeenCalled();
  });

  test("a server behind an HTTP proxy, which sessions cannot pass", async () => {
    const openSession = async () => {
      throw createError("unavailable", "no way out");
    };
    const platform = (variables: Record<string, string>) => ({
      ...nodePlatform,
      openSession,
      env: (name: string) => variables[name],
    });
    const proxied = platform({ https_proxy: "http://proxy:3128" });
    expect((await connect("https://dicts.example", {}, proxied)).service).toBeInstanceOf(GrpcDictService);
    const unavailable = { code: "unavailable" };
    const atOnce = { waitForServerMs: 0 };
    await expect(connect("https://dicts.example", atOnce, platform({}))).rejects.toMatchObject(unavailable);
    await expect(connect("http://127.0.0.1:9", atOnce, proxied)).rejects.toMatchObject(unavailable);
  });
});

test.each([
  ["ws://127.0.0.1:9", "grpc"],
  ["unix:/nowhere.sock", "session"],
] as const)("%s does not go with %s", async (url, transport) => {
  await expect(connect(url, { transport })).rejects.toMatchObject({ code: "invalid_argument" });
});

describe("a server that does not answer", () => {
  test("is waited for within the bounds of each caller, and closing ends the wait", async () => {
    const silent = createServer();
    const port = await listening(silent);
    const client = Client.connect({ url: `http://127.0.0.1:${port}`, ...token });
    const dict = Dict.fromName("d", { client });
    const controller = new AbortController();
    const calls = [
      dict.get("k", undefined, { timeoutMs: 50 }),
      dict.len({ signal: controller.signal }),
      client.environments.list({ timeoutMs: 50 }),
      Dict.objects.list({ client, timeoutMs: 50 }),
      dict.len(),
    ].map((call) =>
      call.then(
        () => "answered",
        ({ code }: { code: string }) => code,
      ),
    );
    controller.abort();
    expect(await Promise.all(calls.slice(0, 4))).toEqual([
      "deadline_exceeded",
      "cancelled",
      "deadline_exceeded",
      "deadline_exceeded",
    ]);
    const startedAtMs = performance.now();
    await client.close();
    expect(await calls[4]).toBe("unavailable");
    expect(performance.now() - startedAtMs).toBeLessThan(3000);
  });

  test("after it did is waited for until the call's own time is over", async () => {
    const own = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 100 });
    const client = Client.connect({ url: own.url, ...token });
    const dict = await Dict.fromName<string, number>("d", { createIfMissing: true, client }).hydrate();
    await own.close();
    await expect(dict.get("k", 0, { timeoutMs: 100 })).rejects.toMatchObject({ code: "deadline_exceeded" });
    const call = dict.put("k", 1);
    const again = await startServer({ engine, authenticator, port: own.port, shutdownGraceMs: 100 });
    expect(await call).toBe(true);
    await client.close();
    await again.close();
  });
});
