// HTTP/2 byte streams that no client sends, against the real server in a process of its own. The short form runs with
// the suite, 100,000 streams with `node conformance/scripts/full.mjs hostile`. What is checked: the server lives on,
// every connection is closed or told why not, memory and descriptors come back, and clients that behave are served
// meanwhile.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  collectable,
  type EverdictProcess,
  goawayCode,
  http2Start,
  openDescriptors,
  residentMiB,
  seededRandom,
  settledMemory,
  startEverdict,
  waitUntil,
  within,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Neighbour, quantile, startNeighbour } from "../neighbour.ts";
import { parameters } from "../parameters.ts";
import { floods, hostileStreams, stalls, violations } from "./hostile-streams.ts";

const connectionsAtOnce = 64;
/** No call of the neighbour may wait for longer, on a busy machine too. */
const neighbourMaxMs = 5000;
/** What the second time may leave in use in the server beyond what the first has left. */
const growthMaxMiB = 8;
/** What the server may take at any moment. */
const peakMaxMiB = 512;

let server: EverdictProcess;
let neighbour: Neighbour;
let descriptorsBefore: number;
let firstTimeMiB: number;

async function connected(): Promise<Socket> {
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

/** Resolves when a connection is closed, in order or not. */
async function closed(socket: Socket): Promise<void> {
  const closing = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await within("the server closes the connection", 30_000, closing);
}

/** Sends bytes and no more. Answers the code of the GOAWAY, or undefined if the server just closed the connection. */
async function send(bytes: Uint8Array): Promise<number | undefined> {
  const socket = await connected();
  let received: Buffer = Buffer.alloc(0);
  let code: number | undefined;
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    code ??= goawayCode(received);
    // Not in order, or this machine would soon have no port left for the next ones.
    if (code !== undefined) socket.resetAndDestroy();
  });
  socket.end(bytes);
  await closed(socket);
  return code;
}

/** The same bytes on a few connections. */
async function sendAtOnce(bytes: Uint8Array): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, () => send(bytes)));
}

/** Sends so many streams of every kind. Answers how often each reason was given. */
async function sendAll(count: number, random: ReturnType<typeof seededRandom>): Promise<Map<string, number>> {
  const kinds = Object.keys(hostileStreams);
  const reasons = new Map<string, number>();
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const kind = random.pick(kinds);
      const code = await send(hostileStreams[kind]!(random, server.token));
      const reason = code === undefined ? "closed" : `GOAWAY ${code}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connectionsAtOnce }, worker));
  return reasons;
}

/** How things are: the neighbour was served meanwhile, and memory is bounded. */
async function report(): Promise<string> {
  await waitUntil("the neighbour has made a call", () => neighbour.latenciesMs().length > 0);
  const mib = residentMiB(server.pid);
  expect(mib).toBeLessThan(peakMaxMiB);
  const latencies = neighbour.latenciesMs();
  expect(latencies.at(-1)).toBeLessThan(neighbourMaxMs);
  neighbour.reset();
  const [p50, p99] = [0.5, 0.99].map((part) => quantile(latencies, part).toFixed(1));
  return `neighbour: ${latencies.length} calls, p50 ${p50} ms, p99 ${p99} ms, slowest ${latencies.at(-1)!.toFixed(0)} ms; ${mib.toFixed(0)} MiB`;
}

// Memory and descriptors are read from /proc.
describe.skipIf(process.platform !== "linux")("HTTP/2 that no client sends", () => {
  beforeAll(async () => {
    server = await startEverdict({ memory: true, nodeArgs: collectable });
    neighbour = await startNeighbour(server);
    await waitUntil("the neighbour is connected", () => neighbour.latenciesMs().length > 2);
    descriptorsBefore = openDescriptors(server.pid);
  }, 60_000);

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  test.each(violations)("%s is answered with the reason", async (_what, frames, codes) => {
    expect(codes).toContain(await send(Buffer.concat([http2Start(), ...frames])));
  });

  // Twice: what the first time leaves is code and tables; what the second time adds to that is a leak. Resident memory stays
  // at what was needed at the same moment at most, as the allocator keeps it.
  describe.each(["the first time", "again"])("%s", (time) => {
    test(`${parameters.hostileStreams / 2} streams of noise, half conversations and lies`, async () => {
      const random = seededRandom();
      console.info(`seed ${random.seed}`);
      const reasons = await sendAll(parameters.hostileStreams / 2, random);
      const told = [...reasons].map(([reason, count]) => `${reason}: ${count}`).join(", ");
      console.info(`${told}; ${await report()}`);
      // Broken just enough: some conversations are fine to their end, others are refused for several reasons.
      expect(reasons.size).toBeGreaterThanOrEqual(4);
    }, 1_200_000);

    test.each(Object.entries(floods))(
      "a flood of %s",
      async (name, make) => {
        const bytes = make(server.token);
        for (let round = 0; round < parameters.floodRounds; round++) await sendAtOnce(bytes);
        console.info(`${name}: ${await report()}`);
      },
      300_000,
    );

    test("connections that stall cost the others nothing", async () => {
      const opening = Object.values(stalls).flatMap((make) =>
        Array.from({ length: parameters.stalledConnections }, async () => {
          const socket = await connected();
          socket.write(make(server.token));
          return socket;
        }),
      );
      const sockets = await Promise.all(opening);
      const isServed = () => neighbour.latenciesMs().length >= 100;
      await waitUntil("the neighbour has made 100 calls", isServed, { timeoutMs: 60_000 });
      console.info(`${sockets.length} stalled connections: ${await report()}`);
      for (const socket of sockets) socket.resetAndDestroy();
    }, 120_000);

    test("all connections are gone by themselves, and memory does not grow for ever", async () => {
      // Those that are silent are asked, and those that broke the protocol are closed.
      const areGone = () => openDescriptors(server.pid) <= descriptorsBefore + 8;
      await waitUntil("the connections are gone", areGone, { timeoutMs: 90_000, everyMs: 100 });
      const { liveMiB, residentMiB: resident } = await settledMemory(server);
      console.info(`${time}: ${liveMiB.toFixed(1)} MiB in use, ${resident.toFixed(0)} MiB resident`);
      if (time === "again") expect(liveMiB - firstTimeMiB).toBeLessThan(growthMaxMiB);
      else firstTimeMiB = liveMiB;
    }, 120_000);
  });

  test("afterwards the server stops in order", async () => {
    await neighbour.stop();
    expect(await server.stop()).toBe(0);
  }, 60_000);
});
