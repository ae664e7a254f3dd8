import { spawn } from "node:child_process";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { openMemoryEngine } from "@everdict/embedded";
import { refusedConnections, waitUntil } from "@everdict/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { fakeService } from "../../testing/fake-service.ts";
import { bytes, text, token } from "../../testing/session-setup.ts";
import { type SocketServer, socketServer } from "../../testing/socket-server.ts";
import {
  type ConnectingWebSocket,
  connectWebSocket,
  SessionClient,
  SessionClientConnection,
  SessionRefusal,
} from "../index.ts";
import { connectSession } from "./index.ts";

const dictId = "di-1234567890123456789012";
const key = bytes("k");
const schemes = ["http", "ws"] as const;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(...args: Parameters<typeof socketServer>): Promise<SocketServer> {
  const server = await socketServer(...args);
  cleanUps.push(() => server.stop(100));
  return server;
}

function clientOf(url: string, options: Partial<ConstructorParameters<typeof SessionClient>[0]> = {}) {
  const client = new SessionClient({ ...token, connect: () => connectSession({ url }), ...options });
  cleanUps.push(() => client.close());
  return client;
}

function listen(server: Server): Promise<number> {
  cleanUps.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** What a server answers to a few bytes, until it ends the connection. */
function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    socket.on("close", () => resolve(received));
    socket.on("error", () => {});
  });
}

describe.for(schemes)("by %s", (scheme) => {
  test("100 MiB there and back, while small calls are answered between the parts", async () => {
    const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
    cleanUps.push(() => engine.close());
    const { port } = await serve(engine.serviceFor({ id: "one", name: "one" }));
    const client = clientOf(`${scheme}://127.0.0.1:${port}`);
    const { dictId: id } = await client.getOrCreateDict({ mode: "ephemeral", environment: "" });
    const value = new Uint8Array(100 * 1024 * 1024);
    for (let index = 0; index < value.length; index += 997) value[index] = index;
    await client.update(id, [{ key, value: bytes("small") }]);
    let small = 0;
    let slowestMs = 0;
    const during = async <T>(large: Promise<T>): Promise<T> => {
      let isDone = false;
      void large.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        const before = performance.now();
        await client.contains(id, key);
        slowestMs = Math.max(slowestMs, performance.now() - before);
        small++;
      }
      return large;
    };
    await during(client.update(id, [{ key: bytes("large"), value }]));
    const duringPut = small;
    const found = await during(client.get(id, bytes("large")));
    expect(Buffer.compare(found!, value)).toBe(0);
    console.info(
      `${scheme}: ${duringPut} small calls during the put, ${small - duringPut} during the get, slowest ${slowestMs.toFixed(1)} ms`,
    );
    expect(duringPut).toBeGreaterThan(20);
    expect(small - duringPut).toBeGreaterThan(20);
  });

  test("a killed and restarted server is noticed by nobody: mixed calls, each exactly once", async () => {
    const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
    cleanUps.push(() => engine.close());
    const service = engine.serviceFor({ id: "one", name: "one" });
    let server = await socketServer(service);
    const { port } = server;
    cleanUps.push(() => server.stop(100));
    const client = clientOf(`${scheme}://127.0.0.1:${port}`);
    const { dictId: id } = await client.getOrCreateDict({ mode: "ephemeral", environment: "" });
    const count = 4000;
    const entries = Array.from({ length: count }, (_, index) => ({ key: bytes(`job-${index}`), value: key }));
    await client.update(id, entries);
    let next = 0;
    let popped = 0;
    let won = 0;
    const worker = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) {
        if ((await client.pop(id, bytes(`job-${index}`))) !== undefined) popped++;
        if (await client.putIfAbsent(id, bytes(`lock-${index >> 1}`), key)) won++;
        await client.get(id, key);
      }
    };
    const restarting = (async () => {
      for (let round = 0; round < 6; round++) {
        // Each in the midst of the work, and noticed.
        await waitUntil("more is done", () => next > (count * (round + 1)) / 8, { everyMs: 1 });
        const noticed = refusedConnections(port, 1);
        if (round % 2 === 0) await server.crash();
        else await server.stop(100);
        await noticed;
        server = await socketServer(service, { port });
      }
    })();
    await Promise.all([restarting, ...Array.from({ length: 256 }, worker)]);
    expect([popped, won]).toEqual([count, count / 2]);
  });

  test("a server that stops tells its sessions, which end at once when they have nothing", async () => {
    const { service, calls } = fakeService();
    const server = await serve(service);
    const connection = new SessionClientConnection(
      await connectSession({ url: `${scheme}://127.0.0.1:${server.port}` }),
      token,
    );
    const call = connection.get(dictId, key);
    await connection.ready;
    while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopping = server.host.close(60_000);
    calls[0]!.answer(bytes("finished"));
    expect(text(await call)).toBe("finished");
    await stopping;
    await connection.closed;
  });

  test("the token can go in the headers; a wrong one there is refused with 401", async () => {
    const { port } = await serve(fakeService(() => bytes("v")).service);
    const url = `${scheme}://127.0.0.1:${port}`;
    const headers = { "x-modal-token-id": token.tokenId, "x-modal-token-secret": token.tokenSecret };
    const client = clientOf(url, {
      tokenId: undefined,
      tokenSecret: undefined,
      connect: () => connectSession({ url, headers }),
    });
    expect(text(await client.get(dictId, key))).toBe("v");
    const wrong = { ...headers, "x-modal-token-secret": "wrong" };
    await expect(connectSession({ url, headers: wrong })).rejects.toMatchObject({ code: "unauthenticated" });
    const half = { "x-modal-token-id": token.tokenId };
    await expect(connectSession({ url, headers: half })).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("the reason of a refusal arrives, also behind much that was still on its way", async () => {
    // Refused late, as a server does, when all of it has arrived.
    const authorize = () => new SessionRefusal(20);
    const { port } = await serve(fakeService().service, { authorize });
    const carrier = await connectSession({ url: `${scheme}://127.0.0.1:${port}` });
    const connection = new SessionClientConnection(carrier, { ...token, tokenSecret: "wrong" });
    for (let round = 0; round < 20; round++) carrier.send(new Uint8Array(60_000));
    expect((await connection.closed).code).toBe("unauthenticated");
  });

  test("an idle connection keeps no process alive, a call under way does", async () => {
    const answers = [bytes("soon")];
    let answerLate: (value: Uint8Array) => void = () => {};
    const late = new Promise<Uint8Array>((resolve) => {
      answerLate = resolve;
    });
    const { port } = await serve(fakeService(() => answers.shift() ?? late).service);
    // The ticks keep nothing alive: that there are twenty of them is due to the call.
    const script = `
      import { SessionClient } from "@everdict/session";
      import { connectSession } from "@everdict/session/node";
      const url = "${scheme}://127.0.0.1:${port}";
      const token = ${JSON.stringify(token)};
      const client = new SessionClient({ ...token, connect: () => connectSession({ url }) });
      const get = async () => console.log(Buffer.from(await client.get("di", Uint8Array.of(1))).toString());
      await get();
      let ticks = 0;
      setInterval(() => ++ticks === 20 && console.log("alive"), 1).unref();
      await get();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: new URL("../..", import.meta.url),
      timeout: 15_000,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        if (output.includes("alive")) answerLate(bytes("late"));
      });
    }
    const status = await new Promise((resolve) => child.on("exit", resolve));
    expect({ output, status }).toEqual({ output: "soon\nalive\nlate\n", status: 0 });
  });
});

describe("connecting", () => {
  test("by http a server that knows only WebSocket is reached by that", async () => {
    const { port } = await serve(fakeService(() => bytes("v")).service);
    // A proxy that refuses every upgrade but the one to WebSocket.
    const proxy = createTcpServer((socket) => {
      socket.once("data", (first: Buffer) => {
        if (!/^upgrade: websocket/im.test(first.toString("latin1"))) {
          socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
          return;
        }
        const behind = connect(port, "127.0.0.1");
        behind.write(first);
        socket.pipe(behind).pipe(socket);
        behind.on("error", () => socket.destroy());
        socket.on("error", () => behind.destroy());
      });
    });
    const client = clientOf(`http://127.0.0.1:${await listen(proxy)}`);
    expect(text(await client.get(dictId, key))).toBe("v");
    await client.close();
  });

  const strangers: [string, () => Promise<number>][] = [
    ["HTTP without upgrades", () => listen(createHttpServer((_, response) => response.writeHead(404).end()))],
    ["HTTP/2 only", () => listen(createHttp2Server() as unknown as Server)],
    ["something else", () => listen(createTcpServer((socket) => socket.end("SSH-2.0-nothing\r\n")))],
  ];
  test.for(strangers)("somebody who speaks %s serves no sessions", async ([, start]) => {
    const url = `http://127.0.0.1:${await start()}`;
    const code = await connectSession({ url }).catch((error: { code: string }) => error.code);
    expect(code).toBe("unimplemented");
  });

  test("nobody there is `unavailable`, and so is somebody who hangs up", async () => {
    const port = await listen(createTcpServer((socket) => socket.destroy()));
    for (const url of [`http://127.0.0.1:${port}`, `ws://127.0.0.1:${port}`, "http://127.0.0.1:1"]) {
      await expect(connectSession({ url })).rejects.toMatchObject({ code: "unavailable" });
    }
  });

  test("a URL that is none, or of another kind, is refused without being shown", async () => {
    for (const url of ["secret", "ftp://secret@host/"]) {
      const error = await connectSession({ url }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "invalid_argument" });
      expect(String(error)).not.toContain("secret");
    }
  });

  test("the WebSocket of the platform works as in a browser, with its events and its ArrayBuffers", async () => {
    const { port, host } = await serve(fakeService(() => new Uint8Array(200_000).fill(7)).service);
    const open = (url: string, protocol: string) =>
      new WebSocket(url, protocol) as unknown as ConnectingWebSocket;
    const client = new SessionClient({
      ...token,
      connect: () => connectWebSocket(`http://127.0.0.1:${port}`, { open }),
    });
    const found = await client.get(dictId, new Uint8Array(100_000));
    expect(found).toHaveLength(200_000);
    expect(found!.every((byte) => byte === 7)).toBe(true);
    await client.close();
    await waitUntil("the session is over", () => host.sessionCount === 0);
    await expect(connectWebSocket("ws://127.0.0.1:1", { open })).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("upgrades", () => {
  test("other upgrades at the path of sessions are refused with what it takes, other paths are not ours", async () => {
    const { port } = await serve(fakeService().service);
    const request = (path: string, upgrade: string, more = "") =>
      exchange(
        port,
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${more}\r\n`,
      );
    expect(await request("/session", "h2c")).toMatch(
      /^HTTP\/1\.1 426 [\s\S]*Upgrade: everdict-session, websocket/,
    );
    const webSocket = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    expect(await request("/session", "websocket", webSocket)).toMatch(/^HTTP\/1\.1 426 /);
    expect(await request("/other", "everdict-session")).toBe("");
  });

  test("frames sent along with the upgrade, before its answer, are read", async () => {
    const { port } = await serve(fakeService().service);
    const answer = await exchange(
      port,
      "GET /session?x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: everdict-session\r\n\r\n\x05\0\0\0\x04\0\0\0\0",
    );
    expect(answer).toContain("101 Switching Protocols");
    expect(answer).toContain("the first frame is not a HELLO");
  });

  test("a text message ends a WebSocket session", async () => {
    const { port } = await serve(fakeService().service);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/session`, "everdict-session");
    const code = await new Promise((resolve) => {
      socket.on("open", () => socket.send("hello"));
      socket.on("close", resolve);
    });
    expect(code).toBe(1003);
  });
});
