import { Status } from "@everdict/protocol";
import { DictLenRequestSchema } from "@everdict/protocol/api";
import {
  goawayCode,
  Http2Flag,
  Http2Type,
  http2Frame,
  http2HeaderBlock,
  http2Preface,
  http2Start,
  turns,
  uint32,
} from "@everdict/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { framed } from "../../testing/messages.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { connectTo, exchange } from "../../testing/raw-socket.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { waitFor } from "../../testing/wait-for.ts";

/**
 * What no client sends. The one assertion behind all of it: afterwards the server still serves, in the same
 * process, and nothing was thrown that nobody caught (the test runner fails on that by itself).
 */

const beginning = http2Start();

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    len: async () => 1,
    get: async (_dictId, key) => key,
    update: async () => {},
  });
});

afterAll(() => server.close());

async function stillServes(): Promise<void> {
  const lenRequest = framed(DictLenRequestSchema, { dictId: "di-1" });
  // Those who came before have the room of this address for a quarter of a second: a client tries again.
  await waitFor(async () => {
    await using client = new RawClient(server.url);
    return (await client.call("DictLen", { chunks: [lenRequest] })).status === Status.OK;
  });
  await waitFor(() =>
    fetch(`${server.url}/healthz`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
}

/** The codes of the GOAWAYs that {@link poke} was answered with. */
const reasons = new Set<number>();

/** Sends bytes and no more. The server must close the connection, or say why it goes no further with it. */
async function poke(bytes: Uint8Array): Promise<void> {
  const socket = await connectTo(server.url);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    const reason = goawayCode(Buffer.concat(chunks));
    if (reason === undefined) return;
    reasons.add(reason);
    socket.destroy();
  });
  socket.end(bytes);
  await waitFor(() => socket.closed, 20_000);
}

test("random bytes are survived", async () => {
  const inputs = fc.sample(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([http2Preface, bytes])),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([beginning, bytes])),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(`GET /${text} HTTP/1.1\r\n\r\n`)),
      fc.nat({ max: 23 }).map((length) => http2Preface.subarray(0, length)),
    ),
    { numRuns: 2000, seed: 20_240_601 },
  );
  const workers = Array.from({ length: 64 }, async () => {
    for (let input = inputs.pop(); input !== undefined; input = inputs.pop()) await poke(input);
  });
  await Promise.all(workers);
  await stillServes();
});

/** An HTTP/2 frame of any type, with any flags, on any stream. */
const anyFrame = fc
  .record({
    type: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.nat({ max: 255 })),
    flags: fc.nat({ max: 255 }),
    streamId: fc.constantFrom(0, 1, 1, 3, 5, 2, 0x7fffffff),
    payload: fc.uint8Array({ maxLength: 60 }),
    lie: fc.constantFrom(0, 0, 0, 1, -1, 1000),
  })
  .map(({ lie, ...parts }) =>
    http2Frame({ ...parts, declaredBytes: Math.max(0, parts.payload.length + lie) }),
  );

test("random HTTP/2 frames are survived", async () => {
  const inputs = fc.sample(fc.array(anyFrame, { minLength: 1, maxLength: 12 }), {
    numRuns: 1500,
    seed: 20_240_602,
  });
  const workers = Array.from({ length: 64 }, async () => {
    for (let input = inputs.pop(); input !== undefined; input = inputs.pop()) {
      await poke(Buffer.concat([beginning, ...input]));
    }
  });
  await Promise.all(workers);
  // Protocol error, internal error, frame size, compression: whatever was wrong, it is said.
  expect([...reasons].length).toBeGreaterThanOrEqual(3);
  await stillServes();
});

test("random bodies of well-formed calls are answered, each with a status", async () => {
  const bodies = fc.sample(
    fc.tuple(
      fc.constantFrom("DictGet", "DictUpdate", "DictLen", "DictGetOrCreate", "EnvironmentUpdate"),
      fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }),
    ),
    { numRuns: 1000, seed: 20_240_603 },
  );
  await using client = new RawClient(server.url);
  const answers = await Promise.all(bodies.map(([rpc, chunks]) => client.call(rpc, { chunks })));
  for (const { status, message } of answers) {
    expect(status).toBeTypeOf("number");
    if (status !== Status.OK) expect(message).not.toBe("");
  }
  await stillServes();
});

test("declared lengths of gigabytes, all at once, cost no memory", async () => {
  await using client = new RawClient(server.url);
  const before = process.memoryUsage().arrayBuffers;
  const huge = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
  const largest = Buffer.from([0, 0x06, 0x40, 0, 0, 1]);
  const call = (chunk: Buffer) => client.call("DictUpdate", { chunks: [chunk] });
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, index) => call(index % 2 === 0 ? huge : largest)),
  );
  expect(new Set(answers.map(({ code }) => code))).toEqual(
    new Set(["request_too_large", "invalid_argument"]),
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * 1024 * 1024);
});

test("a connection that says nothing understandable in HTTP/1.1 gets a 400 and is closed", async () => {
  const answer = await exchange(server.url, Buffer.from("HELLO\r\n\r\n"));
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
  const tls = await exchange(server.url, Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 13, 10, 13, 10]));
  expect(tls.toString()).toMatch(/^HTTP\/1\.1 400 /);
});

test("connections that are reset at any moment are survived", async () => {
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const socket = await connectTo(server.url);
      socket.write(beginning.subarray(0, index % 34));
      await turns(index % 10);
      socket.resetAndDestroy();
    }),
  );
  await stillServes();
});

test("HTTP/2 connections for which strangers have no room end, and not the process", async () => {
  // About 300 of them have room. In this process an exception that nobody caught fails the test.
  const sockets = await Promise.all(Array.from({ length: 600 }, () => connectTo(server.url)));
  let ended = 0;
  for (const socket of sockets) {
    socket.on("error", () => {});
    socket.on("close", () => ended++);
    socket.resume();
    socket.write(beginning);
  }
  await waitFor(() => ended >= 200);
  for (const socket of sockets) socket.destroy();
  await stillServes();
});

test.each([
  [
    "reset right behind each",
    (streamId: number) => [http2Frame({ type: Http2Type.rstStream, streamId, payload: uint32(8) })],
  ],
  ["made until the connection is ended for them", () => []],
])("requests of pages, %s, end nothing but themselves", async (_, behind) => {
  const headers = http2HeaderBlock({ ":method": "GET", ":scheme": "http", ":path": "/", ":authority": "x" });
  const flags = Http2Flag.endHeaders | Http2Flag.endStream;
  const pokes = Array.from({ length: 40 }, async (__, count) => {
    const frames = Array.from({ length: 1 + count }, (___, index) => {
      const streamId = 2 * index + 1;
      return [
        http2Frame({ type: Http2Type.headers, flags, streamId, payload: headers }),
        ...behind(streamId),
      ];
    });
    await poke(Buffer.concat([beginning, ...frames.flat()]));
  });
  await Promise.all(pokes);
  await stillServes();
});
