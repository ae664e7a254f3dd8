import { once } from "node:events";
import { constants } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { type CallOptions, Status } from "@everdict/protocol";
import {
  DictContentsRequestSchema,
  DictGetResponseSchema,
  DictLenRequestSchema,
  DictPopRequestSchema,
} from "@everdict/protocol/api";
import { liveBuffersMiB } from "@everdict/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { framed } from "../../testing/messages.ts";
import { collect, type RawAnswer, RawClient } from "../../testing/raw-client.ts";
import { getRequest, rawGet, wideOpen } from "../../testing/raw-get.ts";
import { connectTo } from "../../testing/raw-socket.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { waitFor } from "../../testing/wait-for.ts";

// A client that asks for much and takes nothing: its HTTP/2 windows are shut.

const MIB = 1024 * 1024;
const stallMs = 30_000;
const key = Uint8Array.of(1);
const popRequest = framed(DictPopRequestSchema, { dictId: "di-1", key });
const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });
const contentsRequest = framed(DictContentsRequestSchema, { dictId: "di-1", keys: true, values: true });

let valueBytes = MIB;
let popped = 0;
/** Whether a get reserves room before it reads. */
let asks = true;
let server: TestServer;
let neighbour: RawClient;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  valueBytes = MIB;
  popped = 0;
  asks = true;
  const value = () => new Uint8Array(valueBytes).fill(5);
  async function* contents(_: string, __: unknown, options?: CallOptions) {
    for (;;) yield [{ key, value: await readValue(options) }];
  }
  // As a store does: once there is room, and in a later turn. By then all the calls of a burst have begun.
  const readValue = async ({ room }: CallOptions = {}) => {
    await room?.reserve(valueBytes);
    await new Promise((resolve) => setImmediate(resolve));
    room?.release(valueBytes);
    return value();
  };
  const pop = (_: string, __: Uint8Array, options?: CallOptions) => {
    popped++;
    return readValue(options);
  };
  const get = async (_: string, __: Uint8Array, options?: CallOptions) => {
    if (asks) return readValue(options);
    await new Promise((resolve) => setImmediate(resolve));
    return value();
  };
  const memory = { tokenMemoryMaxBytes: 32 * MIB };
  server = await startTestServer(
    { get, pop, len: async () => 1, contents },
    { clientStallMs: stallMs, memory },
  );
  neighbour = new RawClient(server.url);
});
afterEach(async () => {
  await neighbour[Symbol.asyncDispose]();
  await server.close();
  vi.useRealTimers();
});

/** A client whose streams have no window until it opens one. */
async function shutClient(): Promise<RawClient> {
  const client = new RawClient(server.url, { settings: { initialWindowSize: 0 } });
  await once(client.session, "remoteSettings");
  return client;
}

function ask(client: RawClient, rpc: string, request: Uint8Array, count: number): Promise<RawAnswer>[] {
  return Array.from({ length: count }, () => client.call(rpc, { chunks: [request] }));
}

/** Once everything that was asked is either answered or waits. */
async function settled(): Promise<void> {
  let before = -1;
  await waitFor(async () => {
    const begun = server.calls.filter(({ method }) => method !== "len").length;
    const isSettled = before === begun;
    before = begun;
    expect((await neighbour.call("DictLen", { chunks: [lenRequest] })).status).toBe(Status.OK);
    return isSettled;
  });
}

test.each([true, false])(
  "300 gets of 1 MiB cost a shut client's server 16 MiB, and all are answered when it opens (reserved: %s)",
  async (reserved) => {
    asks = reserved;
    const before = await liveBuffersMiB();
    await using client = await shutClient();
    const answers = ask(client, "DictGet", getRequest, 300);
    await settled();
    expect((await liveBuffersMiB()) - before).toBeLessThan(asks ? 50 : 80);
    client.session.setLocalWindowSize(64 * MIB);
    client.session.settings({ initialWindowSize: 16 * MIB });
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(Status.OK);
      expect(answer.body.length).toBeGreaterThan(MIB);
    }
  },
  30_000,
);

test("nor do they cost more if it opens its windows and reads nothing", async () => {
  const gets = Array.from({ length: 300 }, (_, index) => rawGet(2 * index + 1)).flat();
  const before = await liveBuffersMiB();
  const socket = await connectTo(server.url);
  socket.write(Buffer.concat([...wideOpen, ...gets]));
  await settled();
  expect(server.calls.filter(({ method }) => method === "get").length).toBeGreaterThan(10);
  expect((await liveBuffersMiB()) - before).toBeLessThan(80);
  socket.destroy();
});

test("neither do streams and pops cost more, and a pop that waits for its turn has removed nothing", async () => {
  await using client = await shutClient();
  const before = await liveBuffersMiB();
  const streams = Array.from({ length: 300 }, () => {
    const stream = client.open("DictContents");
    stream.end(contentsRequest);
    return stream;
  });
  await settled();
  // The share of the token, here 32 MiB, and for each stream a piece.
  expect((await liveBuffersMiB()) - before).toBeLessThan(64);
  for (const stream of streams) stream.close();
  const gets = ask(client, "DictGet", getRequest, 16);
  await settled();
  const pops = ask(client, "DictPop", popRequest, 50);
  await settled();
  expect((await liveBuffersMiB()) - before).toBeLessThan(64);
  expect(popped).toBe(0);
  client.session.settings({ initialWindowSize: 16 * MIB });
  expect((await Promise.all([...gets, ...pops])).every(({ status }) => status === Status.OK)).toBe(true);
  expect(popped).toBe(50);
});

test("answers that nobody takes are ended, calls behind them refused, and the connection stays as it was", async () => {
  await using client = await shutClient();
  const first = ask(client, "DictGet", getRequest, 16);
  await settled();
  const waiting = ask(client, "DictPop", popRequest, 10);
  await settled();
  await vi.advanceTimersByTimeAsync(2 * stallMs);
  for (const answer of await Promise.all(waiting)) expect(answer.code).toBe("overloaded");
  expect(popped).toBe(0);
  const ended = constants.NGHTTP2_ENHANCE_YOUR_CALM;
  expect((await Promise.all(first)).map(({ rstCode }) => rstCode)).toEqual(first.map(() => ended));
  client.session.settings({ initialWindowSize: 16 * MIB });
  expect((await client.call("DictGet", { chunks: [getRequest] })).status).toBe(Status.OK);
});

test("a call that is given up while it waits never runs", async () => {
  await using client = await shutClient();
  const first = ask(client, "DictGet", getRequest, 16);
  await settled();
  const [late] = await Promise.all([
    client.call("DictPop", { chunks: [popRequest], headers: { "grpc-timeout": "20m" } }),
  ]);
  expect(late.status).toBe(Status.DEADLINE_EXCEEDED);
  const reset = client.open("DictPop");
  const over = collect(reset);
  reset.end(popRequest);
  await settled();
  reset.close();
  await over;
  client.session.settings({ initialWindowSize: 16 * MIB });
  await Promise.all(first);
  await settled();
  expect(popped).toBe(0);
});

test("several values of 100 MiB pass, one after the other", async () => {
  valueBytes = 100 * MIB;
  await using client = new RawClient(server.url, { settings: { initialWindowSize: 64 * MIB } });
  const answers = ask(client, "DictGet", getRequest, 3);
  for (const answer of answers) {
    const { status, messages } = await answer;
    expect(status).toBe(Status.OK);
    expect(fromBinary(DictGetResponseSchema, messages[0]!).value).toHaveLength(valueBytes);
  }
}, 60_000);
