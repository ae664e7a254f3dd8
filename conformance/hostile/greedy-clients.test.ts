// Clients with a token that ask for much and take little, against the real server in a process of its own: what they
// cost it, and a neighbour with another token. The bound of memory is the share of one token; the neighbour goes on.
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import {
  DictContentsRequestSchema,
  DictGetRequestSchema,
  DictUpdateRequestSchema,
} from "@everdict/protocol/api";
import { type Carrier, SessionClient } from "@everdict/session";
import { connectSession } from "@everdict/session/node";
import {
  collectable,
  type EverdictProcess,
  repositoryRoot,
  residentMiB,
  settledMemory,
  startEverdict,
  type Token,
  turns,
  waitUntil,
} from "@everdict/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { framed } from "../../packages/server/testing/messages.ts";
import { FrameType } from "../../packages/session/src/frames/wire.ts";
import { frame, helloFrame, type RawPeer, rawPeer } from "../../packages/session/testing/raw-peer.ts";
import { quantile } from "../neighbour.ts";

const mib = 1024 * 1024;
const largeBytes = 8 * mib;
const largeKey = Uint8Array.of(1);
/** What clients may hold, and one token half of it. */
const clientMemoryMiB = 128;
const shareMiB = clientMemoryMiB / 2;
/** What garbage, copies on the way out and the allocator add to what is held. */
const slackMiB = 96;
/** By how much a neighbour may be slower than alone, on a machine on which others work too. */
const neighbourMaxMs = 1000;
/** How many calls of a neighbour are looked at: what takes it about 1.5 s if nobody else asks for anything. */
const watchedCalls = 300;

let server: EverdictProcess;
let greedy: SessionClient;
let neighbour: ChildProcess | undefined;
let dictId: string;
let smallDictId: string;
let cleanUps: (() => void)[] = [];

function secondToken(): Token {
  const program = join(repositoryRoot, "packages", "cli", "bin", "everdict.js");
  const args = [program, "token", "create", "neighbour", "--data-dir", server.dataDirectory, "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  const { token_id: tokenId, token_secret: tokenSecret } = JSON.parse(stdout);
  return { tokenId, tokenSecret };
}

beforeAll(async () => {
  const limits = ["--client-memory", `${clientMemoryMiB}MiB`, "--request-max-bytes", "64MiB"];
  server = await startEverdict({
    nodeArgs: collectable,
    args: ["--value-cache", "1MiB", "--value-max-bytes", "60MiB", ...limits],
  });
  greedy = new SessionClient({ ...server.token, connect: () => connectSession({ url: server.serverUrl }) });
  const newDict = () => greedy.getOrCreateDict({ mode: "ephemeral", environment: "" });
  dictId = (await newDict()).dictId;
  smallDictId = (await newDict()).dictId;
  const value = new Uint8Array(largeBytes).fill(7);
  await greedy.update(dictId, [{ key: largeKey, value }]);
  const entries = Array.from({ length: 500 }, (_, index) => ({
    key: new TextEncoder().encode(`k${index}`),
    value: new Uint8Array(8192).fill(index),
  }));
  await greedy.update(smallDictId, entries);
  const options = { url: server.url, ...secondToken() };
  // A process of its own: what keeps the attackers busy is no delay of the server.
  neighbour = fork(new URL("neighbour-process.mjs", import.meta.url), [JSON.stringify(options)], {
    execArgv: [],
  });
  await nextLatencies();
}, 60_000);

afterEach(() => {
  for (const cleanUp of cleanUps) cleanUp();
  cleanUps = [];
});

afterAll(async () => {
  if (neighbour?.connected) neighbour.disconnect();
  await greedy.close();
  await server[Symbol.asyncDispose]();
});

async function latenciesSinceLast(): Promise<number[]> {
  neighbour!.send("report");
  const [latencies] = (await once(neighbour!, "message")) as [number[]];
  return latencies;
}

/** How long the next calls took. */
async function nextLatencies(): Promise<number[]> {
  const latencies: number[] = [];
  const isEnough = async (): Promise<boolean> => {
    latencies.push(...(await latenciesSinceLast()));
    return latencies.length >= watchedCalls;
  };
  await waitUntil("the neighbour has made its calls", isEnough, { timeoutMs: 30_000 });
  return latencies;
}

/** The 99th percentile of a neighbour's calls in the time that something takes, and a while after. */
async function neighbourP99Ms(during: () => Promise<unknown>): Promise<number> {
  await latenciesSinceLast();
  await during();
  const latencies = [...(await latenciesSinceLast()), ...(await nextLatencies())];
  return quantile(
    latencies.sort((one, other) => one - other),
    0.99,
  );
}

/** Does something, and watches what it costs: the server in memory, and a neighbour in time. */
async function costOf(what: string, attack: () => Promise<void>): Promise<{ grownMiB: number }> {
  const { residentMiB: before } = await settledMemory(server);
  const aloneMs = await neighbourP99Ms(async () => {});
  let peakMiB = 0;
  const sampling = setInterval(() => {
    peakMiB = Math.max(peakMiB, residentMiB(server.pid));
  }, 20);
  const p99Ms = await neighbourP99Ms(attack);
  clearInterval(sampling);
  const grownMiB = peakMiB - before;
  const slower = `p99 of the neighbour ${p99Ms.toFixed(1)} ms, alone ${aloneMs.toFixed(1)} ms`;
  console.info(`${what}: +${grownMiB.toFixed(0)} MiB; ${slower}`);
  expect(p99Ms).toBeLessThan(neighbourMaxMs + 4 * aloneMs);
  return { grownMiB };
}

/** A session that the test speaks by hand; it has given number 0 to a dictionary. */
async function rawSession(number0: string): Promise<{ peer: RawPeer; carrier: Carrier }> {
  const carrier = await connectSession({ url: server.serverUrl });
  cleanUps.push(() => carrier.destroy());
  const peer = rawPeer(carrier);
  peer.send(helloFrame({ ...server.token, settings: new Map([[2, 2 ** 30]]) }));
  peer.send(frame(FrameType.dict, 0, (sink) => sink.text(number0)));
  return { peer, carrier };
}

function getLarge(id: number): Uint8Array {
  return frame(FrameType.get, id, (sink) => {
    sink.u8(0);
    sink.u32(0);
    sink.raw(largeKey);
  });
}

function contents(id: number, credit: number): Uint8Array {
  return frame(FrameType.contents, id, (sink) => {
    sink.u8(0);
    sink.u32(0);
    sink.u8(3);
    sink.u32(credit);
  });
}

/** A gRPC client whose streams have no window: whatever it asks for stays in the server. */
function shutHttp2() {
  const session = connectHttp2(server.serverUrl, { settings: { initialWindowSize: 0 } });
  session.on("error", () => {});
  cleanUps.push(() => session.destroy());
  return (rpc: string, message: Uint8Array, sentBytes = message.length) => {
    const stream = session.request({
      ":method": "POST",
      ":path": `/modal.client.ModalClient/${rpc}`,
      "content-type": "application/grpc",
      "x-modal-token-id": server.token.tokenId,
      "x-modal-token-secret": server.token.tokenSecret,
    });
    stream.on("error", () => {});
    if (sentBytes === message.length) stream.end(message);
    else stream.write(message.subarray(0, sentBytes));
    return stream;
  };
}

const getMessage = () => framed(DictGetRequestSchema, { dictId, key: largeKey });
const update = (bytes: number) =>
  framed(DictUpdateRequestSchema, { dictId, updates: [{ key: largeKey, value: new Uint8Array(bytes) }] });
const contentsMessage = () => framed(DictContentsRequestSchema, { dictId, keys: true, values: true });

describe("a client with a token that", () => {
  test("gets a large value 100 times by a session and does not read costs its share, not 800 MiB", async () => {
    const { grownMiB } = await costOf("100 gets of 8 MiB by a session", async () => {
      const { peer } = await rawSession(dictId);
      peer.pause();
      for (let id = 1; id <= 100; id++) peer.send(getLarge(id));
    });
    expect(grownMiB).toBeLessThan(shareMiB + slackMiB);
  }, 60_000);

  test("gets it 100 times by gRPC and does not read costs its share", async () => {
    const { grownMiB } = await costOf("100 gets of 8 MiB by gRPC", async () => {
      const ask = shutHttp2();
      for (let call = 0; call < 100; call++) ask("DictGet", getMessage());
    });
    expect(grownMiB).toBeLessThan(shareMiB + slackMiB);
  }, 60_000);

  test("reads the contents of a large value 120 times by a session and takes none costs its share", async () => {
    const { grownMiB } = await costOf("120 contents of 8 MiB by 12 sessions", async () => {
      for (let session = 0; session < 12; session++) {
        const { peer } = await rawSession(dictId);
        peer.pause();
        for (let id = 1; id <= 10; id++) peer.send(contents(id, 1));
      }
    });
    expect(grownMiB).toBeLessThan(shareMiB + slackMiB);
  }, 60_000);

  test("reads them 120 times by gRPC and takes none costs its share", async () => {
    const { grownMiB } = await costOf("120 contents of 8 MiB by gRPC", async () => {
      const ask = shutHttp2();
      for (let call = 0; call < 120; call++) ask("DictContents", contentsMessage());
    });
    expect(grownMiB).toBeLessThan(shareMiB + slackMiB);
  }, 60_000);

  test("opens 1,000 streams on each of 5 sessions and takes none costs its share", async () => {
    const { grownMiB } = await costOf("5 x 1,000 unread streams", async () => {
      for (let session = 0; session < 5; session++) {
        const { peer } = await rawSession(smallDictId);
        for (let id = 1; id <= 1000; id++) peer.send(contents(id, 1));
      }
    });
    // Of 4,096 streams of a token, each with a batch of 32 KiB; their objects are counted by number.
    expect(grownMiB).toBeLessThan(128 + slackMiB);
  }, 60_000);

  test("announces large requests in parts and sends a byte of each keeps nobody from anything", async () => {
    const announce = (peer: RawPeer, id: number) =>
      peer.send(
        frame(FrameType.firstPart, id, (sink) => {
          sink.u8(FrameType.update);
          sink.u32(60 * mib);
          sink.u8(0);
        }),
      );
    let refused = 0;
    const { grownMiB } = await costOf("8 sessions that announce 120 MiB each", async () => {
      for (let session = 0; session < 8; session++) {
        const { peer } = await rawSession(dictId);
        announce(peer, 1);
        announce(peer, 2);
        peer.send(frame(FrameType.ping, 3));
        await waitUntil("what was announced is taken", () => peer.ofType(FrameType.pong).length > 0);
        refused += peer.ofType(FrameType.error).length;
      }
      const ask = shutHttp2();
      for (let call = 0; call < 20; call++) ask("DictUpdate", update(60 * mib), 6);
    });
    expect(refused).toBe(0);
    expect(grownMiB).toBeLessThan(slackMiB);
  }, 60_000);

  test("uploads much over gRPC and does not end it is refused beyond its share, its neighbour is not", async () => {
    const message = update(10 * mib);
    const { grownMiB } = await costOf("10 uploads of 10 MiB that do not end", async () => {
      for (let call = 0; call < 10; call++) {
        shutHttp2()("DictUpdate", message, message.length - 1);
      }
    });
    expect(grownMiB).toBeLessThan(shareMiB + slackMiB);
  }, 60_000);

  test("numbers 1,024 texts of 120 KB as dictionaries on each of 3 sessions is refused at the first", async () => {
    const { grownMiB } = await costOf("3 x 1,024 dictionary numbers of 120 KB", async () => {
      for (let session = 0; session < 3; session++) {
        const { peer } = await rawSession(dictId);
        const text = "x".repeat(120_000);
        const named = (number: number) => frame(FrameType.dict, number, (sink) => sink.text(text));
        for (let number = 1; number < 1024 && !peer.isClosed; number++) {
          peer.send(named(number));
          if (number % 16 === 0) await turns(1);
        }
      }
    });
    expect(grownMiB).toBeLessThan(slackMiB);
  }, 60_000);
});

test("and all of them leave the server as it was, its clients working", async () => {
  const value = new Uint8Array(largeBytes).fill(9);
  await greedy.update(dictId, [{ key: largeKey, value }]);
  const gets = Array.from({ length: 20 }, () => greedy.get(dictId, largeKey));
  for (const found of await Promise.all(gets)) expect(found?.length).toBe(largeBytes);
}, 60_000);
