import { once } from "node:events";
import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import { type CreatedToken, type DictService, type Entry, Status } from "@everdict/protocol";
import { DictContentsRequestSchema, DictGetRequestSchema } from "@everdict/protocol/api";
import { SessionClientConnection } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import {
  type Certificate,
  opensslIsSetUp,
  selfSignedCertificate,
  temporaryDirectory,
  within,
} from "@everdict/testkit";
import { describe, expect, test, vi } from "vitest";
import { framed } from "../testing/messages.ts";
import { collect, RawClient } from "../testing/raw-client.ts";
import { connectTo } from "../testing/raw-socket.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { waitFor } from "../testing/wait-for.ts";
import { openTokenFile } from "./tokens/token-file.ts";

vi.setConfig({ testTimeout: 30_000 });

/** What users are promised, and what a busy machine may add. */
const promisedMs = 1000;
const marginMs = 1000;

const value = Buffer.alloc(1000, 7);
const largeValue = Buffer.alloc(32 * 1024 * 1024, 7);
const key = Uint8Array.of(1);

/** Streams without an end, calls without an answer, and values that take a while to read. */
const service: Partial<DictService> = {
  contents: async function* (): AsyncGenerator<readonly Entry[]> {
    for (;;) {
      yield Array.from({ length: 100 }, () => ({ key, value }));
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  get: (dictId) => (dictId === "di-large" ? Promise.resolve(largeValue) : new Promise(() => {})),
  len: async () => 1,
};

interface Setting extends AsyncDisposable {
  readonly server: TestServer;
  readonly token: CreatedToken;
  /** One that stays. */
  readonly otherToken: CreatedToken;
  readonly ca: string | undefined;
  /** As another process does it. */
  readonly revoke: () => Promise<unknown>;
}

async function serving(tls?: Certificate): Promise<Setting> {
  const directory = temporaryDirectory();
  const tokens = await openTokenFile(directory.path);
  const token = await tokens.create({ name: "ada" });
  const otherToken = await tokens.create({ name: "grace" });
  const server = await startTestServer(service, { authenticator: tokens, tls, shutdownGraceMs: 0 });
  return {
    server,
    token,
    otherToken,
    ca: tls?.cert,
    revoke: async () => (await openTokenFile(directory.path)).revoke(token.tokenId),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      directory[Symbol.dispose]();
    },
  };
}

/** What becomes of something that was under way: how it ended, and when. */
interface Ending {
  readonly what: string;
  readonly ended: Promise<unknown>;
  /** How much of its data has come. */
  readonly receivedBytes: () => number;
}

/** Revokes the token, and checks that everything ends in time and brings no data after that, while others go on. */
async function expectAllToEnd(setting: Setting, endings: readonly Ending[]): Promise<void> {
  await setting.revoke();
  const revokedAtMs = performance.now();
  const figures = await Promise.all(
    endings.map(async ({ what, ended, receivedBytes }) => {
      const outcome = await within(`${what} ends`, promisedMs + marginMs, ended);
      const bytes = receivedBytes();
      return { what, outcome, tookMs: Math.round(performance.now() - revokedAtMs), bytes };
    }),
  );
  console.log(
    figures.map(({ what, outcome, tookMs }) => `${what}: ${outcome} after ${tookMs} ms`).join("\n"),
  );
  const other = await openSession({ ...setting, token: setting.otherToken }, setting.ca ? "https" : "http");
  for (let call = 0; call < 100; call++) await other.len("di-1");
  await other.close();
  endings.forEach(({ what, receivedBytes }, index) => {
    expect([what, receivedBytes()]).toEqual([what, figures[index]!.bytes]);
  });
}

// ---- Sessions ----

async function openSession(setting: Setting, scheme: string): Promise<SessionClientConnection> {
  const url = setting.server.url.replace(/^\w+/, scheme);
  const carrier = await connectSession({ url, ...(setting.ca && { ca: setting.ca }) });
  const connection = new SessionClientConnection(carrier, setting.token);
  await connection.ready;
  return connection;
}

async function sessionEndings(setting: Setting, scheme: string): Promise<Ending[]> {
  const idle = await openSession(setting, scheme);
  const waiting = await openSession(setting, scheme);
  const answer = code(waiting.get("di-1", key));
  const reading = await openSession(setting, scheme);
  let readBytes = 0;
  const read = code(
    (async () => {
      for await (const batch of reading.contents("di-1", { keys: true, values: true }))
        readBytes += batch.length * value.length;
    })(),
  );
  const left = await openSession(setting, scheme);
  const leftAlone = left.contents("di-1", { keys: true, values: true })[Symbol.asyncIterator]();
  await leftAlone.next();
  await waitFor(() => readBytes > 1_000_000);
  const none = () => 0;
  return [
    { what: `an idle session (${scheme})`, ended: closed(idle), receivedBytes: none },
    { what: `a session with a call under way (${scheme})`, ended: closed(waiting), receivedBytes: none },
    { what: `the call (${scheme})`, ended: answer, receivedBytes: none },
    { what: `a stream that is read (${scheme})`, ended: read, receivedBytes: () => readBytes },
    { what: `a session whose stream is not read (${scheme})`, ended: closed(left), receivedBytes: none },
  ];
}

async function closed(connection: SessionClientConnection): Promise<unknown> {
  return (await connection.closed).code;
}

function code(outcome: Promise<unknown>): Promise<unknown> {
  return outcome.then(
    () => "an answer",
    (error: { code?: unknown }) => error.code,
  );
}

/** A connection that was let in by its headers and says nothing. */
async function silentUpgrade({ server, token }: Setting): Promise<Ending> {
  const socket: Socket = await connectTo(server.url);
  const lines = ["GET /session HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: everdict-session"];
  lines.push(`x-modal-token-id: ${token.tokenId}`, `x-modal-token-secret: ${token.tokenSecret}`, "", "");
  socket.write(lines.join("\r\n"));
  const [accepted] = await once(socket, "data");
  expect(String(accepted)).toContain("101");
  socket.resume();
  const ended = once(socket, "close").then(() => "closed");
  return { what: "a session that has not said HELLO", ended, receivedBytes: () => 0 };
}

describe.each(["http", "ws", "https", "wss"])("revoking a token, sessions over %s", (scheme) => {
  const secure = scheme.endsWith("s") && scheme !== "ws";
  test.runIf(!secure || opensslIsSetUp())(
    "ends idle sessions, calls and streams within a second, and nothing more comes",
    async () => {
      await using setting = await serving(secure ? selfSignedCertificate() : undefined);
      const endings = await sessionEndings(setting, scheme);
      if (scheme === "http") endings.push(await silentUpgrade(setting));
      await expectAllToEnd(setting, endings);
      for (const { what, ended } of endings) {
        const isSilent = what.includes("HELLO");
        expect([what, await ended]).toEqual([what, isSilent ? "closed" : "unauthenticated"]);
      }
    },
  );
});

// ---- gRPC ----

const readAll = framed(DictContentsRequestSchema, { dictId: "di-1", keys: true, values: true });
const getOf = (dictId: string) => framed(DictGetRequestSchema, { dictId, key });

interface GrpcEnding extends Ending {
  readonly answer: ReturnType<typeof collect>;
}

function grpcEnding(what: string, stream: ClientHttp2Stream): GrpcEnding {
  let receivedBytes = 0;
  const answer = collect(stream);
  stream.on("data", (chunk: Buffer) => {
    receivedBytes += chunk.length;
  });
  const ended = new Promise((resolve) => {
    const onHeaders = (headers: IncomingHttpHeaders): void => {
      if (headers["grpc-status"] !== undefined) resolve(`status ${headers["grpc-status"]}`);
    };
    stream.on("response", onHeaders).on("trailers", onHeaders);
    stream.on("close", () => resolve("closed"));
  });
  return { what, answer, ended, receivedBytes: () => receivedBytes };
}

describe.each(["http", "https"])("revoking a token, gRPC over %s", (scheme) => {
  test.runIf(scheme === "http" || opensslIsSetUp())(
    "ends streams, calls and half-received requests within a second, and nothing more comes",
    async () => {
      await using setting = await serving(scheme === "https" ? selfSignedCertificate() : undefined);
      const options = setting.ca === undefined ? {} : { ca: setting.ca };
      await using client = new RawClient(setting.server.url, options);
      // What is not read takes the window of its whole connection.
      await using other = new RawClient(setting.server.url, options);
      const { tokenId, tokenSecret } = setting.token;
      const headers = { "x-modal-token-id": tokenId, "x-modal-token-secret": tokenSecret };
      const open = (rpc: string, by = client) => by.open(rpc, headers);

      const read = grpcEnding("a stream that is read", start(open("DictContents"), readAll));
      const unread = start(open("DictContents", other), readAll);
      const unanswered = grpcEnding("a call under way", start(open("DictGet"), getOf("di-1")));
      const half = open("DictGet");
      half.write(getOf("di-1").subarray(0, 4));
      const halfSent = grpcEnding("a request that is half received", half);
      const large = start(open("DictGet", other), getOf("di-large"));
      await Promise.all([once(large, "response"), once(unread, "response")]);
      await waitFor(() => read.receivedBytes() > 1_000_000);
      await waitFor(() => setting.server.calls.length === 4);
      // Nobody reads these two, so the client has only what its windows take.
      const notRead = [unread, large].map((stream, index): Ending => {
        const ended = once(stream, "close").then(() => "closed");
        stream.on("aborted", () => stream.destroy());
        return { what: `what is not read, ${index}`, ended, receivedBytes: () => 0 };
      });
      await expectAllToEnd(setting, [read, unanswered, halfSent, ...notRead]);
      for (const { what, answer } of [read, unanswered, halfSent])
        expect([what, (await answer).status]).toEqual([what, Status.UNAUTHENTICATED]);
      const again = await client.call("DictLen", { headers });
      expect(again.status).toBe(Status.UNAUTHENTICATED);
    },
  );
});

function start(stream: ClientHttp2Stream, request: Uint8Array): ClientHttp2Stream {
  stream.end(request);
  return stream;
}

test("the end of a token's time ends what is under way within a second, and nothing before", async () => {
  using directory = temporaryDirectory();
  const tokens = await openTokenFile(directory.path);
  const endsAtMs = Date.now() + 4000;
  const token = await tokens.create({ name: "ada", endsAtSeconds: endsAtMs / 1000 });
  const otherToken = await tokens.create({ name: "grace" });
  const server = await startTestServer(service, { authenticator: tokens, shutdownGraceMs: 0 });
  const setting: Setting = {
    server,
    token,
    otherToken,
    ca: undefined,
    revoke: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  await using client = new RawClient(server.url);
  const headers = { "x-modal-token-id": token.tokenId, "x-modal-token-secret": token.tokenSecret };
  const call = grpcEnding("a gRPC call", start(client.open("DictGet", headers), getOf("di-1")));
  const endings: Ending[] = [...(await sessionEndings(setting, "http")), call];
  const earlyMs = await Promise.race(endings.map(({ ended }) => ended.then(() => endsAtMs - Date.now())));
  expect(earlyMs).toBeLessThanOrEqual(0);
  await expectAllToEnd(setting, endings);
  await server.close();
});
