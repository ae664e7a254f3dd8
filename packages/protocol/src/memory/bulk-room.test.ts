import { expect, test } from "vitest";
import { bulkAnswerBytes } from "../bulk.ts";
import { BulkRoom } from "./bulk-room.ts";
import { ConnectionMemory } from "./connection-memory.ts";
import { MemoryAccount } from "./memory-account.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function rooms() {
  const memory = new ConnectionMemory(new MemoryAccount().token("t"));
  return { memory, newRoom: () => new BulkRoom(memory) };
}

test("a connection makes as many answers of many values at once as its share holds; others wait for their turn", async () => {
  const { memory, newRoom } = rooms();
  const held = Array.from({ length: 4 }, newRoom);
  expect(held.map((room) => room.begin())).toEqual([undefined, undefined, undefined, undefined]);
  expect(memory.outgoingBytes).toBe(4 * bulkAnswerBytes);
  const fifth = newRoom();
  let hasBegun = false;
  const waiting = fifth.begin()!.then(() => {
    hasBegun = true;
  });
  await nextTurn();
  expect(hasBegun).toBe(false);
  held[0]!.end();
  held[0]!.end();
  await waiting;
  expect(memory.outgoingBytes).toBe(4 * bulkAnswerBytes);
});

test("values that fit in the room take none of their own, and it stays counted until the end", () => {
  const { memory, newRoom } = rooms();
  const room = newRoom();
  room.begin();
  for (const bytes of [bulkAnswerBytes / 2, bulkAnswerBytes]) {
    expect(room.reserve(bytes)).toBeUndefined();
    expect(memory.outgoingBytes).toBe(bulkAnswerBytes);
    room.release(bytes);
    expect(memory.outgoingBytes).toBe(bulkAnswerBytes);
  }
  room.end();
  expect(memory.outgoingBytes).toBe(0);
});

test("a single large value takes its room instead until the end, and does not wait for what it holds itself", () => {
  const { memory, newRoom } = rooms();
  const room = newRoom();
  room.begin();
  const large = 100 * 1024 * 1024;
  expect(room.reserve(large)).toBeUndefined();
  expect(memory.outgoingBytes).toBe(large);
  room.release(large);
  expect(memory.outgoingBytes).toBe(large);
  room.end();
  expect(memory.outgoingBytes).toBe(0);
});

test("room for a large value that comes after the end is given back", async () => {
  const { memory, newRoom } = rooms();
  const [room, other] = [newRoom(), newRoom()];
  room.begin();
  other.begin();
  const waiting = room.reserve(100 * 1024 * 1024)!;
  room.end();
  other.end();
  await waiting;
  expect(memory.outgoingBytes).toBe(0);
});

test("one that is not wanted any more holds nothing", async () => {
  const { memory, newRoom } = rooms();
  const held = Array.from({ length: 4 }, newRoom);
  for (const room of held) room.begin();
  const late = newRoom();
  const waiting = late.begin();
  memory.forgetReads(memory, new Error("the connection is gone"));
  await expect(waiting).rejects.toThrow("gone");
  late.end();
  for (const room of held) room.end();
  expect(memory.outgoingBytes).toBe(0);
});
