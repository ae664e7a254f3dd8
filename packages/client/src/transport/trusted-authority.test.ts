// An authority of one's own, over every transport.
import { openMemoryEngine } from "@everdict/embedded";
import { type RunningServer, startServer } from "@everdict/server";
import { type Certificates, makeCertificates, opensslIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client, type ConnectOptions } from "../index.ts";

let certificates: Certificates;
let server: RunningServer;
let engine: Awaited<ReturnType<typeof openMemoryEngine>>;

beforeAll(async () => {
  if (!opensslIsSetUp()) return;
  certificates = makeCertificates();
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  const authenticator = {
    authenticate: () => ({ id: "ak-1", name: "ada" }),
    isCurrent: () => true,
    describe: () => undefined,
  };
  server = await startServer({ engine, authenticator, port: 0, tls: certificates.signed });
});
afterAll(async () => {
  await server?.close();
  await engine?.close();
});

const ways: [string, (url: string) => ConnectOptions][] = [
  ["a session", (url) => ({ url, transport: "session" })],
  ["a WebSocket", (url) => ({ url: url.replace("https", "wss") })],
  ["gRPC", (url) => ({ url, transport: "grpc" })],
  ["several servers over gRPC", (url) => ({ url: `${url},${url}`, transport: "grpc" })],
];

describe.runIf(opensslIsSetUp()).each(ways)("over %s", (_title, options) => {
  test("the ca option is whom a client trusts", async () => {
    const token = { tokenId: "ak-1", tokenSecret: "as-1" };
    const client = Client.connect({ ...options(server.url), ...token, ca: certificates.authority.cert });
    expect(await client.environments.list()).toHaveLength(1);
    await client.close();
  });
});

test.each<[string, string, RegExp]>([
  ["a path", "/etc/ssl/ca.pem", /PEM text.*not the path of a file/],
  ["nothing", "", /holds no certificate/],
  ["a key", "-----BEGIN PRIVATE KEY-----\nkqzvw\n", /holds a key and no certificate/],
])("%s is no certificate, and is not repeated", (_title, ca, message) => {
  const connect = () => Client.connect({ url: "https://127.0.0.1:9", ca });
  expect(connect).toThrow(message);
  expect(connect).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  expect(connect).not.toThrow("kqzvw");
});
