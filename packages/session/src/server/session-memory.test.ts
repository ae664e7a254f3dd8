// What sessions may hold of the server's memory, and what ends those that hold it for nothing.
import { bulkAnswerBytes, type Entry, MemoryAccount } from "@everdict/protocol";
import { turns } from "@everdict/testkit";
import { expect, test } from "vitest";
import { fakeService } from "../../testing/fake-service.ts";
import { fakeTimers } from "../../testing/fake-timers.ts";
import { codes, firstPart, welcomed } from "../../testing/raw-client.ts";
import { frame, getFrame } from "../../testing/raw-peer.ts";
import { text } from "../../testing/session-setup.ts";

import { ByteSource } from "../frames/byte-source.ts";
import { FrameType, RequestFlag } from "../frames/wire.ts";
import { readError } from "../messages/error-message.ts";

const KIB = 1024;

function part(id: number, bytes: number): Uint8Array {
  return frame(FrameType.part, id, (sink) => sink.raw(new Uint8Array(bytes)));
}

/** A stream of both parts, with so much credit. */
function contentsFrame(id: number, credit: number): Uint8Array {
  return frame(FrameType.contents, id, (sink) => {
    sink.u8(0);
    sink.u32(0);
    sink.u8(3);
    sink.u32(credit);
  });
}

async function* neverEnding(): AsyncGenerator<readonly Entry[]> {
  for (;;) yield [{ key: Uint8Array.of(1), value: new Uint8Array(30 * KIB) }];
}

test("messages in parts need room in the session by what is announced, in the account by what arrived", async () => {
  const account = new MemoryAccount({ clientMemoryMaxBytes: 200_000, tokenMemoryMaxBytes: 100_000 });
  const memory = account.token("t");
  const { service, calls } = fakeService();
  const { client } = await welcomed(service, { limits: { partsMaxBytes: 420_000 }, memory });
  client.send(firstPart(1, 200_000, 10_000), firstPart(2, 200_000, 10_000), firstPart(3, 100_000, 10));
  await turns();
  expect(codes(client)).toEqual([[3, "overloaded"]]);
  expect(memory.heldBytes).toBe(20_000);
  client.send(part(1, 79_000));
  await turns();
  expect(memory.heldBytes).toBe(99_000);
  client.send(part(2, 2000), part(2, 2000));
  await turns();
  expect(codes(client).at(-1)).toEqual([2, "overloaded"]);
  expect(memory.heldBytes).toBe(89_000);
  client.send(frame(FrameType.cancel, 1));
  await turns();
  expect(codes(client).at(-1)).toEqual([1, "cancelled"]);
  expect(memory.heldBytes).toBe(0);
  // Flags and a dictionary by number, all zero: complete with its first part, and at work.
  client.send(firstPart(4, 80_000, 80_000, FrameType.get));
  await turns();
  expect(calls.map(({ method }) => method)).toEqual(["get"]);
  client.send(firstPart(5, 90_000, 10_000));
  await turns();
  expect(memory.heldBytes).toBe(90_000);
  client.destroy();
  await turns();
  expect(memory.heldBytes).toBe(80_000);
  calls[0]!.answer(undefined);
  await turns();
  expect(memory.heldBytes).toBe(0);
});

test("a small message in parts passes when large ones have taken the whole share", async () => {
  const account = new MemoryAccount({ clientMemoryMaxBytes: 200_000 });
  const { service, calls } = fakeService();
  const { client } = await welcomed(service, { memory: account.token("t") });
  client.send(firstPart(1, 150_000, 99_000), firstPart(2, 150_000, 2000));
  client.send(firstPart(3, 60_000, 60_000, FrameType.get), getFrame(4, "k"));
  await turns();
  expect(codes(client)).toEqual([[2, "overloaded"]]);
  expect(calls.map(({ method }) => method)).toEqual(["get", "get"]);
  expect(account.stats()).toMatchObject({
    refused: 1,
    heldBytes: { requests: 99_000, smallRequests: 60_000 },
  });
});

test.each([
  ["nothing", 0],
  ["a byte every 20 seconds", 1],
])("a message of which %s comes is refused and its memory given back", async (_, bytesEach) => {
  const timers = fakeTimers();
  const account = new MemoryAccount();
  const { client } = await welcomed(fakeService().service, { timers, memory: account.token("t") });
  client.send(firstPart(1, 100_000, 10));
  for (let second = 0; second < 61; second++) {
    client.send(frame(FrameType.ping, 0));
    if (bytesEach > 0 && second % 20 === 0) client.send(part(1, bytesEach));
    await timers.advance(1000);
  }
  expect(codes(client)).toEqual([[1, "deadline_exceeded"]]);
  expect(account.stats()).toMatchObject({ stalled: 1, heldBytes: { requests: 0 } });
});

test("one that goes on, however slowly, is completed", async () => {
  const timers = fakeTimers();
  const { service, calls } = fakeService();
  const { client } = await welcomed(service, { timers });
  client.send(firstPart(1, 2000 + 10 * KIB, 2000, FrameType.get));
  for (let round = 0; round < 10; round++) {
    for (let second = 0; second < 25; second++) {
      client.send(frame(FrameType.ping, 0));
      await timers.advance(1000);
    }
    client.send(part(1, 1024));
  }
  expect(codes(client)).toEqual([]);
  await turns();
  expect(calls.map(({ method }) => method)).toEqual(["get"]);
});

test("a number for a text that is longer than any id is refused, and nothing of it stays", async () => {
  const { client } = await welcomed(fakeService().service);
  client.send(frame(FrameType.dict, 1, (sink) => sink.text("x".repeat(100_000))));
  await turns();
  const [goodbye] = client.ofType(FrameType.goodbye);
  expect(readError(new ByteSource().reset(goodbye!.content, 0, goodbye!.content.length))).toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining("100000 characters"),
  });
});

test("streams of a token are refused beyond its limit, over all its sessions", async () => {
  const memory = new MemoryAccount({ tokenStreamsMax: 3 }).token("t");
  const { service } = fakeService(() => neverEnding());
  const first = await welcomed(service, { memory });
  const second = await welcomed(service, { memory });
  first.client.send(contentsFrame(1, 1), contentsFrame(2, 1));
  await turns();
  second.client.send(contentsFrame(1, 1), contentsFrame(2, 1));
  await turns();
  expect(codes(first.client)).toEqual([]);
  expect(codes(second.client)).toEqual([[2, "overloaded"]]);
  first.client.send(frame(FrameType.cancel, 1));
  await turns();
  second.client.send(contentsFrame(3, 1));
  await turns();
  expect(codes(second.client)).toEqual([[2, "overloaded"]]);
});

test("a client that takes no answers is ended, and gives back what they held", async () => {
  const timers = fakeTimers();
  const account = new MemoryAccount();
  const { service } = fakeService(() => new Uint8Array(1_000_000));
  const { client, errors } = await welcomed(service, { timers, memory: account.token("t") });
  client.pause();
  for (let id = 1; id <= 100; id++) client.send(getFrame(id, "k"));
  await turns(20);
  const { heldBytes } = account.stats();
  expect(heldBytes.answers).toBeGreaterThan(8_000_000);
  // Beyond 8 MiB that are to be sent, nothing more is read.
  expect(heldBytes.answers).toBeLessThan(11_000_000);
  for (let second = 0; second < 61; second++) {
    client.send(frame(FrameType.ping, 0));
    await timers.advance(1000);
  }
  expect(errors).toEqual(["deadline_exceeded"]);
  expect(account.stats()).toMatchObject({ stalled: 1, heldBytes: { answers: 0 } });
});

test("a stream that nobody gives credit to fetches nothing more, and may stand as long as it likes", async () => {
  const timers = fakeTimers();
  const account = new MemoryAccount();
  const { service } = fakeService(() => neverEnding());
  const { client } = await welcomed(service, { timers, memory: account.token("t") });
  for (let id = 1; id <= 100; id++) client.send(contentsFrame(id, 1));
  await turns(50);
  expect(account.stats().heldBytes.streams).toBeLessThanOrEqual(100 * 31 * KIB);
  for (let second = 0; second < 200; second++) {
    client.send(frame(FrameType.ping, 0));
    await timers.advance(1000);
  }
  expect(client.isClosed).toBe(false);
  expect(codes(client)).toEqual([]);
  client.destroy();
  await turns();
  expect(account.stats().heldBytes.streams).toBe(0);
});

test("small requests of all sessions of a token that wait for the store stop the reading", async () => {
  const memory = new MemoryAccount({ tokenPendingMaxBytes: 300 * KIB }).token("t");
  const { service, calls } = fakeService();
  const greedy = await welcomed(service, { memory });
  const modest = await welcomed(service, { memory });
  for (let id = 1; id <= 100; id++) greedy.client.send(getFrame(id, "k".repeat(16_000)));
  await turns(50);
  expect(calls.length).toBeLessThan(50);
  const before = calls.length;
  modest.client.send(getFrame(1, "k"));
  await turns();
  expect(calls.length).toBe(before + 1);
  for (let round = 0; round < 10; round++) {
    for (const call of calls) call.answer(undefined);
    await turns(20);
  }
  expect(calls.length).toBe(101);
});

/** Length, type and id. */
const frameHeadBytes = 9;

/** A read of many keys. */
function getManyFrame(id: number, keys: readonly string[], timeoutMs?: number): Uint8Array {
  return frame(FrameType.getMany, id, (sink) => {
    sink.u8(timeoutMs === undefined ? 0 : RequestFlag.timeout);
    if (timeoutMs !== undefined) sink.u32(timeoutMs);
    sink.u32(0);
    sink.u32(keys.length);
    for (const key of keys) sink.sized(new TextEncoder().encode(key));
  });
}

test("answers of many values are made when there is room for as much as they may have, and count until they have left", async () => {
  const account = new MemoryAccount();
  const { service, calls } = fakeService();
  const { client } = await welcomed(service, { memory: account.token("t") });
  for (let id = 1; id <= 100; id++) client.send(getManyFrame(id, [`key ${id}`]));
  await turns(20);
  expect(calls.map(({ method }) => method)).toEqual(["getMany", "getMany", "getMany", "getMany"]);
  expect(account.stats().heldBytes.reads).toBe(4 * bulkAnswerBytes);
  client.pause();
  for (const call of [...calls]) call.answer([new Uint8Array(1_000_000), undefined]);
  await turns(20);
  const { answers, reads } = account.stats().heldBytes;
  expect(answers).toBeGreaterThan(3_000_000);
  // The answers that the client has not taken leave room for fewer than before.
  expect(reads).toBeLessThanOrEqual(3 * bulkAnswerBytes);
  expect(calls.length).toBeLessThanOrEqual(4 + 3);
  client.resume();
  for (let round = 0; round < 200 && calls.length < 100; round++) {
    for (const call of calls) call.answer([]);
    await turns(5);
  }
  // What waited was kept: what arrived with it may have been overwritten since.
  expect(calls.map(({ args }) => text((args[1] as Uint8Array[])[0]))).toEqual(
    Array.from({ length: 100 }, (_, index) => `key ${index + 1}`),
  );
  for (const call of calls) call.answer([]);
  await turns(20);
  expect(account.stats().heldBytes).toMatchObject({ answers: 0, reads: 0 });
});

test("a request in parts that waits for room is not copied, one in a frame is", async () => {
  const { service, calls } = fakeService();
  const { client } = await welcomed(service);
  for (let id = 1; id <= 4; id++) client.send(getManyFrame(id, ["k"]));
  const key = "k".repeat(99_987);
  const message = getManyFrame(0, [key]).subarray(frameHeadBytes);
  client.send(
    frame(FrameType.firstPart, 5, (sink) => {
      sink.u8(FrameType.getMany);
      sink.u32(message.length);
      sink.raw(message);
    }),
    getManyFrame(6, ["small"]),
  );
  await turns(20);
  expect(calls).toHaveLength(4);
  for (let next = 0; next < 6; next++) {
    calls[next]!.answer([]);
    await turns();
  }
  const [[large], [small]] = calls.slice(4).map(({ args }) => args[1] as Uint8Array[]) as [
    [Uint8Array],
    [Uint8Array],
  ];
  expect(large.buffer.byteLength).toBe(message.length);
  expect(text(large)).toBe(key);
  expect(small.buffer.byteLength).toBe(4 + 4 + "small".length);
});

test("a call that waits for room waits no longer than it may take, and the room goes to others", async () => {
  const timers = fakeTimers();
  const account = new MemoryAccount();
  const { service, calls } = fakeService();
  const { client } = await welcomed(service, { memory: account.token("t"), timers });
  for (let id = 1; id <= 4; id++) client.send(getManyFrame(id, ["k"]));
  client.send(getManyFrame(5, ["short"], 100), getManyFrame(6, ["long"], 1000));
  await timers.advance(150);
  expect(codes(client)).toEqual([[5, "deadline_exceeded"]]);
  for (const call of [...calls]) call.answer([]);
  await turns(20);
  expect(calls).toHaveLength(5);
  // It has the time that is left.
  expect(calls[4]!.args[2]).toMatchObject({ timeoutMs: 850 });
  expect(account.stats().heldBytes.reads).toBe(bulkAnswerBytes);
  calls[4]!.answer([]);
  await turns(20);
  expect(account.stats().heldBytes.reads).toBe(0);
});

test("a session that ends lets go of answers that wait for room", async () => {
  const account = new MemoryAccount();
  const { service, calls } = fakeService();
  const { client } = await welcomed(service, { memory: account.token("t") });
  for (let id = 1; id <= 10; id++) client.send(getManyFrame(id, ["k"]));
  await turns(20);
  client.destroy();
  await turns(20);
  for (const call of calls) call.fail(new Error("too late"));
  await turns(20);
  expect(calls).toHaveLength(4);
  expect(account.stats().heldBytes).toMatchObject({ answers: 0, reads: 0 });
});

test("a request for many values that cannot be read holds no room", async () => {
  const account = new MemoryAccount();
  const { client } = await welcomed(fakeService().service, {
    memory: account.token("t"),
    limits: { requestMaxEntries: 2 },
  });
  client.send(getManyFrame(1, ["a", "b", "c"]));
  await turns();
  expect(codes(client)).toEqual([[1, "too_many_entries"]]);
  expect(account.stats().heldBytes.reads).toBe(0);
});
