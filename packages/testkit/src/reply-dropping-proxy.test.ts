import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startReplyDroppingProxy } from "./reply-dropping-proxy.ts";

const executed: string[] = [];
const server = createServer();
let serverUrl: string;

beforeAll(async () => {
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.resume().on("end", () => {
      executed.push(String(headers[":path"]));
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end("body");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

interface Answer {
  readonly body: string;
  readonly grpcStatus: unknown;
}

function call(url: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(url);
    const stream = session.request({ ":method": "POST", ":path": path });
    let body = "";
    let grpcStatus: unknown;
    stream.setEncoding("utf8");
    stream.on("data", (chunk) => {
      body += chunk;
    });
    stream.on("trailers", (trailers) => {
      grpcStatus = trailers["grpc-status"];
    });
    session.on("error", reject);
    stream.on("error", reject);
    stream.on("close", () => {
      session.close();
      if (grpcStatus === undefined) reject(new Error("no answer"));
      else resolve({ body, grpcStatus });
    });
    stream.end("request");
  });
}

test("delivers an answer with its trailers, and loses one by reset or cut after it was executed", async () => {
  await using proxy = await startReplyDroppingProxy(serverUrl, ({ method }) => {
    if (method === "Reset") return "reset";
    return method === "Cut" ? "cut" : "deliver";
  });
  expect(await call(proxy.url, "/s/Get")).toEqual({ body: "body", grpcStatus: "0" });
  await expect(call(proxy.url, "/s/Reset")).rejects.toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
  await expect(call(proxy.url, "/s/Cut")).rejects.toThrow("no answer");
  expect(await call(proxy.url, "/s/DictContents")).toEqual({ body: "body", grpcStatus: "0" });
  expect(executed).toEqual(["/s/Get", "/s/Reset", "/s/Cut", "/s/DictContents"]);
  expect(proxy.counts).toEqual({ deliver: 1, reset: 1, cut: 1 });
});

test("holds calls back until they are released", async () => {
  await using proxy = await startReplyDroppingProxy(serverUrl, () => "deliver");
  const before = executed.length;
  const held = proxy.hold();
  const answer = call(proxy.url, "/s/Held");
  await call(serverUrl, "/s/Direct");
  expect(executed.slice(before)).toEqual(["/s/Direct"]);
  held.release();
  expect(await answer).toEqual({ body: "body", grpcStatus: "0" });
});

test("a server that ends takes the client's connection along", async () => {
  const dying = createServer();
  dying.on("stream", (stream) => stream.session?.destroy());
  await new Promise<void>((resolve) => dying.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(dying.address() as AddressInfo).port}`;
  await using proxy = await startReplyDroppingProxy(url, () => "deliver");
  await expect(call(proxy.url, "/s/Get")).rejects.toThrow("no answer");
  dying.close();
});
