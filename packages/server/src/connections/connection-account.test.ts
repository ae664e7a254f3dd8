import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Health } from "../health.ts";
import type { Connection } from "./connection.ts";
import { ConnectionAccount } from "./connection-account.ts";
import {
  answerPatienceSeconds,
  resetPatienceSeconds,
  strangerGraceMs,
  strangerPatienceSeconds,
  strangerStreamsMax,
  strangersMaxBytes,
  strangersOfAddressMaxBytes,
  strangerWeightBytes,
} from "./connection-limits.ts";
import { descriptorShares } from "./descriptor-limit.ts";

/** What a connection needs of a socket. */
class FakeSocket extends EventEmitter {
  isDestroyed = false;
  readonly remoteAddress: string;
  readonly _handle: { readonly fd: number };

  constructor(remoteAddress: string, fd: number) {
    super();
    this.remoteAddress = remoteAddress;
    this._handle = { fd };
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

const lines: { readonly level: number; readonly msg: string }[] = [];
let health: Health;
let account: ConnectionAccount;

function newAccount(options: { connectionsMax?: number; descriptorsMax?: number } = {}): ConnectionAccount {
  lines.length = 0;
  health = new Health();
  const { connectionsMax = 100_000, descriptorsMax = 1_000_000 } = options;
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const descriptors = descriptorShares(descriptorsMax);
  return new ConnectionAccount({ connectionsMax, descriptors, health, logger });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  account = newAccount();
});
afterEach(() => {
  account.close();
  vi.useRealTimers();
});

function arrive(address = "192.0.2.1", fd = 20): { connection: Connection | undefined; socket: FakeSocket } {
  const socket = new FakeSocket(address, fd);
  return { connection: account.admit(socket as unknown as Socket, false), socket };
}

function arriveWithHttp2(address?: string): Connection {
  const { connection } = arrive(address);
  expect(connection?.speaks("http2")).toBe(true);
  return connection!;
}

/** Lets as many strangers in as there is room for. */
function crowd(address: string): number {
  for (let count = 0; ; count++) {
    const { connection } = arrive(address);
    if (connection?.speaks("http2") !== true) return count;
  }
}

test("one address takes its share, and all addresses no more than the whole", () => {
  const ofOne = crowd("192.0.2.1");
  expect(ofOne).toBe(Math.floor(strangersOfAddressMaxBytes / strangerWeightBytes.http2));
  const ofTwo = crowd("192.0.2.2");
  expect(ofTwo).toBeGreaterThan(100);
  expect(account.counts.strangersBytes).toBeLessThanOrEqual(strangersMaxBytes);
  expect(crowd("192.0.2.3")).toBe(0);
  expect(lines.filter(({ msg }) => msg.includes("is reached"))).toHaveLength(1);
});

test("who shows a token leaves room for others, and is never ended in favour of them", () => {
  const connection = arriveWithHttp2("192.0.2.1");
  connection.showedToken();
  connection.showedToken();
  expect(account.counts).toMatchObject({ connections: 1, strangers: 0, strangersBytes: 0 });
  crowd("192.0.2.1");
  vi.advanceTimersByTime(strangerGraceMs + 1);
  expect(arrive("192.0.2.1").connection).toBeDefined();
  expect(connection.isOver).toBe(false);
});

test("the oldest stranger makes room for a new one when it had its time to show a token", () => {
  const { connection: oldest, socket } = arrive("192.0.2.1");
  oldest!.speaks("http2");
  crowd("192.0.2.1");
  // What is left is less than a connection takes.
  while (arrive("192.0.2.1").connection !== undefined);
  expect(oldest!.isOver).toBe(false);
  vi.advanceTimersByTime(strangerGraceMs + 1);
  expect(arrive("192.0.2.1").connection).toBeDefined();
  expect([oldest!.isOver, socket.isDestroyed]).toEqual([true, true]);
});

test("everything that was counted is given back", () => {
  const connections = Array.from({ length: 50 }, (_, index) => arriveWithHttp2(`192.0.2.${index % 3}`));
  for (const connection of connections) {
    const requests = Array.from({ length: 3 }, () => connection.begin({ host: "x" }, () => {}));
    requests[0]!.finish();
    requests[0]!.finish();
  }
  connections[0]!.showedToken();
  for (const connection of connections) {
    connection.left();
    connection.left();
  }
  expect(account.counts).toMatchObject({ connections: 0, strangers: 0, strangersBytes: 0 });
});

test("too many requests without a token end a stranger's connection, and are refused on a caller's", () => {
  const stranger = arriveWithHttp2();
  const caller = arriveWithHttp2();
  caller.showedToken();
  for (const connection of [stranger, caller]) {
    for (let count = 0; count < strangerStreamsMax; count++)
      expect(connection.begin({}, () => {})).toBeDefined();
    expect(connection.begin({}, () => {})).toBeUndefined();
  }
  expect([stranger.isOver, caller.isOver]).toEqual([true, false]);
});

test("an answer that is not taken is cancelled, and if that does not help the connection is ended", () => {
  const connection = arriveWithHttp2();
  const cancel = vi.fn();
  connection.begin({}, cancel);
  vi.advanceTimersByTime(answerPatienceSeconds * 1000);
  expect(cancel).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(cancel).toHaveBeenCalled();
  expect(connection.isOver).toBe(false);
  vi.advanceTimersByTime((resetPatienceSeconds + 1) * 1000);
  expect(connection.isOver).toBe(true);
});

test.each(["arrived", "http1", "http2"] as const)("a stranger that is idle (%s) is ended in time", (kind) => {
  const { connection } = arrive();
  const close = vi.fn();
  const destroy = vi.fn();
  if (kind !== "arrived") connection!.speaks(kind, { close, destroy });
  vi.advanceTimersByTime(strangerPatienceSeconds[kind] * 1000);
  expect([close.mock.calls.length, connection!.isOver]).toEqual([0, false]);
  vi.advanceTimersByTime(1000);
  // Politely at first, where there is a way.
  expect([close.mock.calls.length, connection!.isOver]).toEqual(kind === "arrived" ? [0, true] : [1, false]);
  vi.advanceTimersByTime(1000);
  expect(connection!.isOver).toBe(true);
});

test("a caller's connection may be idle for ever", () => {
  const connection = arriveWithHttp2();
  connection.showedToken();
  vi.advanceTimersByTime(24 * 3600 * 1000);
  expect(connection.isOver).toBe(false);
});

test("descriptors above the share of connections are left alone, whatever uses those below", () => {
  account.close();
  account = newAccount({ descriptorsMax: 256 });
  const { connections } = descriptorShares(256);
  expect(connections).toBe(192);
  expect(arrive("192.0.2.1", connections - 1).connection).toBeDefined();
  expect(arrive("192.0.2.1", connections).connection).toBeUndefined();
  expect([...health.problems.keys()]).toEqual(["connections"]);
  expect(health.isReady).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect([...health.problems.keys()]).toEqual([]);
  expect(lines.map(({ level }) => level)).toEqual([40, 30]);
});

test("connections of callers are counted, too, and a newcomer is refused if there are no strangers", () => {
  account.close();
  account = newAccount({ connectionsMax: 3 });
  for (let count = 0; count < 3; count++) arriveWithHttp2().showedToken();
  vi.advanceTimersByTime(strangerGraceMs + 1);
  expect(arrive().connection).toBeUndefined();
  expect(account.counts).toMatchObject({ connections: 3, connectionsMax: 3 });
});
