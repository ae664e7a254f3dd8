// What a program is told when it cannot connect: real sockets, over every transport.
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryEngine } from "@everdict/embedded";
import { type Authenticator, type RunningServer, startServer } from "@everdict/server";
import { type Certificate, type Certificates, makeCertificates, opensslIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Client, type ConnectOptions, type EverdictError } from "../index.ts";

const token = { tokenId: "ak-1", tokenSecret: "as-kqzvw" };
const authenticator: Authenticator = {
  authenticate: (id, secret) => (id === token.tokenId && secret === token.tokenSecret ? caller : undefined),
  isCurrent: () => true,
  describe: () => undefined,
};
const caller = { id: "ak-1", name: "ada" };
const cleanUps: (() => unknown)[] = [];
let certificates: Certificates;
const urls: Record<string, string> = {};

beforeAll(async () => {
  const engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  const serve = async (tls?: Certificate): Promise<RunningServer> => {
    const server = await startServer({
      engine,
      authenticator,
      port: 0,
      shutdownGraceMs: 100,
      ...(tls && { tls }),
    });
    cleanUps.push(() => server.close());
    return server;
  };
  urls.server = (await serve()).url;
  const nobody = createServer();
  urls.nobody = `http://127.0.0.1:${await listening(nobody)}`;
  await new Promise((resolve) => nobody.close(resolve));
  urls.web = `http://127.0.0.1:${await listening(createHttpServer((_, answer) => answer.end("hello")))}`;
  urls.redis = `http://127.0.0.1:${await listening(redisLike())}`;
  urls.silent = `http://127.0.0.1:${await listening(createServer())}`;
  urls.closing = `http://127.0.0.1:${await listening(createServer((socket) => socket.destroy()))}`;
  urls.tlsOfPlain = urls.server.replace("http:", "https:");
  if (!opensslIsSetUp()) return;
  certificates = makeCertificates();
  const { signed, selfSigned, expired, otherName } = certificates;
  for (const [name, tls] of Object.entries({ signed, selfSigned, expired, otherName })) {
    urls[name] = (await serve(tls)).url;
  }
  urls.plainOfTls = urls.signed!.replace("https:", "http:");
});
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Answers each line as Redis does, and lets go of who does not speak its language. */
function redisLike(): Server {
  return createServer((socket) =>
    socket.on("data", () => socket.end("-ERR wrong number of arguments for 'get' command\r\n")),
  );
}

type Way = "session" | "grpc" | "either" | "ws";

async function refusal(url: string, way: Way, options: ConnectOptions = {}): Promise<EverdictError> {
  const client = Client.connect({
    url: way === "ws" ? url.replace("http", "ws") : url,
    waitForServerMs: 0,
    ...(way === "session" || way === "grpc" ? { transport: way } : {}),
    ...token,
    ...options,
  });
  try {
    await client.environments.list();
  } catch (error) {
    return error as EverdictError;
  } finally {
    await client.close();
  }
  throw new Error("it was not refused");
}

/** What is wrong, the place, options, the code, and what the message says besides the place. */
const rows: [string, string, ConnectOptions, string, RegExp][] = [
  [
    "no token",
    "server",
    { tokenId: undefined, tokenSecret: undefined },
    "unauthenticated",
    /wants a token, and none was given. Set EVERDICT_TOKEN_ID and EVERDICT_TOKEN_SECRET/,
  ],
  [
    "a wrong id",
    "server",
    { tokenId: "ak-2" },
    "unauthenticated",
    /refused the token 'ak-2', which the tokenId and tokenSecret options gave/,
  ],
  [
    "a wrong secret",
    "server",
    { tokenSecret: "as-wrong" },
    "unauthenticated",
    /refused the token 'ak-1'.*is its secret whole\?/,
  ],
  [
    "a secret in place of the id",
    "server",
    { tokenId: "as-kqzvw" },
    "unauthenticated",
    /a token whose id does not begin with ak-/,
  ],
  ["a server that is down", "nobody", {}, "unavailable", /nobody listens at .*Is the server running/],
  [
    "a web server",
    "web",
    {},
    "unimplemented",
    /is no Everdict server: it (?:answered HTTP 200|speaks another protocol)/,
  ],
  ["a Redis", "redis", {}, "unimplemented", /is no Everdict server/],
  ["somebody who closes", "closing", {}, "unavailable", /closed it without an answer/],
  [
    "https: to a plain port",
    "tlsOfPlain",
    {},
    "not_configured",
    /does not speak TLS. Write (?:http|ws):\/\/127/,
  ],
];
const tlsRows: typeof rows = [
  [
    "http: to a port with TLS",
    "plainOfTls",
    {},
    "unavailable",
    /closed it without an answer. If it speaks TLS, write (?:https|wss):\/\/127/,
  ],
  [
    "a certificate that is signed by itself",
    "selfSigned",
    {},
    "not_configured",
    /signed by nobody that this process trusts.*`ca` option/,
  ],
  ["one of an authority that is not known", "signed", {}, "not_configured", /signed by nobody.*`ca` option/],
];
const ways: Way[] = ["session", "grpc", "either", "ws"];

describe.each(ways)("over %s a program is told of", (way) => {
  test.each(rows)("%s", async (_title, place, options, code, words) => {
    const error = await refusal(urls[place]!, way, options);
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(error.message).toContain(urls[place]!.replace(/^\w+:\/\//, ""));
    expect(error.message).not.toContain("kqzvw");
  });

  test.runIf(opensslIsSetUp()).each(tlsRows)("%s", async (_title, place, options, code, words) => {
    const error = await refusal(urls[place]!, way, options);
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
  });

  test.runIf(opensslIsSetUp())("a certificate that is over, and one for another name", async () => {
    const ca = certificates.authority.cert;
    const over = await refusal(urls.expired!, way, { ca });
    expect(over).toMatchObject({
      code: "not_configured",
      message: expect.stringMatching(/has expired. Renew it/),
    });
    const other = await refusal(urls.otherName!.replace("127.0.0.1", "localhost"), way, { ca });
    expect(other).toMatchObject({
      code: "not_configured",
      message: expect.stringMatching(/is for other names: .*other\.example. Use one of its names/),
    });
  });

  test("a name that no machine has", async () => {
    const error = await refusal("http://nowhere.invalid:7227", way);
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/the host of .*nowhere\.invalid.* Is its name spelt right/),
    });
  });

  test("a server that says nothing, when the call's time is over", async () => {
    const client = Client.connect({
      url: urls.silent!,
      ...token,
      ...(way === "grpc" ? { transport: "grpc" } : {}),
    });
    await expect(client.environments.list({ timeoutMs: 500 })).rejects.toMatchObject({
      code: "deadline_exceeded",
      message: expect.stringMatching(
        /(?:within 500 ms|before there was a connection): http:\/\/127.* did not answer/,
      ),
    });
    await client.close();
  });

  test("a server that says nothing, after the time of one attempt", async () => {
    const error = await refusal(urls.silent!, way);
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/did not answer within 5000 ms/),
    });
  });
});

test("what a Redis is, is said where it can be seen", async () => {
  const error = await refusal(urls.redis!, "either");
  expect(error.message).toMatch(/it speaks Redis. To keep data in Redis itself, write redis:/);
});

test("a variable that said where is named", async () => {
  process.env.EVERDICT_URL = urls.nobody;
  const client = Client.connect({ ...token, waitForServerMs: 0 });
  await expect(client.service()).rejects.toThrow(`nobody listens at ${urls.nobody} (EVERDICT_URL)`);
  delete process.env.EVERDICT_URL;
  await client.close();
});

test("a Modal profile that was taken by mistake is named", async () => {
  const path = join(tmpdir(), `everdict-profile-${process.pid}.toml`);
  writeFileSync(path, '[work]\nactive = true\ntoken_id = "ak-m"\ntoken_secret = "as-kqzvw"\n');
  vi.stubEnv("MODAL_CONFIG_PATH", path);
  vi.stubEnv("MODAL_SERVER_URL", urls.server!);
  const client = Client.connect();
  const error = await client.environments.list().catch((caught: Error) => caught);
  expect(error).toMatchObject({
    code: "unauthenticated",
    message: expect.stringContaining("refused the token 'ak-m', which the Modal profile 'work' gave"),
  });
  vi.unstubAllEnvs();
  rmSync(path);
  await client.close();
});
