// What somebody without a token can cost the real server in a process of its own: memory, a neighbour's time, its
// descriptors. Every test prints what it measured.
import {
  type EverdictProcess,
  Http2Flag,
  Http2Type,
  http2Frame,
  http2HeaderBlock,
  http2Start,
  residentMiB,
  startEverdict,
  waitUntil,
} from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { type Neighbour, quantile, startNeighbour } from "../neighbour.ts";
import { attack } from "./attack.ts";

/** What strangers may cost the server in all. */
const strangersMaxMiB = 64;
/** How much later the neighbour's slowest calls but one in a hundred may be. */
const neighbourDelayMaxMs = 50;

const initialWindowSize = 4;

/** The client opens no window and asks for the page, so often. */
function unreadPages(count: number): Buffer {
  const head = { ":method": "GET", ":path": "/", ":scheme": "http", ":authority": "example.org" };
  const payload = http2HeaderBlock(head);
  const flags = Http2Flag.endStream | Http2Flag.endHeaders;
  const requests = Array.from({ length: count }, (_, index) =>
    http2Frame({ type: Http2Type.headers, flags, streamId: 2 * index + 1, payload }),
  );
  return Buffer.concat([http2Start({ [initialWindowSize]: 0 }), ...requests]);
}

/** Keeps looking at what the server takes. */
function watchMemory({ pid }: EverdictProcess): Disposable & { readonly growthMiB: () => number } {
  const before = residentMiB(pid);
  let most = before;
  const look = (): void => {
    most = Math.max(most, residentMiB(pid));
  };
  const timer = setInterval(look, 20);
  return {
    growthMiB: () => {
      look();
      return most - before;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Lets the neighbour make so many calls more. */
async function letWork(neighbour: Neighbour, calls: number): Promise<number> {
  neighbour.reset();
  const timeoutMs = 60_000;
  await waitUntil("the neighbour works", () => neighbour.latenciesMs().length >= calls, { timeoutMs });
  return quantile(neighbour.latenciesMs(), 0.99);
}

/** What an attack costs: the server's memory, and how much later the neighbour has its answers. */
async function costOf(server: EverdictProcess, what: Parameters<typeof attack>[1]) {
  const neighbour = await startNeighbour(server);
  await letWork(neighbour, 200);
  const before = await letWork(neighbour, 400);
  using memory = watchMemory(server);
  neighbour.reset();
  await using attacking = await attack(server, what);
  const calls = neighbour.latenciesMs().length + 400;
  await waitUntil("the neighbour works", () => neighbour.latenciesMs().length >= calls, {
    timeoutMs: 60_000,
  });
  const p99Ms = quantile(neighbour.latenciesMs(), 0.99);
  const tally = await attacking.tally();
  const growthMiB = memory.growthMiB();
  // This machine may have become busier with other things.
  const quietP99Ms = Math.max(before, await letWork(neighbour, 400));
  await neighbour.stop();
  return { growthMiB, quietP99Ms, p99Ms, ...tally };
}

/** Asserts what the attack may cost, and prints what it did. */
function expectCheap(what: string, cost: Awaited<ReturnType<typeof costOf>>): void {
  const { growthMiB, quietP99Ms, p99Ms, connected, closed } = cost;
  console.info(
    `${what}: ${growthMiB.toFixed(0)} MiB, the neighbour's p99 ${quietP99Ms.toFixed(1)} -> ${p99Ms.toFixed(1)} ms, ` +
      `${connected} connections, ${closed} closed`,
  );
  expect(growthMiB).toBeLessThan(strangersMaxMiB);
  // A machine on which the neighbour waits without any attack makes everything as much slower.
  expect(p99Ms - quietP99Ms).toBeLessThan(neighbourDelayMaxMs + 3 * quietP99Ms);
}

describe("without a token", () => {
  test("a page that nobody reads, asked for a million times, costs little memory and no neighbour's time", async () => {
    await using server = await startEverdict({ memory: true });
    const cost = await costOf(server, { connections: 260, bytes: unreadPages(4000) });
    expectCheap("260 connections x 4,000 unread pages", cost);
    expect(cost.closed).toBe(cost.connected);
  }, 60_000);

  test("as many unread pages as a connection may ask for, on many connections, cost no more memory", async () => {
    await using server = await startEverdict({ memory: true });
    using memory = watchMemory(server);
    await using attacking = await attack(server, { connections: 400, bytes: unreadPages(16), again: true });
    await waitUntil("they came again and again", async () => (await attacking.tally()).closed > 400, {
      timeoutMs: 30_000,
    });
    console.info(`connections x 16 unread pages, again and again: ${memory.growthMiB().toFixed(0)} MiB`);
    expect(memory.growthMiB()).toBeLessThan(strangersMaxMiB);
  }, 60_000);
});
